import { BURNED, stakeOf, waitingOf } from '../book/account.ts';
import { accept, type Decision } from '../book/refusal.ts';
import type { Ledger } from '../economy/ledger.ts';
import { mandateKey } from '../economy/mandate.ts';
import type { Neuron } from '../economy/neuron.ts';
import { neuronKey } from '../economy/neuron.ts';
import { writeRegistration } from '../economy/registration.ts';
import type { RegistrationTerms } from '../economy/registration-terms.ts';
import { type AdmittedBy, giveAdmissionBack } from '../mandates/admission.ts';
import type { Subnet } from '../economy/subnet.ts';
import { noticeBlocksOf } from './eviction-order.ts';

/** Newcomers that wait in one subnet at most. */
export const CHALLENGES_MAX = 16;

/** A newcomer who has paid and waits for the place of a neuron that was told so. Money in rao. */
export interface Challenge {
  readonly terms: RegistrationTerms;
  /** Burned once the place is there; until then it waits, with the stake, in an account of its own. */
  readonly cost: bigint;
  readonly openedAtBlock: number;
  /** What it was let in by and gets back with its money; absent where anybody may come. */
  readonly admittedBy?: AdmittedBy;
  /** The neuron that was told, by place and registration. */
  readonly uid: number;
  readonly registrationId: string;
  readonly announcedAtBlock: number;
  /** The block that ends the notice. */
  readonly dueBlock: number;
  /** Neurons that had this notice before and paid to stay. */
  readonly matches: number;
  /** Neurons that had it before and were no longer the last when it ended. */
  readonly rises: number;
}

export function challengesOf(ledger: Ledger, netuid: number): readonly Challenge[] {
  return ledger.challenges.get(String(netuid)) ?? [];
}

export function putChallenges(ledger: Ledger, netuid: number, challenges: readonly Challenge[]): void {
  if (challenges.length === 0) ledger.challenges.remove(String(netuid));
  else ledger.challenges.put(String(netuid), challenges);
}

/** Tells a neuron that a newcomer waits for its place. */
export function announce(
  ledger: Ledger,
  subnet: Subnet,
  notice: {
    readonly neuron: Neuron;
    readonly challenge: Pick<Challenge, 'terms' | 'cost' | 'openedAtBlock' | 'matches' | 'rises' | 'admittedBy'>;
  },
): Challenge {
  const { neuron, challenge } = notice;
  const announcedAtBlock = ledger.block;
  // Where the owner has taken the notice out of the policy meanwhile, who waits already still gives a block of it.
  const dueBlock = ledger.block + Math.max(1, noticeBlocksOf(subnet));
  const { cost: price, terms } = challenge;
  const told = { ...neuron, notice: { announcedAtBlock, dueBlock, price, newcomer: terms.hotkey } };
  writeRegistration(ledger, told, 'EvictionAnnounced');
  const { uid, registrationId } = neuron;
  return { ...challenge, uid, registrationId, announcedAtBlock, dueBlock };
}

/** The neuron that a challenge's notice went to, unless it has left. */
export function toldNeuron(ledger: Ledger, { terms, uid, registrationId }: Challenge): Neuron | undefined {
  const neuron = ledger.neurons.get(neuronKey(terms.netuid, uid));
  return neuron?.registrationId === registrationId ? neuron : undefined;
}

/** Takes a notice back from who had it; nothing where it has left. */
export function withdraw(ledger: Ledger, challenge: Challenge): void {
  const told = toldNeuron(ledger, challenge);
  if (told === undefined) return;
  const { notice: _notice, ...neuron } = told;
  writeRegistration(ledger, neuron, 'EvictionWithdrawn');
}

/** What a registration moves, out of the payer's account or out of the one in which it waited. */
export function registrationParts(terms: RegistrationTerms, cost: bigint) {
  const { netuid, hotkey, coldkey, initialStake } = terms;
  const burned = { to: BURNED, amount: cost };
  return initialStake === 0n ? [burned] : [burned, { to: stakeOf(netuid, hotkey, coldkey), amount: initialStake }];
}

/** Gives a newcomer everything back, its mandate's use too: nothing was bought. */
export function giveBack(
  ledger: Ledger,
  challenge: Challenge,
  reason: 'NobodyToGo' | 'Dissolving',
): Decision<undefined> {
  const { terms, cost } = challenge;
  const { netuid, hotkey, payer, mandate, initialStake } = terms;
  const amount = cost + initialStake;
  const from = waitingOf(netuid, hotkey);
  if (amount > 0n) {
    const paid = ledger.book.pay({ asset: ledger.asset, from, parts: [{ to: payer, amount }] });
    if (!paid.ok) return paid;
  }
  const key = mandate === null ? undefined : mandateKey(mandate.payer, mandate.sha256);
  const record = key === undefined ? undefined : ledger.mandates.get(key);
  if (key !== undefined && record !== undefined) {
    ledger.mandates.put(key, { ...record, used: record.used > amount ? record.used - amount : 0n });
  }
  if (challenge.admittedBy !== undefined) giveAdmissionBack(ledger, terms, challenge.admittedBy);
  const payload = { netuid, hotkey, payer, amount, reason };
  ledger.journal.write({ block: ledger.block, kind: 'WaitingRegistrationReturned', payload });
  return accept(undefined);
}
