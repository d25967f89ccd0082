import { createHash } from 'node:crypto';
import { canonicalJson } from '@subnetes/consensus/epoch-json';

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

/** Genesis to a wallet, blocks that mint into a pot, and one burn: hashed as the ledger hashes. */
export function fakeJournal(): Entry[] {
  const balances = new Map<string, bigint>();
  let previous = Buffer.alloc(32);
  const moves: [string, string, bigint][] = [
    ['mint', 'owner', 100n * TAO],
    ...Array.from({ length: 2500 }, (): [string, string, bigint] => ['mint', 'pot:1', TAO]),
    ['owner', 'burned', TAO],
  ];
  return moves.map(([from, to, amount], at): Entry => {
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
    const kind = at === 0 ? 'Genesis' : 'Block';
    const payloadJson = canonicalJson({ number: at });
    const text = `{"block":${at},"kind":"${kind}","payload":${payloadJson},"postings":${canonicalJson(postings)}}`;
    previous = createHash('sha256').update(previous).update(text, 'utf8').digest();
    return { sequence: BigInt(at + 1), block: BigInt(at), kind, hash: previous, payloadJson, postings };
  });
}
