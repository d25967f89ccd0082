import { BURNED, stakeOf } from '../book/account.ts';
import { accept, type Decision, refuse } from '../book/refusal.ts';
import { ENDED_MAX, endedLately, rememberEnded } from '../slashing/ended-registrations.ts';
import { payLeaving, TO_WALLET } from '../unbonding/leave-stake.ts';
import { firstToGo, noticeBlocksOf } from '../life/eviction-order.ts';
import { freeUids } from '../life/free-uids.ts';
import { afterRegistration, burnPriceAt, costOf } from './burn-price.ts';
import { isRetired, poolNameOf } from '../keys/pool-name.ts';
import { admit } from '../mandates/admission.ts';
import type { Ledger } from './ledger.ts';
import { type Mandate, type MandateUse, type Cause, useOf } from './mandate.ts';
import { checkMandate, spendMandate } from './spend-mandate.ts';
import { type EndReason, neuronKey, type Neuron, registrationKey } from './neuron.ts';
import { describe, differs } from './cause-words.ts';
import { ROOT_NETUID } from './root-netuid.ts';
import { freeSeat } from './root-network.ts';
import { type RegistrationTerms, termsSha256 } from './registration-terms.ts';
import type { Subnet } from './subnet.ts';
import { neuronView } from './views.ts';

export interface Registered {
  readonly neuron: Neuron;
  /** Rao that this registration cost, whenever it was. */
  readonly cost: bigint;
  /** null for wallets. */
  readonly mandate: MandateUse | null;
  readonly alreadyRegistered: boolean;
}

/** Registers a hotkey: the cost is burned, a uid is assigned, the stake is moved. Repeats do nothing. */
export function register(ledger: Ledger, terms: RegistrationTerms): Decision<Registered> {
  const subnet = ledger.subnet(terms.netuid);
  if (subnet === undefined) return refuse('SUBNET_UNKNOWN', `there is no subnet ${terms.netuid}`);
  const neuron = ledger.neuronByHotkey(terms.netuid, terms.hotkey);
  if (neuron !== undefined) return repeat(ledger, neuron, terms);

  const cost = burnPriceAt(subnet, ledger.block);
  const refusal = refusalOf(ledger, { subnet, terms, cost });
  if (refusal !== undefined) return refusal;
  const place = terms.netuid === ROOT_NETUID ? freeSeat(ledger, terms) : freePlace(ledger, subnet);
  if (!place.ok) return place;
  const mandate = spend(ledger, terms, cost);
  if (!mandate.ok) return mandate;
  if (place.value.evicted !== undefined) {
    const ended = endRegistration(ledger, place.value.evicted, { reason: 'Pruned', cause: null });
    if (!ended.ok) return ended;
  }
  const registered = enter(ledger, terms, { uid: place.value.uid, cost, from: terms.payer });
  if (!registered.ok) return registered;
  raisePrice(ledger, subnet.netuid);
  return accept({
    neuron: registered.value,
    cost,
    mandate: mandate.value,
    alreadyRegistered: false,
  });
}

/** The hotkey is registered: the same manager gets its neuron, everybody else is told whose it is. */
function repeat(ledger: Ledger, neuron: Neuron, terms: RegistrationTerms): Decision<Registered> {
  if (neuron.coldkey !== terms.coldkey) {
    return refuse('HOTKEY_OWNED_BY_OTHER', `${terms.hotkey} belongs to ${neuron.coldkey}, not to ${terms.coldkey}`);
  }
  if (neuron.managedBy !== null && (terms.cause === null || differs(neuron.managedBy, terms.cause))) {
    return refuse(
      'ALREADY_MANAGED',
      `${terms.hotkey} is managed by ${describe(neuron.managedBy)}: delete that object with deletionPolicy Deregister, or use another hotkey`,
    );
  }
  if (terms.mandate !== null && terms.cause !== null) {
    const allowed = checkMandate(ledger, terms.mandate, {
      operation: 'Register',
      netuid: terms.netuid,
      cause: terms.cause,
    });
    if (!allowed.ok) return allowed;
    const isKnown = neuron.managedBy?.objectUid === terms.cause.objectUid;
    const adopted = isKnown ? neuron : { ...neuron, managedBy: terms.cause };
    if (adopted !== neuron) writeRegistration(ledger, adopted, 'Adopted');
    return accept({
      neuron: adopted,
      cost: costOf(neuron),
      mandate: useOf(terms.mandate, allowed.value.used),
      alreadyRegistered: true,
    });
  }
  return accept({ neuron, cost: costOf(neuron), mandate: null, alreadyRegistered: true });
}

