import { lockOf } from '../book/account.ts';
import { accept, type Decision, refuse } from '../book/refusal.ts';
import type { Ledger } from '../economy/ledger.ts';
import type { Cause, Mandate } from '../economy/mandate.ts';
import { ROOT_NETUID } from '../economy/root-network.ts';
import { spendMandate } from '../economy/spend-mandate.ts';
import { creationCost, lastCreation, rememberCreation } from './creation-lock.ts';
import type { SubnetLock } from './subnet-life.ts';

/** Subnets at once where genesis does not say, as on the chain. */
export const SUBNETS_MAX = 128;

/** Who wants a subnet, and on what terms. Money in rao. */
export interface SubnetBuyer {
  readonly mandate: Mandate;
  readonly cause: Cause;
  /** Absent: as much as the mandate allows. */
  readonly maxCost?: bigint;
}

/**
 * Takes a new subnet's lock, where genesis sells them, on to the account of the next netuid; undefined where they are free. The
 * caller makes the subnet in the same command.
 */
export function buySubnet(ledger: Ledger, { mandate, cause, maxCost }: SubnetBuyer): Decision<SubnetLock | undefined> {
  const { subnetCreation } = ledger.network.genesis;
  const limit = subnetCreation?.limit ?? SUBNETS_MAX;
  if (livingSubnets(ledger) >= limit) return refuse('SUBNET_LIMIT', `the network has ${limit} subnets already`);
  if (subnetCreation === undefined) return accept(undefined);
  const from = (lastCreation(ledger)?.block ?? -subnetCreation.rateLimitBlocks) + subnetCreation.rateLimitBlocks;
  if (ledger.block < from) return refuse('SUBNET_RATE_LIMIT', `the next subnet can be created from block ${from} on`);
  const rao = creationCost(ledger);
  if (maxCost !== undefined && rao > maxCost) {
    return refuse('COST_ABOVE_MAX', `a subnet costs ${rao} rao, maxCost is ${maxCost}`);
  }
  const netuid = ledger.network.lastNetuid + 1;
  const spent = spendMandate(ledger, mandate, { operation: 'CreateSubnet', netuid, cause, amount: rao });
  if (!spent.ok) return spent;
  const parts = [{ to: lockOf(netuid), amount: rao }];
  const paid = ledger.book.pay({ asset: ledger.asset, from: mandate.payer, parts });
  if (!paid.ok) return paid;
  rememberCreation(ledger, rao);
  return accept({ rao, ownerReceived: 0n });
}

/** Markets that have not ended. */
export function livingSubnets(ledger: Ledger): number {
  return [...ledger.subnets.values()].filter(
    ({ netuid, dissolution }) => netuid !== ROOT_NETUID && dissolution?.phase !== 'Dissolved',
  ).length;
}
