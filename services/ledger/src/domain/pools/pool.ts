import { MINT, poolOf } from '../book/account.ts';
import { accept, type Decision, refuse } from '../book/refusal.ts';
import type { Ledger } from '../economy/ledger.ts';
import type { Curve } from './curve.ts';
import { type SubnetTokens, tokenOf } from './token-terms.ts';

/** What the ledger keeps of a subnet's pool beside its reserves, which are balances of the book. */
export interface PoolRecord {
  readonly netuid: number;
  /** Weight of TAO in 10^-18. */
  readonly quoteWeight: bigint;
  /** I96F32. */
  readonly movingPrice: bigint;
  /** First block with emission; null before. */
  readonly firstEmissionBlock: number | null;
  /** Rao that traders have put in since the last block, less what they took out. */
  readonly traded: bigint;
  /** Rao that swaps have moved since the last block, in and out; absent before the first. */
  readonly moved?: bigint;
  /** Rao that blocks have put in since the last one was followed: none between two blocks. */
  readonly injected: bigint;
  /** Moving averages of rao a block, counts of 2^-64: what traders put in, and what blocks did. */
  readonly userFlow: bigint;
  readonly protocolFlow: bigint;
  /** Rao that swaps have moved, in and out, ever. */
  readonly volume: bigint;
}

/** A pool as a swap finds it. */
export interface OpenPool {
  readonly record: PoolRecord;
  readonly curve: Curve;
  readonly terms: SubnetTokens;
}

/** Undefined in a network without subnet tokens, and of what is no market. */
export function findPool(ledger: Ledger, netuid: number): OpenPool | undefined {
  const terms = ledger.network.genesis.subnetTokens;
  const record = ledger.pools.get(String(netuid));
  if (terms === undefined || record === undefined) return undefined;
  const account = poolOf(netuid);
  const curve: Curve = {
    type: terms.type,
    tao: ledger.book.posted(ledger.asset, account),
    alpha: ledger.book.posted(tokenOf(netuid), account),
    quoteWeight: record.quoteWeight,
  };
  return { record, curve, terms };
}

export function needPool(ledger: Ledger, netuid: number): Decision<OpenPool> {
  const found = findPool(ledger, netuid);
  if (found !== undefined) return accept(found);
  return ledger.network.genesis.subnetTokens === undefined
    ? refuse('POOL_UNKNOWN', 'subnets of this network have no tokens: its genesis names none')
    : refuse('POOL_UNKNOWN', `subnet ${netuid} has no pool`);
}

export function putPool(ledger: Ledger, record: PoolRecord): void {
  ledger.pools.put(String(record.netuid), record);
}

/** Ascending by netuid. */
export function allPools(ledger: Ledger): readonly PoolRecord[] {
  return [...ledger.pools.values()].toSorted((a, b) => a.netuid - b.netuid);
}

/** All of a subnet's token that there is: in the pool, held, bought by blocks, burned. */
export function tokenIssued(ledger: Ledger, netuid: number): bigint {
  return -ledger.book.posted(tokenOf(netuid), MINT);
}
