import { blockReward } from '@subnetes/consensus/issuance';
import { RAO_PER_TOKEN } from '@subnetes/money/amount';
import type { SubnetCreation } from '../economy/genesis.ts';
import type { Ledger } from '../economy/ledger.ts';

/** What the last subnet cost, and when. Rao. */
export interface CreationPrice {
  readonly rao: bigint;
  readonly block: number;
}

const PRICE_KEY = 'last';

/**
 * What a subnet costs in a block: twice what the last one cost, falling by that one's price in every interval, down to the minimum.
 * Source: subtensor, get_network_lock_cost.
 */
export function creationCostAt(
  terms: Pick<SubnetCreation, 'minLock'> & { readonly intervalBlocks: bigint },
  last: CreationPrice | undefined,
  block: number,
): bigint {
  if (last === undefined) return terms.minLock;
  const interval = terms.intervalBlocks > 0n ? terms.intervalBlocks : 1n;
  const fallen = 2n * last.rao - (last.rao / interval) * BigInt(block - last.block);
  return fallen > terms.minLock ? fallen : terms.minLock;
}

/** What a subnet costs now, in rao; 0 where subnets are free. */
export function creationCost(ledger: Ledger): bigint {
  const { genesis } = ledger.network;
  const { subnetCreation } = genesis;
  if (subnetCreation === undefined) return 0n;
  const reward = blockReward(genesis, ledger.issued);
  const intervalBlocks = (BigInt(subnetCreation.reductionIntervalBlocks) * reward) / RAO_PER_TOKEN;
  return creationCostAt({ minLock: subnetCreation.minLock, intervalBlocks }, lastCreation(ledger), ledger.block);
}

export function lastCreation(ledger: Ledger): CreationPrice | undefined {
  return ledger.creationPrices.get(PRICE_KEY);
}

/** From now on the next subnet costs twice as much. */
export function rememberCreation(ledger: Ledger, rao: bigint): void {
  ledger.creationPrices.put(PRICE_KEY, { rao, block: ledger.block });
}