/** Why the terms are not accepted, whatever place there is. */
export function refusalOf(
  ledger: Ledger,
  { subnet, terms, cost }: { readonly subnet: Subnet; readonly terms: RegistrationTerms; readonly cost: bigint },
) {
  if (isRetired(ledger, terms.netuid, terms.hotkey)) {
    return refuse(
      'KEY_RETIRED',
      `${terms.hotkey} gave its place in subnet ${subnet.handle} to another: use a new hotkey`,
    );
  }
  if (subnet.waitsFor !== undefined) {
    return refuse('SUBNET_WAITING', `subnet ${subnet.handle} waits for its place: it takes no registrations yet`);
  }
  if (subnet.dissolution !== undefined) {
    return refuse('SUBNET_DISSOLVING', `subnet ${subnet.handle} ends: it takes no registrations`);
  }
  const owner = ledger.hotkeys.get(terms.hotkey);
  if (owner !== undefined && owner !== terms.coldkey) {
    return refuse('HOTKEY_OWNED_BY_OTHER', `${terms.hotkey} belongs to ${owner}: use another hotkey`);
  }
  const ended = ledger.registrations.get(registrationKey(terms.netuid, terms.hotkey))?.ended ?? 0;
  if (terms.attempt !== ended + 1) {
    return refuse('ATTEMPT_STALE', `attempt must be ${ended + 1} (ended registrations + 1), not ${terms.attempt}`);
  }
  if (endedLately(ledger, terms).length >= ENDED_MAX) {
    return refuse(
      'UNBONDING_COUNT',
      `${ENDED_MAX} registrations of ${terms.hotkey} have ended and may still be slashed: wait until stake of the first is free`,
    );
  }
  if (cost > terms.maxCost) {
    return refuse('COST_ABOVE_MAX', `a registration costs ${cost} rao, maxCost is ${terms.maxCost}`);
  }
  const admitted = admit(ledger, subnet, terms);
  return admitted.ok ? undefined : admitted;
}

/** The lowest free uid, or the place of the neuron that earned least and may be evicted. */
function freePlace(
  ledger: Ledger,
  subnet: Subnet,
): Decision<{ readonly uid: number; readonly evicted: Neuron | undefined }> {
  const [uid] = freeUids(ledger, subnet);
  if (uid !== undefined) return accept({ uid, evicted: undefined });
  if (noticeBlocksOf(subnet) > 0) throw new Error(`somebody of subnet ${subnet.netuid} would go without notice`);
  const evicted = firstToGo(ledger, subnet);
  if (evicted !== undefined) return accept({ uid: evicted.uid, evicted });
  const { maxUids } = subnet.active.policy.hyperparameters;
  return refuse(
    'SUBNET_FULL',
    `subnet ${subnet.handle} has ${maxUids} neurons and all of them are immune: try again later`,
  );
}

/** Books what a registration and its stake need on the mandate, where there is one. */
export function spend(ledger: Ledger, terms: RegistrationTerms, cost: bigint): Decision<MandateUse | null> {
  const { mandate, cause, netuid } = terms;
  if (mandate === null || cause === null) return accept(null);
  const registered = spendMandate(ledger, mandate, { operation: 'Register', netuid, cause, amount: cost });
  if (!registered.ok || terms.initialStake === 0n) return registered;
  return spendMandate(ledger, mandate, { operation: 'Stake', netuid, cause, amount: terms.initialStake });
}

