import { accountKey, delegatedOf } from '#domain/book/account.ts';
import { canonicalJson, jsonOf } from '#domain/book/canonical-json.ts';
import { dueEpochOf } from '#domain/audit/paid-epoch.ts';
import { potBreak, type RootOwed, rootOwed } from '#domain/audit/root-paid.ts';
import type { ScoredEpoch } from '#domain/economy/payout.ts';
import type { SealedEpoch } from '#domain/economy/sealed-epoch.ts';

const ASSET = 'TAO';

/**
 * What of an epoch's dividends is root's, by the audit's reckoning, which shares no code with the ledger's payment. `heldOf`: rao
 * that count in a hotkey's pool on root.
 */
export function rootOfEpoch(
  sealed: SealedEpoch,
  scored: ScoredEpoch,
  heldOf: (hotkey: string) => bigint,
): Pick<RootOwed, 'parts' | 'dividends' | 'unattributed'> {
  const due = dueEpochOf(canonicalJson(jsonOf({ epoch: sealed })));
  if (due === undefined) throw new Error('a sealed epoch is none');
  const broken = potBreak(due);
  if (broken !== undefined) throw new Error(broken);
  const { netuid, index } = sealed;
  const told = {
    netuid,
    index,
    owner: sealed.owner,
    unattributed: 0n,
    neurons: scored.neurons.map(({ uid, incentive, dividend }) => ({ uid, rao: incentive + dividend, dividend })),
  };
  const dividends = new Map(scored.neurons.map(({ uid, dividend }) => [uid, dividend]));
  const balances = new Map(
    sealed.neurons.map(({ hotkey }) => [accountKey(ASSET, delegatedOf(0, hotkey)), heldOf(hotkey)]),
  );
  return rootOwed(due, { told, dividends }, { asset: ASSET, balances });
}
