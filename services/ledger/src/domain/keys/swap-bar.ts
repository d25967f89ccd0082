import { type Refusal, refuse } from '../book/refusal.ts';
import type { Ledger } from '../economy/ledger.ts';

/** What a coldkey has announced: the key that is to follow it, as a hash until the swap. */
export interface ColdkeySwap {
  /** Hex sha256 of the new coldkey's address. */
  readonly newColdkeySha256: string;
  readonly announcedAtBlock: number;
  /** The first block at which the swap can be carried out. */
  readonly fromBlock: number;
  /** Somebody with this key says that the swap is not theirs: nothing goes out any more. */
  readonly disputed: boolean;
}

/** Why a coldkey spends nothing now: it has announced that another key follows it. As on the chain, until that is done. */
export function swapBar(ledger: Ledger, coldkey: string): Refusal | undefined {
  const swap = ledger.coldkeySwaps.get(coldkey);
  if (swap === undefined) return undefined;
  if (swap.disputed) {
    return refuse(
      'KEY_SWAP_DISPUTED',
      `the swap of ${coldkey} is disputed: nothing goes out of it until that is settled`,
    );
  }
  return refuse(
    'KEY_SWAP_PENDING',
    `${coldkey} announced in block ${swap.announcedAtBlock} that another key follows it, from block ${swap.fromBlock} on: until then it can only swap or dispute`,
  );
}
