import { waitingOf } from '../book/account.ts';
import { accept, type Decision } from '../book/refusal.ts';
import type { Ledger } from '../economy/ledger.ts';
import type { Neuron } from '../economy/neuron.ts';
import { endRegistration, enter } from '../economy/registration.ts';
import type { Subnet } from '../economy/subnet.ts';
import { announce, type Challenge, challengesOf, giveBack, putChallenges, toldNeuron, withdraw } from './challenge.ts';
import { byPruningOrder, firstToGo, ownersFirst } from './eviction-order.ts';
import { freeUids } from './free-uids.ts';

/** Neurons that one newcomer's notice passes by because they earned their way up: two that take turns could keep it out for ever. */
export const RISES_MAX = 2;

/**
 * Gives those who wait their places, as a block ends and after its epochs were sealed: who goes in this block is in them, and is
 * paid. Free places first, oldest newcomer first; then those whose notice is over.
 */
export function advanceChallenges(ledger: Ledger): Decision<undefined> {
  const netuids = Array.from(ledger.challenges.entries(), ([netuid]) => Number(netuid)).toSorted((a, b) => a - b);
  for (const netuid of netuids) {
    const advanced = advance(ledger, netuid);
    if (!advanced.ok) return advanced;
  }
  return accept(undefined);
}

function advance(ledger: Ledger, netuid: number): Decision<undefined> {
  const free = [...freeUids(ledger, subnetOf(ledger, netuid))];
  const left: Challenge[] = [];
  for (const challenge of challengesOf(ledger, netuid)) {
    const uid = free.shift();
    if (uid !== undefined) {
      withdraw(ledger, challenge);
      const seated = seat(ledger, challenge, uid);
      if (!seated.ok) return seated;
      continue;
    }
    const next = step(ledger, challenge);
    if (!next.ok) return next;
    if (next.value !== undefined) left.push(next.value);
  }
  putChallenges(ledger, netuid, left);
  return accept(undefined);
}

/** What of a challenge waits on; undefined where it is over. */
function step(ledger: Ledger, challenge: Challenge): Decision<Challenge | undefined> {
  const subnet = subnetOf(ledger, challenge.terms.netuid);
  const told = toldNeuron(ledger, challenge);
  // Who was told has left, and an older newcomer has got the place; or the owner's first one left, and it is that now.
  if (told === undefined || isOwnersFirst(ledger, subnet, told)) {
    withdraw(ledger, challenge);
    return passOn(ledger, challenge);
  }
  if (ledger.block < challenge.dueBlock) return accept(challenge);
  if (challenge.rises < RISES_MAX && hasRisen(ledger, subnet, told)) {
    withdraw(ledger, challenge);
    return passOn(ledger, { ...challenge, rises: challenge.rises + 1 });
  }
  const ended = endRegistration(ledger, told, { reason: 'Pruned', cause: null });
  if (!ended.ok) return ended;
  const seated = seat(ledger, challenge, told.uid);
  return seated.ok ? accept(undefined) : seated;
}

/** Looks at the others only where it can be: this runs for everybody who waits, in every block. */
function isOwnersFirst(ledger: Ledger, subnet: Subnet, told: Neuron): boolean {
  return told.coldkey === subnet.owner && ownersFirst(ledger.neuronsOf(subnet.netuid), subnet) === told;
}

function hasRisen(ledger: Ledger, subnet: Subnet, told: Neuron): boolean {
  const lowest = firstToGo(ledger, subnet);
  return lowest !== undefined && byPruningOrder(lowest, told) < 0;
}

/** The notice goes to who is last now, with all its blocks; where nobody may go, the newcomer gets its money back. */
export function passOn(ledger: Ledger, challenge: Challenge): Decision<Challenge | undefined> {
  const subnet = subnetOf(ledger, challenge.terms.netuid);
  const neuron = firstToGo(ledger, subnet);
  if (neuron !== undefined) return accept(announce(ledger, subnet, { neuron, challenge }));
  const returned = giveBack(ledger, challenge, 'NobodyToGo');
  return returned.ok ? accept(undefined) : returned;
}

function seat(ledger: Ledger, { terms, cost }: Challenge, uid: number): Decision<Neuron> {
  return enter(ledger, terms, { uid, cost, from: waitingOf(terms.netuid, terms.hotkey) });
}

function subnetOf(ledger: Ledger, netuid: number): Subnet {
  const subnet = ledger.subnet(netuid);
  if (subnet === undefined) throw new Error(`newcomers wait in subnet ${netuid}, which there is none of`);
  return subnet;
}
