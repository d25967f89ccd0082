import { lockOf } from '../book/account.ts';
import { accept, type Decision, refuse } from '../book/refusal.ts';
import { emissionSplit } from '../economy/emission-split.ts';
import type { Ledger } from '../economy/ledger.ts';
import { ROOT_NETUID } from '../economy/root-netuid.ts';
import type { Subnet } from '../economy/subnet.ts';
import { dissolutionNotice, writeLife } from './dissolution.ts';

/** New subnets that wait at once for the place of one that has notice. */
export const WAITING_SUBNETS_MAX = 4;

/**
 * Who goes next when the network is full: the smallest share of the next block, of equals who began first, then the lowest netuid.
 * Those that end already, wait themselves or are immune do not go.
 */
export function lowestSubnet(ledger: Ledger): Subnet | undefined {
  const { subnetCreation } = ledger.network.genesis;
  if (subnetCreation === undefined) return undefined;
  const shares = new Map(emissionSplit(ledger).parts.map(({ netuid, weight }) => [netuid, weight]));
  const shareOf = ({ netuid }: Subnet): bigint => shares.get(netuid) ?? 0n;
  const mayGo = (subnet: Subnet): boolean =>
    subnet.netuid !== ROOT_NETUID &&
    subnet.dissolution === undefined &&
    subnet.waitsFor === undefined &&
    ledger.block >= Math.max(subnet.startBlock + subnetCreation.immunityBlocks, subnet.protectedUntilBlock ?? 0);
  return [...ledger.subnets.values()].filter(mayGo).toSorted((a, b) => {
    const [left, right] = [shareOf(a), shareOf(b)];
    if (left !== right) return left < right ? -1 : 1;
    return a.startBlock - b.startBlock || a.netuid - b.netuid;
  })[0];
}

/** New subnets that wait for a place. */
export function waitingSubnets(ledger: Ledger): readonly Subnet[] {
  return [...ledger.subnets.values()]
    .filter(({ waitsFor }) => waitsFor !== undefined)
    .toSorted((a, b) => a.netuid - b.netuid);
}

/** Tells a subnet that its place is wanted; it ends after the notice unless its owner pays the same. */
export function tellSubnet(
  ledger: Ledger,
  subnet: Subnet,
  newcomer: { readonly netuid: number; readonly price: bigint },
): void {
  const atBlock = ledger.block + dissolutionNotice(ledger);
  const dissolution = { phase: 'Announced', announcedAtBlock: ledger.block, atBlock, newcomer } as const;
  writeLife(ledger, { ...subnet, dissolution }, 'SubnetDissolutionAnnounced');
}

/**
 * The owner of a subnet that was told adds to its lock what the newcomer has locked, and it stays, immune as if it were new. The newcomer
 * waits for the next one; where nobody is left it ends at once, which gives its lock back.
 */
export function keepByPaying(ledger: Ledger, subnet: Subnet, maxCost: bigint): Decision<Subnet> {
  const { dissolution, ...kept } = subnet;
  const newcomer = dissolution?.newcomer;
  if (newcomer === undefined) throw new Error(`subnet ${subnet.netuid} has no newcomer to pay against`);
  const { price } = newcomer;
  if (price > maxCost) return refuse('COST_ABOVE_MAX', `the newcomer has locked ${price} rao, maxCost is ${maxCost}`);
  const parts = [{ to: lockOf(subnet.netuid), amount: price }];
  const paid = ledger.book.pay({ asset: ledger.asset, from: subnet.owner, parts });
  if (!paid.ok) return paid;
  const { rao, ownerReceived } = subnet.lock ?? { rao: 0n, ownerReceived: 0n };
  const immunity = ledger.network.genesis.subnetCreation?.immunityBlocks ?? 0;
  const staying: Subnet = {
    ...kept,
    lock: { rao: rao + price, ownerReceived },
    protectedUntilBlock: ledger.block + immunity,
  };
  writeLife(ledger, staying, 'SubnetKept');
  const waiting = ledger.subnet(newcomer.netuid);
  if (waiting !== undefined) passOn(ledger, waiting, price);
  return accept(staying);
}

function passOn(ledger: Ledger, waiting: Subnet, price: bigint): void {
  const next = lowestSubnet(ledger);
  if (next !== undefined) {
    tellSubnet(ledger, next, { netuid: waiting.netuid, price });
    writeLife(ledger, { ...waiting, waitsFor: next.netuid }, 'SubnetWaits');
    return;
  }
  const { waitsFor: _waitsFor, ...alone } = waiting;
  const dissolution = { phase: 'Announced', announcedAtBlock: ledger.block, atBlock: ledger.block } as const;
  writeLife(ledger, { ...alone, dissolution }, 'SubnetWithoutPlace');
}

/** Begins new subnets whose place is free, as a block ends. */
export function beginWaiting(ledger: Ledger): void {
  for (const subnet of waitingSubnets(ledger)) {
    const before = ledger.subnet(subnet.waitsFor ?? ROOT_NETUID);
    if (before?.dissolution?.phase !== 'Dissolved') continue;
    const { waitsFor: _waitsFor, ...begun } = subnet;
    writeLife(ledger, { ...begun, startBlock: ledger.block }, 'SubnetBegins');
  }
}
