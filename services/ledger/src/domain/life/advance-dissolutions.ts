import { BURNED, lockOf, potOf, sealedOf, unattributedOf } from '../book/account.ts';
import { accept, type Decision } from '../book/refusal.ts';
import { endLinks } from '../children/links.ts';
import { returnDelegation } from '../economy/delegation.ts';
import { placeOfPosition } from '../economy/delegation-rows.ts';
import type { Ledger } from '../economy/ledger.ts';
import { endRegistration } from '../economy/registration.ts';
import type { Subnet } from '../economy/subnet.ts';
import { challengesOf, giveBack, putChallenges, withdraw } from './challenge.ts';
import { closePool } from './close-pool.ts';
import { writeLife } from './dissolution.ts';
import { beginWaiting } from './prune-subnet.ts';
import type { Dissolution } from './subnet-life.ts';

/** Neurons that one block takes out. */
export const NEURONS_PER_BLOCK = 32;
/** Delegations that one block gives back. */
export const DELEGATIONS_PER_BLOCK = 250;

/** Brings subnets that end one step further, as a block ends; a step is bounded, however large the subnet is. */
export function advanceDissolutions(ledger: Ledger): Decision<undefined> {
  const ending = [...ledger.subnets.values()]
    .filter(({ dissolution }) => dissolution !== undefined && dissolution.phase !== 'Dissolved')
    .toSorted((a, b) => a.netuid - b.netuid);
  for (const subnet of ending) {
    const advanced = advance(ledger, subnet);
    if (!advanced.ok) return advanced;
  }
  beginWaiting(ledger);
  return accept(undefined);
}

function advance(ledger: Ledger, subnet: Subnet): Decision<undefined> {
  const { dissolution, netuid } = subnet;
  if (dissolution === undefined) return accept(undefined);
  if (dissolution.phase === 'Announced') {
    return ledger.block < dissolution.atBlock ? accept(undefined) : begin(ledger, subnet, dissolution);
  }
  // What was sealed was worked for: it is paid first, unless nobody brings its outputs for a whole tempo.
  if (ledger.sealed.get(String(netuid)) !== undefined && ledger.block < (dissolution.settleByBlock ?? 0)) {
    return accept(undefined);
  }
  const neurons = ledger.neuronsOf(netuid);
  if (neurons.length > 0) return endNeurons(ledger, neurons.slice(0, NEURONS_PER_BLOCK));
  const { slices = 0 } = dissolution;
  if (slices > 0) return giveSliceBack(ledger, subnet, { ...dissolution, slices });
  // Who has followed another as a coldkey since the lists were made is in none of them: they are made again until none is left.
  const listed = dissolution.buyout === undefined ? listDelegations(ledger, netuid) : 0;
  if (listed > 0 || dissolution.slices === undefined) {
    ledger.putSubnet({ ...subnet, dissolution: { ...dissolution, slices: listed } });
    return accept(undefined);
  }
  const closing = closePool(ledger, subnet, dissolution.buyout);
  if (!closing.ok) return closing;
  if (closing.value === undefined) return end(ledger, subnet, dissolution);
  ledger.putSubnet({ ...subnet, dissolution: { ...dissolution, buyout: closing.value } });
  return accept(undefined);
}

/** Who waits for a place gets everything back; nobody comes in, no block pays in, no epoch is sealed. */
function begin(ledger: Ledger, subnet: Subnet, dissolution: Dissolution): Decision<undefined> {
  for (const challenge of challengesOf(ledger, subnet.netuid)) {
    withdraw(ledger, challenge);
    const returned = giveBack(ledger, challenge, 'Dissolving');
    if (!returned.ok) return returned;
  }
  putChallenges(ledger, subnet.netuid, []);
  const settleByBlock = ledger.block + subnet.active.policy.hyperparameters.tempo;
  const settling: Subnet = {
    ...subnet,
    emission: 'Held',
    registration: 'Closed',
    pending: null,
    dissolution: { ...dissolution, phase: 'Settling', settleByBlock },
  };
  writeLife(ledger, settling, 'SubnetSettling');
  return accept(undefined);
}

