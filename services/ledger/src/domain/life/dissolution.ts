import { accept, type Decision, refuse } from '../book/refusal.ts';
import type { Ledger } from '../economy/ledger.ts';
import type { Cause, Mandate, MandateUse } from '../economy/mandate.ts';
import { ROOT_NETUID } from '../economy/root-netuid.ts';
import { spendMandate } from '../economy/spend-mandate.ts';
import type { Subnet } from '../economy/subnet.ts';
import { subnetView } from '../economy/views.ts';
import type { Dissolution } from './subnet-life.ts';

/** Blocks that an announcement runs at least where genesis does not say: a day of 12 s blocks. */
export const DISSOLUTION_NOTICE_BLOCKS = 7200;
/** The longest: about half a year of 12 s blocks. */
const NOTICE_BLOCKS_MAX = 1_296_000;

/** Blocks of notice that a subnet's end needs. */
export function dissolutionNotice({ network: { genesis } }: Pick<Ledger, 'network'>): number {
  return genesis.subnetRemoval?.noticeBlocks ?? DISSOLUTION_NOTICE_BLOCKS;
}

/** Announces the end of a subnet at its owner's wish; a block of 0 asks for the shortest notice. Repeats change nothing. */
export function announceDissolution(
  ledger: Ledger,
  owner: string,
  { netuid, atBlock }: { readonly netuid: number; readonly atBlock: number },
): Decision<Subnet> {
  const found = ownSubnet(ledger, owner, netuid);
  if (!found.ok) return found;
  const subnet = found.value;
  if (subnet.waitsFor !== undefined) {
    return refuse('SUBNET_WAITING', `subnet ${subnet.handle} waits for its place, and ends by itself if it gets none`);
  }
  if (subnet.dissolution !== undefined) {
    const { dissolution } = subnet;
    if (dissolution.phase === 'Announced' && (atBlock === 0 || atBlock === dissolution.atBlock)) return accept(subnet);
    return refuse('SUBNET_DISSOLVING', `subnet ${subnet.handle} ends at block ${dissolution.atBlock} already`);
  }
  const earliest = ledger.block + dissolutionNotice(ledger);
  if (atBlock !== 0 && (atBlock < earliest || atBlock > ledger.block + NOTICE_BLOCKS_MAX)) {
    return refuse(
      'NOTICE_TOO_SHORT',
      `a subnet ends at block ${earliest} at the earliest and ${ledger.block + NOTICE_BLOCKS_MAX} at the latest, not at ${atBlock}`,
    );
  }
  const dissolution: Dissolution = {
    phase: 'Announced',
    announcedAtBlock: ledger.block,
    atBlock: atBlock === 0 ? earliest : atBlock,
  };
  const announced = { ...subnet, dissolution };
  writeLife(ledger, announced, 'SubnetDissolutionAnnounced');
  return accept(announced);
}

/** The subnet of an owner that may still go on, however its end was announced. */
export function announcedSubnet(ledger: Ledger, owner: string, netuid: number): Decision<Subnet> {
  const found = ownSubnet(ledger, owner, netuid);
  if (!found.ok || found.value.dissolution?.phase === 'Announced') return found;
  return refuse('DISSOLUTION_UNKNOWN', `the end of subnet ${netuid} is not announced, or has begun already`);
}

/** Takes an announcement of the owner's own back before its block. */
export function takeBack(ledger: Ledger, { dissolution: _dissolution, ...kept }: Subnet): Subnet {
  writeLife(ledger, kept, 'SubnetDissolutionTakenBack');
  return kept;
}

/** The same as an order, by a mandate of the owner's. */
export function dissolveByMandate(
  ledger: Ledger,
  request: { readonly netuid: number; readonly atBlock: number; readonly mandate: Mandate; readonly cause: Cause },
): Decision<{ readonly subnet: Subnet; readonly mandate: MandateUse }> {
  const { netuid, mandate, cause } = request;
  const spent = spendMandate(ledger, mandate, { operation: 'DissolveSubnet', netuid, cause, amount: 0n });
  if (!spent.ok) return spent;
  const announced = announceDissolution(ledger, mandate.payer, request);
  return announced.ok ? accept({ subnet: announced.value, mandate: spent.value }) : announced;
}

function ownSubnet(ledger: Ledger, owner: string, netuid: number): Decision<Subnet> {
  const subnet = netuid === ROOT_NETUID ? undefined : ledger.subnet(netuid);
  if (subnet === undefined) return refuse('SUBNET_UNKNOWN', `there is no subnet ${netuid}`);
  return subnet.owner === owner
    ? accept(subnet)
    : refuse('NOT_OWNER', `subnet ${netuid} belongs to ${subnet.owner}, not to ${owner}`);
}

/** Stores a subnet whose life changed and tells everybody. */
export function writeLife(ledger: Ledger, subnet: Subnet, kind: string): void {
  ledger.putSubnet(subnet);
  ledger.journal.write({
    block: ledger.block,
    kind,
    payload: { subnet: subnetView(ledger, subnet) },
    event: { kind: 'subnet', netuid: subnet.netuid },
  });
}
