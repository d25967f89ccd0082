import { BURNED } from '../book/account.ts';
import { accept, type Decision, refuse } from '../book/refusal.ts';
import { afterRegistration } from '../economy/burn-price.ts';
import type { Ledger } from '../economy/ledger.ts';
import type { Neuron } from '../economy/neuron.ts';
import { writeRegistration } from '../economy/registration.ts';
import { passOn } from './advance-challenges.ts';
import { challengesOf, putChallenges } from './challenge.ts';

/** Money in rao. */
export interface MatchOrder {
  readonly netuid: number;
  readonly hotkey: string;
  readonly maxCost: bigint;
}

/**
 * The owner of a neuron that has its notice pays what the newcomer paid, and stays: immune as if it had registered anew, with its
 * uid, its stake and its bonds. The newcomer waits on for who is next. Answers what it cost, in rao.
 */
export function matchEviction(ledger: Ledger, owner: string, order: MatchOrder): Decision<bigint> {
  const { netuid, hotkey, maxCost } = order;
  const neuron = ledger.neuronByHotkey(netuid, hotkey);
  if (neuron === undefined) return refuse('NOT_REGISTERED', `${hotkey} is not registered in subnet ${netuid}`);
  if (neuron.coldkey !== owner) return refuse('NOT_OWNER', `${hotkey} belongs to ${neuron.coldkey}`);
  const { notice, ...kept } = neuron;
  const queue = challengesOf(ledger, netuid);
  const at = queue.findIndex(({ registrationId }) => registrationId === neuron.registrationId);
  const challenge = queue[at];
  if (notice === undefined || challenge === undefined) {
    return refuse('EVICTION_NOT_ANNOUNCED', `${hotkey} has no notice in subnet ${netuid}: there is nothing to match`);
  }
  if (notice.price > maxCost) {
    return refuse('COST_ABOVE_MAX', `the newcomer paid ${notice.price} rao, maxCost is ${maxCost}`);
  }
  const paid = ledger.book.pay({
    asset: ledger.asset,
    from: owner,
    parts: [{ to: BURNED, amount: notice.price }],
  });
  if (!paid.ok) return paid;
  stay(ledger, kept);
  const next = passOn(ledger, { ...challenge, matches: challenge.matches + 1 });
  if (!next.ok) return next;
  putChallenges(ledger, netuid, next.value === undefined ? queue.toSpliced(at, 1) : queue.with(at, next.value));
  return accept(notice.price);
}

function stay(ledger: Ledger, neuron: Neuron): void {
  const subnet = ledger.subnet(neuron.netuid);
  if (subnet === undefined) throw new Error(`subnet ${neuron.netuid} vanished during a match`);
  ledger.putSubnet(afterRegistration(subnet, ledger.block));
  const { immunityPeriodBlocks } = subnet.active.policy.hyperparameters;
  writeRegistration(ledger, { ...neuron, protectedUntilBlock: ledger.block + immunityPeriodBlocks }, 'EvictionMatched');
}
