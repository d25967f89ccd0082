import { accountKey, delegatedOf } from '../book/account.ts';
import type { Posting } from '../book/journal.ts';
import { sumsOf } from './moves.ts';
import type { DueEpoch, ToldPayment } from './paid-epoch.ts';
import { parsed } from './parsed.ts';

/** What has to go on to those who delegated, right after an epoch was paid. */
export interface DelegatorsOwed {
  readonly netuid: number;
  readonly index: number;
  /** Rao by uid, more than zero. */
  readonly parts: ReadonlyMap<number, { readonly hotkey: string; readonly coldkey: string; readonly rao: bigint }>;
}

interface DelegatorsPayload {
  readonly netuid: number;
  readonly index: number;
  readonly pools: readonly {
    readonly uid: number;
    readonly hotkey: string;
    readonly coldkey: string;
    readonly rao: string;
  }[];
}

const U16 = 65_535n;

/**
 * By what was sealed: of each dividend the part of the stake that was delegated, less the take, both rounded down. A pool that
 * all have left since the seal holds nothing, and gets nothing.
 */
export function delegatorsOwed(
  epoch: DueEpoch,
  told: ToldPayment,
  paid: { readonly asset: string; readonly balances: ReadonlyMap<string, bigint> },
): DelegatorsOwed {
  const { netuid, index, neurons } = epoch;
  const parts = told.neurons.flatMap(({ uid, dividend }) => {
    const neuron = neurons.get(uid);
    if (neuron === undefined || neuron.stake === 0n) return [];
    const { hotkey, coldkey, stake, delegated, takeU16 } = neuron;
    const byStake = (dividend * delegated) / stake;
    const rao = byStake - (byStake * takeU16) / U16;
    const pooled = paid.balances.get(accountKey(paid.asset, delegatedOf(netuid, hotkey))) ?? 0n;
    return rao > 0n && pooled > 0n ? [[uid, { hotkey, coldkey, rao }] as const] : [];
  });
  return { netuid, index, parts: new Map(parts) };
}

/** What the entry right after a payment does wrong; undefined where it pays on what is owed, or nothing is and it is another one. */
export function delegatorsBreak(
  owed: DelegatorsOwed | undefined,
  entry: { readonly kind: string; readonly payloadText: string; readonly postings: readonly Posting[] },
): string | undefined {
  if (entry.kind !== 'DelegatorsPaid') {
    if (owed === undefined || owed.parts.size === 0) return undefined;
    return `epoch ${owed.index} of subnet ${owed.netuid} is paid and its delegators are not`;
  }
  const told = parsed(entry.payloadText, (payload: DelegatorsPayload) => ({
    ...payload,
    pools: payload.pools.map((pool) => ({ ...pool, rao: BigInt(pool.rao) })),
  }));
  if (told === undefined) return 'its payload is none of a payment to delegators';
  const name = `epoch ${told.index} of subnet ${told.netuid}`;
  if (owed?.netuid !== told.netuid || owed.index !== told.index)
    return `delegators of ${name} are paid after no payment`;
  for (const { uid, hotkey, coldkey, rao } of told.pools) {
    const part = owed.parts.get(uid);
    if (part?.rao === rao && part.hotkey === hotkey && part.coldkey === coldkey) continue;
    return `${name} passes ${rao} rao on to the delegators of uid ${uid}, it should be ${part?.rao ?? 0n}`;
  }
  const uids = new Set(told.pools.map(({ uid }) => uid));
  const missing = [...owed.parts.keys()].find((uid) => !uids.has(uid));
  if (missing !== undefined) return `${name} passes nothing on to the delegators of uid ${missing}`;
  if (uids.size !== told.pools.length) return `${name} pays delegators twice`;
  return wrongMove(owed, entry.postings, name);
}

function wrongMove(owed: DelegatorsOwed, postings: readonly Posting[], name: string): string | undefined {
  const expected = sumsOf(
    [...owed.parts.values()].flatMap(({ hotkey, coldkey, rao }) => [
      [coldkey, -rao] as const,
      [delegatedOf(owed.netuid, hotkey), rao] as const,
    ]),
  );
  const moved = sumsOf(postings.map(({ account, delta }) => [account, delta]));
  for (const account of new Set([...expected.keys(), ...moved.keys()])) {
    const [actual, right] = [moved.get(account) ?? 0n, expected.get(account) ?? 0n];
    if (actual !== right) return `${name} moves ${actual} rao on ${account} for delegators, it should be ${right}`;
  }
  return undefined;
}