function endNeurons(ledger: Ledger, neurons: ReturnType<Ledger['neuronsOf']>): Decision<undefined> {
  for (const neuron of neurons) {
    const ended = endRegistration(ledger, neuron, { reason: 'Dissolved', cause: null });
    if (!ended.ok) return ended;
  }
  return accept(undefined);
}

/** Looks through all delegations, and keeps those of this subnet in lists of a block's work each; answers how many. */
function listDelegations(ledger: Ledger, netuid: number): number {
  const prefix = `${netuid}/`;
  const keys: string[] = [];
  for (const [key] of ledger.delegations.entries()) if (key.startsWith(prefix)) keys.push(key);
  keys.sort();
  const slices = Math.ceil(keys.length / DELEGATIONS_PER_BLOCK);
  for (let slice = 1; slice <= slices; slice += 1) {
    const from = (slice - 1) * DELEGATIONS_PER_BLOCK;
    ledger.dissolving.put(sliceKey(netuid, slice), keys.slice(from, from + DELEGATIONS_PER_BLOCK));
  }
  return slices;
}

function giveSliceBack(
  ledger: Ledger,
  subnet: Subnet,
  dissolution: Dissolution & { readonly slices: number },
): Decision<undefined> {
  const { netuid } = subnet;
  const key = sliceKey(netuid, dissolution.slices);
  const returned = [];
  for (const position of ledger.dissolving.get(key) ?? []) {
    const { hotkey, wallet } = placeOfPosition(position);
    const rao = returnDelegation(ledger, wallet, { netuid, hotkey });
    if (!rao.ok) return rao;
    if (rao.value > 0n) returned.push({ hotkey, wallet, rao: rao.value });
  }
  ledger.dissolving.remove(key);
  ledger.putSubnet({ ...subnet, dissolution: { ...dissolution, slices: dissolution.slices - 1 } });
  const payload = { netuid, returned };
  if (returned.length > 0) ledger.journal.write({ block: ledger.block, kind: 'DelegationsReturned', payload });
  return accept(undefined);
}

/** What nobody earned is burned, so that ending a market never pays its owner; the lock goes back but for what the owner had of it. */
function end(ledger: Ledger, subnet: Subnet, dissolution: Dissolution): Decision<undefined> {
  const { netuid, owner } = subnet;
  let burned = 0n;
  for (const from of [potOf(netuid), unattributedOf(netuid), sealedOf(netuid)]) {
    const amount = ledger.book.posted(ledger.asset, from);
    if (amount === 0n) continue;
    const paid = ledger.book.pay({ asset: ledger.asset, from, parts: [{ to: BURNED, amount }] });
    if (!paid.ok) return paid;
    burned += amount;
  }
  const locked = ledger.book.posted(ledger.asset, lockOf(netuid));
  const refund = refundOf(locked, subnet);
  const parts = [
    { to: owner, amount: refund },
    { to: BURNED, amount: locked - refund },
  ].filter(({ amount }) => amount > 0n);
  if (parts.length > 0) {
    const paid = ledger.book.pay({ asset: ledger.asset, from: lockOf(netuid), parts });
    if (!paid.ok) return paid;
  }
  ledger.sealed.remove(String(netuid));
  ledger.use.remove(String(netuid));
  ledger.admissions.remove(String(netuid));
  endLinks(ledger, netuid);
  ledger.journal.write({
    block: ledger.block,
    kind: 'SubnetAccountsClosed',
    payload: { netuid, owner, burned: burned + locked - refund, refund },
  });
  const { settleByBlock: _settleByBlock, slices: _slices, buyout: _buyout, ...told } = dissolution;
  const dissolved: Subnet = {
    ...subnet,
    // Nothing waits for a payment any more.
    lastPaidIndex: subnet.epochIndex,
    dissolution: { ...told, phase: 'Dissolved', endedAtBlock: ledger.block },
  };
  writeLife(ledger, dissolved, 'SubnetDissolved');
  return accept(undefined);
}

/** Source: the chain's refund of legacy subnets, the lock less what the owner has received. */
function refundOf(locked: bigint, { lock }: Pick<Subnet, 'lock'>): bigint {
  const received = lock?.ownerReceived ?? 0n;
  return locked > received ? locked - received : 0n;
}

function sliceKey(netuid: number, slice: number): string {
  return `${netuid}/${slice}`;
}
