import { createHash } from 'node:crypto';
import { canonicalJson } from '@subnetes/consensus/epoch-json';
import { RpcCode, RpcError } from '@subnetes/proto/rpc-error';

export const TAO = 1_000_000_000n;

/** One entry as the ledger lists it. */
export interface Entry {
  sequence: bigint;
  block: bigint;
  kind: string;
  hash: Buffer;
  payloadJson: string;
  postings: { account: string; asset: string; delta: string; balanceAfter: string }[];
}

/** Genesis to a wallet, blocks that mint into a pot, one burn, and the payout of epoch 5: hashed as the ledger hashes. */
export function fakeJournal(): Entry[] {
  const balances = new Map<string, bigint>();
  const moves: [string, string, bigint][] = [
    ['mint', 'owner', 100n * TAO],
    ...Array.from({ length: 2500 }, (): [string, string, bigint] => ['mint', 'pot:1', TAO]),
    ['owner', 'burned', TAO],
    ['pot:1', 'coldkey-of-garch', 4n * TAO],
  ];
  const entries = moves.map(([from, to, amount], at): Entry => {
    const postings = (
      [
        [from, -amount],
        [to, amount],
      ] as const
    ).map(([account, delta]) => {
      const balance = (balances.get(account) ?? 0n) + delta;
      balances.set(account, balance);
      return { account, asset: 'TAO', delta: delta.toString(), balanceAfter: balance.toString() };
    });
    const isPayout = to === 'coldkey-of-garch';
    const kind = at === 0 ? 'Genesis' : isPayout ? 'EpochPaid' : 'Block';
    const payloadJson = canonicalJson(isPayout ? payoutOf(amount) : { number: at });
    return { sequence: BigInt(at + 1), block: BigInt(at), kind, hash: Buffer.alloc(32), payloadJson, postings };
  });
  return chained(entries);
}

function payoutOf(amount: bigint) {
  const registrationId = '4'.padStart(64, '0');
  return { netuid: 1, index: 5, neurons: [{ uid: 3, registrationId, incentive: amount.toString(), dividend: '0' }] };
}

/** The same entries with the hashes of their content. */
export function chained(entries: readonly Entry[]): Entry[] {
  let previous = Buffer.alloc(32);
  return entries.map((entry) => {
    const { block, kind, payloadJson, postings } = entry;
    const text = `{"block":${block},"kind":"${kind}","payload":${payloadJson},"postings":${canonicalJson(postings)}}`;
    previous = createHash('sha256').update(previous).update(text, 'utf8').digest();
    return { ...entry, hash: previous };
  });
}

/** A page of the entries that are kept. */
export function listEntries(
  { entries, archivedTo }: { readonly entries: readonly Entry[]; readonly archivedTo: number },
  { afterSequence, limit }: { readonly afterSequence: bigint; readonly limit: number },
) {
  if (Number(afterSequence) < archivedTo)
    throw new RpcError({
      code: RpcCode.OUT_OF_RANGE,
      reason: 'ARCHIVED',
      message: `entries up to ${archivedTo} are archived`,
      metadata: { archived_to: String(archivedTo) },
    });
  const page = entries.slice(Number(afterSequence), Number(afterSequence) + limit);
  return { entries: page, lastSequence: BigInt(entries.length) };
}
