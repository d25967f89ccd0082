import { stakeOf } from '../book/account.ts';
import { accept, type Decision, refuse } from '../book/refusal.ts';
import { type Leaving, payLeaving, TO_WALLET } from '../unbonding/leave-stake.ts';
import { DELEGATION_MIN } from './delegation.ts';
import type { Ledger } from './ledger.ts';
import type { Cause, Mandate, MandateUse } from './mandate.ts';
import type { Neuron } from './neuron.ts';
import { spendMandate } from './spend-mandate.ts';
import { endRegistration, writeRegistration } from './registration.ts';

/** Raises a neuron's stake to a target out of the mandate's payer; at the target it does nothing. */
export function raiseStake(
  ledger: Ledger,
  request: {
    readonly netuid: number;
    readonly hotkey: string;
    readonly target: bigint;
    readonly mandate: Mandate;
    readonly cause: Cause;
  },
): Decision<{ readonly stake: bigint; readonly mandate: MandateUse }> {
  const { netuid, hotkey, mandate } = request;
  const neuron = ledger.neuronByHotkey(netuid, hotkey);
  if (neuron === undefined) return refuse('NOT_REGISTERED', `${hotkey} is not registered in subnet ${netuid}`);
  if (neuron.coldkey !== mandate.owner) {
    return refuse('NOT_OWNER', `${hotkey} belongs to ${neuron.coldkey}, the mandate is for ${mandate.owner}`);
  }
  const stake = ledger.book.posted(ledger.asset, stakeOf(netuid, hotkey, neuron.coldkey));
  const missing = request.target > stake ? request.target - stake : 0n;
  const spent = spendMandate(ledger, mandate, { operation: 'Stake', netuid, cause: request.cause, amount: missing });
  if (!spent.ok) return spent;
  if (missing > 0n) {
    const added = addStake(ledger, { netuid, hotkey, payer: mandate.payer, amount: missing });
    if (!added.ok) return added;
  }
  return accept({ stake: stake + missing, mandate: spent.value });
}

/** Puts an amount on a registered hotkey; answers the entry's sequence. */
export function addStake(
  ledger: Ledger,
  request: { readonly netuid: number; readonly hotkey: string; readonly payer: string; readonly amount: bigint },
): Decision<number> {
  const { netuid, hotkey } = request;
  const neuron = ledger.neuronByHotkey(netuid, hotkey);
  if (neuron === undefined) return refuse('NOT_REGISTERED', `${hotkey} is not registered in subnet ${netuid}`);
  const paid = ledger.book.pay({
    asset: ledger.asset,
    from: request.payer,
    parts: [{ to: stakeOf(netuid, hotkey, neuron.coldkey), amount: request.amount }],
  });
  if (!paid.ok) return paid;
  return accept(writeRegistration(ledger, neuron, 'StakeChanged'));
}

/** Takes stake of its owner off a neuron; answers how much. */
export function removeStake(
  ledger: Ledger,
  neuron: Neuron,
  { wanted, leaving = TO_WALLET }: { readonly wanted: bigint | undefined; readonly leaving?: Leaving },
): Decision<bigint> {
  const { netuid, hotkey, coldkey, registrationId } = neuron;
  const from = stakeOf(netuid, hotkey, coldkey);
  const stake = ledger.book.posted(ledger.asset, from);
  const amount = wanted ?? stake;
  if (amount === 0n || amount > stake) {
    return refuse('INSUFFICIENT_STAKE', `${hotkey} has a stake of ${stake} rao in subnet ${netuid}, not ${amount}`);
  }
  const left = stake - amount;
  if (left > 0n && left < DELEGATION_MIN) {
    return refuse('STAKE_TOO_SMALL', `${left} rao would be left, less than ${DELEGATION_MIN}: take all of it`);
  }
  const paid = payLeaving(ledger, { netuid, hotkey, registrationId, from, wallet: coldkey, amount, leaving });
  if (!paid.ok) return paid;
  writeRegistration(ledger, neuron, 'StakeChanged');
  return accept(amount);
}

/** Ends a registration by its owner's own order. */
export function deregisterByOwner(
  ledger: Ledger,
  owner: string,
  { netuid, hotkey }: Pick<Neuron, 'netuid' | 'hotkey'>,
): Decision<number> {
  const neuron = ledger.neuronByHotkey(netuid, hotkey);
  if (neuron === undefined) return refuse('NOT_REGISTERED', `${hotkey} is not registered in subnet ${netuid}`);
  if (owner !== neuron.coldkey) return refuse('NOT_OWNER', `${hotkey} belongs to ${neuron.coldkey}`);
  return endRegistration(ledger, neuron, { reason: 'Deregistered', cause: null });
}

/** A registered neuron of this owner. */
export function ownNeuron(
  ledger: Ledger,
  owner: string,
  { netuid, hotkey }: Pick<Neuron, 'netuid' | 'hotkey'>,
): Decision<Neuron> {
  const neuron = ledger.neuronByHotkey(netuid, hotkey);
  if (neuron === undefined) return refuse('NOT_REGISTERED', `${hotkey} is not registered in subnet ${netuid}`);
  if (neuron.coldkey === owner) return accept(neuron);
  return refuse('NOT_OWNER', `${hotkey} belongs to ${neuron.coldkey}: a session stakes on its wallet's neurons`);
}

/** Ends a registration at the wish of its owner; who paid for it has no say. */
export function deregister(
  ledger: Ledger,
  request: {
    readonly netuid: number;
    readonly hotkey: string;
    readonly mandate: Mandate;
    readonly cause: Cause;
  },
): Decision<number> {
  const { netuid, hotkey, mandate, cause } = request;
  const spent = spendMandate(ledger, mandate, { operation: 'Deregister', netuid, cause, amount: 0n });
  if (!spent.ok) return spent;
  const neuron = ledger.neuronByHotkey(netuid, hotkey);
  if (neuron === undefined) return refuse('NOT_REGISTERED', `${hotkey} is not registered in subnet ${netuid}`);
  if (mandate.payer !== neuron.coldkey) {
    return refuse('NOT_OWNER', `${hotkey} belongs to ${neuron.coldkey}: use a mandate of theirs`);
  }
  return endRegistration(ledger, neuron, { reason: 'Deregistered', cause });
}