/** Puts a hotkey in its place; the money comes from its payer, or from where it waited. The price of the next one is the caller's. */
export function enter(
  ledger: Ledger,
  terms: RegistrationTerms,
  { uid, cost, from }: { readonly uid: number; readonly cost: bigint; readonly from: string },
): Decision<Neuron> {
  const { netuid, hotkey, coldkey, payer } = terms;
  const parts = [{ to: BURNED, amount: cost }];
  if (terms.initialStake > 0n) parts.push({ to: stakeOf(netuid, hotkey, coldkey), amount: terms.initialStake });
  const paid = ledger.book.pay({ asset: ledger.asset, from, parts });
  if (!paid.ok) return paid;
  const key = registrationKey(netuid, hotkey);
  const record = ledger.registrations.get(key);
  const { block } = ledger;
  // Whoever leaves and comes back within a block begins another registration: the one before answers for itself alone.
  const again = record?.beganAtBlock === block ? { attempt: terms.attempt } : {};
  const neuron: Neuron = {
    netuid,
    uid,
    hotkey,
    coldkey,
    payer,
    cost,
    registeredAtBlock: block,
    registrationId: ledger.hashes.registrationId({ netuid, hotkey, block, ...again }),
    attempt: terms.attempt,
    termsSha256: termsSha256(ledger, terms),
    managedBy: terms.cause,
    endpoint: null,
    incentiveU16: 0,
    dividendsU16: 0,
    permit: false,
    earnedLastEpoch: 0n,
    earnedTotal: 0n,
  };
  ledger.hotkeys.put(hotkey, coldkey);
  const spent = (record?.spent ?? 0n) + cost;
  ledger.registrations.put(key, { ended: 0, endReason: '', ...record, uid, spent, beganAtBlock: block });
  const subnet = ledger.subnet(netuid);
  if (subnet === undefined) throw new Error(`subnet ${netuid} vanished during a registration`);
  ledger.putSubnet({ ...subnet, neurons: subnet.neurons + 1 });
  writeRegistration(ledger, neuron, 'Registered', terms.mandate);
  return accept(neuron);
}

function raisePrice(ledger: Ledger, netuid: number): void {
  const subnet = ledger.subnet(netuid);
  if (subnet !== undefined) ledger.putSubnet(afterRegistration(subnet, ledger.block));
}

/**
 * Takes a neuron out; its owner's stake goes back to the coldkey, at once or when it is released, and who delegated takes theirs off when they like. An epoch that was sealed before
 * still pays it.
 */
export function endRegistration(
  ledger: Ledger,
  neuron: Neuron,
  end: { readonly reason: EndReason; readonly cause: Cause | null },
): Decision<number> {
  const { netuid, hotkey, coldkey } = neuron;
  const from = stakeOf(netuid, hotkey, coldkey);
  const view = neuronView(ledger, neuron);
  const own = ledger.book.posted(ledger.asset, from);
  if (own > 0n) {
    const { registrationId } = neuron;
    const leaving = { from, wallet: coldkey, amount: own, leaving: TO_WALLET, isForced: true };
    const stake = { netuid, hotkey, registrationId, ...leaving };
    const paid = payLeaving(ledger, stake);
    if (!paid.ok) return paid;
  }
  ledger.autoStakes.remove(registrationKey(netuid, poolNameOf(ledger, netuid, hotkey)));
  ledger.neurons.remove(neuronKey(netuid, neuron.uid));
  const key = registrationKey(netuid, hotkey);
  const record = ledger.registrations.get(key);
  const ended = (record?.ended ?? 0) + 1;
  ledger.registrations.put(key, { ...record, uid: null, ended, endReason: end.reason });
  rememberEnded(ledger, neuron, neuron.registrationId);
  const subnet = ledger.subnet(netuid);
  if (subnet === undefined) throw new Error(`subnet ${netuid} vanished while a registration ended`);
  ledger.putSubnet({ ...subnet, neurons: subnet.neurons - 1 });
  const entry = ledger.journal.write({
    block: ledger.block,
    kind: 'RegistrationEnded',
    payload: { neuron: view, ended: true, reason: end.reason, cause: end.cause },
    event: { kind: 'registration', netuid },
  });
  return accept(entry.sequence);
}

/** What a neuron's entry tells of. */
type RegistrationReason =
  | 'Registered'
  | 'StakeChanged'
  | 'Adopted'
  | 'EvictionAnnounced'
  | 'EvictionWithdrawn'
  | 'EvictionMatched'
  | 'HotkeySwapped'
  | 'ColdkeySwapped';

/** Writes the neuron's row and tells everybody. */
export function writeRegistration(
  ledger: Ledger,
  neuron: Neuron,
  reason: RegistrationReason,
  mandate: Mandate | null = null,
): number {
  ledger.neurons.put(neuronKey(neuron.netuid, neuron.uid), neuron);
  const entry = ledger.journal.write({
    block: ledger.block,
    kind: reason,
    payload: { neuron: neuronView(ledger, neuron), ended: false, reason, mandateSha256: mandate?.sha256 ?? '' },
    event: { kind: 'registration', netuid: neuron.netuid },
  });
  return entry.sequence;
}
