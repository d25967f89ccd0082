import type { Ledger } from '../economy/ledger.ts';
import { livingSubnets, SUBNETS_MAX } from './buy-subnet.ts';
import { lowestSubnet, waitingSubnets } from './prune-subnet.ts';
import { creationCost, type CreationPrice, lastCreation } from './creation-lock.ts';

/** What a subnet costs now, and from when on there may be one. Money in rao. */
export interface CreationView {
  readonly cost: bigint;
  readonly min: bigint;
  readonly last: CreationPrice | undefined;
  readonly fromBlock: number;
  readonly subnets: number;
  readonly limit: number;
  /** New subnets that wait for a place. */
  readonly waiting: number;
  /** Who is told when the network is full; 0: nobody may go. */
  readonly lowestNetuid: number;
  readonly block: number;
}

export function creationView(ledger: Ledger): CreationView {
  const { subnetCreation } = ledger.network.genesis;
  const last = lastCreation(ledger);
  return {
    cost: creationCost(ledger),
    min: subnetCreation?.minLock ?? 0n,
    last,
    fromBlock: last === undefined ? 0 : last.block + (subnetCreation?.rateLimitBlocks ?? 0),
    subnets: livingSubnets(ledger),
    limit: subnetCreation?.limit ?? SUBNETS_MAX,
    waiting: waitingSubnets(ledger).length,
    lowestNetuid: lowestSubnet(ledger)?.netuid ?? 0,
    block: ledger.block,
  };
}
