import { lockOf } from '../book/account.ts';
import { accept, type Decision, refuse } from '../book/refusal.ts';
import type { Ledger } from '../economy/ledger.ts';
import type { Cause, Mandate } from '../economy/mandate.ts';
import { ROOT_NETUID } from '../economy/root-netuid.ts';
import { spendMandate } from '../economy/spend-mandate.ts';
import { creationCost, lastCreation, rememberCreation } from './creation-lock.ts';
import { lowestSubnet, tellSubnet, WAITING_SUBNETS_MAX, waitingSubnets } from './prune-subnet.ts';
import type { SubnetLock } from './subnet-life.ts';

/** Subnets at once where genesis does not say, as on the chain. */
export const SUBNETS_MAX = 128;

/** Who wants a subnet, and on what terms. Money in rao. */
export interface SubnetBuyer {
  /** SS58. */
  readonly payer: string;
  /** null: by the payer's own order. */
  readonly mandate: Mandate | null;
  readonly cause: Cause;
  /** Absent: as much as the mandate allows. */
  readonly maxCost?: bigint;
}

/**
 * Takes a new subnet's lock, where genesis sells them, on to the account of the next netuid; none where they are free. In a network
 * that is full the lowest one is told, and the new one waits for its place. The caller makes the subnet in the same command.
 */
export function buySubnet(ledger: Ledger, { payer, mandate, cause, maxCost }: SubnetBuyer): Decision<Bought> {
  const { subnetCreation } = ledger.network.genesis;
  const limit = subnetCreation?.limit ?? SUBNETS_MAX;
  const waiting = waitingSubnets(ledger).length;
  const isFull = livingSubnets(ledger) - waiting >= limit;
  const lowest = isFull && waiting < WAITING_SUBNETS_MAX ? lowestSubnet(ledger) : undefined;
  if (isFull && lowest === undefined) {
    return refuse('SUBNET_LIMIT', `the network has ${limit} subnets already, and none of them may go at present`);
  }
  if (subnetCreation === undefined) return accept({});
  const from = (lastCreation(ledger)?.block ?? -subnetCreation.rateLimitBlocks) + subnetCreation.rateLimitBlocks;
  if (ledger.block < from) return refuse('SUBNET_RATE_LIMIT', `the next subnet can be created from block ${from} on`);
  const rao = creationCost(ledger);
  if (maxCost !== undefined && rao > maxCost) {
    return refuse('COST_ABOVE_MAX', `a subnet costs ${rao} rao, maxCost is ${maxCost}`);
  }
  const netuid = ledger.network.lastNetuid + 1;
  if (mandate !== null) {
    const spent = spendMandate(ledger, mandate, { operation: 'CreateSubnet', netuid, cause, amount: rao });
    if (!spent.ok) return spent;
  }
  const parts = [{ to: lockOf(netuid), amount: rao }];
  const paid = ledger.book.pay({ asset: ledger.asset, from: payer, parts });
  if (!paid.ok) return paid;
  rememberCreation(ledger, rao);
  const lock = { rao, ownerReceived: 0n };
  if (lowest === undefined) return accept({ lock });
  tellSubnet(ledger, lowest, { netuid, price: rao });
  return accept({ lock, waitsFor: lowest.netuid });
}

/** What a new subnet begins with. */
export interface Bought {
  readonly lock?: SubnetLock;
  readonly waitsFor?: number;
}

/** Markets that have not ended. */
export function livingSubnets(ledger: Ledger): number {
  return [...ledger.subnets.values()].filter(
    ({ netuid, dissolution }) => netuid !== ROOT_NETUID && dissolution?.phase !== 'Dissolved',
  ).length;
}
