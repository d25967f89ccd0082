import type { Ledger } from '#domain/economy/ledger.ts';
import { type Neuron, registrationKey } from '#domain/economy/neuron.ts';
import { newLedger, put, TAO, testGenesis } from '../ledger-state.ts';
import { slashingTerms } from '../slashing-market.ts';
import { Draws } from './draws.ts';
import {
  type Act,
  add,
  anyOf,
  found,
  freeOf,
  friendOf,
  FUGITIVE_POLICY,
  give,
  leave,
  move,
  neuronsOf,
  pay,
  poach,
  rebond,
  register,
  remove,
  swap,
  throughRoot,
} from './fugitive-acts.ts';
import { FugitiveWorld, ROOT_WEIGHT_PPM } from './fugitive-world.ts';

const EACH = 500n * TAO;
const UNBONDING = 40;
/** Actors that have a turn in a block. */
const TURNS = 5;
/** A crime is shown before stake that left right after it is free. */
const SHOWN_WITHIN = UNBONDING - 8;
const ARBITERS = ['arb1', 'arb2', 'arb3'];
const REPORTERS = ['eve', 'uma'];
export interface FugitivePlan {
  readonly seed: number;
  readonly actors: number;
  readonly blocks: number;
}

/**
 * Lets actors loose who sign twice and then run: they take their stake off, move it, also onto root, give it to children, swap the
 * hotkey, leave, come back and leave again, or end the subnet. Throws when one of them, or anybody else, has more or less than the rules give. `meddle`
 * is called in each block, for tests of these checks. Answers how often each thing happened.
 */
export function simulateFugitives(
  plan: FugitivePlan,
  meddle?: (world: FugitiveWorld) => void,
): FugitiveWorld['counts'] {
  const draws = new Draws(plan.seed);
  const wallets = Array.from({ length: plan.actors }, (_, at) => `w${at}`);
  const world = new FugitiveWorld(market(wallets), [...wallets, ...ARBITERS, ...REPORTERS, 'owner']);
  for (let block = 1; block <= plan.blocks; block += 1) {
    world.block(() => meddle?.(world));
    for (let turn = 0; turn < TURNS; turn += 1) {
      const at = draws.below(plan.actors);
      ACTS[at % ACTS.length]?.(world, `w${at}`, draws);
    }
    judgeCrimes(world, draws);
    drain(world.ledger);
  }
  return world.counts;
}

/** Nothing is minted, so that whatever somebody has more was another's. */
function market(wallets: readonly string[]): Ledger {
  const accounts = [...wallets, ...ARBITERS, ...REPORTERS].map((account) => ({ account, amount: EACH }));
  const ledger = newLedger({
    ...testGenesis,
    accounts: [...testGenesis.accounts, ...accounts],
    unbondingBlocks: UNBONDING,
    rootStakeWeightPpm: ROOT_WEIGHT_PPM,
    slashing: slashingTerms,
    subnetRemoval: { noticeBlocks: 20 },
  });
  for (const handle of ['a', 'b', 'c']) put(ledger, handle, { policy: FUGITIVE_POLICY, emission: 'Held' });
  return ledger;
}

const honest: Act = (world, wallet, draws) => {
  const act = draws.pick<Act>([add, add, add, remove, move, register, rebond, give, poach]);
  act(world, wallet, draws);
};

const dodges: readonly Act[] = [
  remove,
  remove,
  move,
  move,
  throughRoot,
  throughRoot,
  rebond,
  swap,
  give,
  leave,
  register,
  pay,
  found,
];

/** Signs twice and runs, with friends that run along. */
const criminal: Act = (world, wallet, draws) => {
  const neuron = anyOf(neuronsOf(world, wallet), draws);
  if (neuron === undefined) return register(world, wallet, draws);
  if (draws.below(3) === 0) world.signTwice(neuron);
  for (let step = draws.below(6); step > 0; step -= 1) {
    const who = draws.below(3) === 0 ? friendOf(wallet, draws) : wallet;
    draws.pick(dodges)(world, who, draws);
  }
  // Out, in again and out again: the registration at fault is not the last one that ended.
  if (draws.below(3) === 0) for (const act of [leave, register, leave]) act(world, wallet, draws);
  if (draws.below(15) === 0) beginTwice(world, wallet, draws);
};

/** Two registrations of a hotkey begin in one block, and the first is at fault. */
const beginTwice: Act = (world, wallet, draws) => {
  const neuron = anyOf(neuronsOf(world, wallet), draws);
  if (neuron === undefined) return;
  world.leave(neuron);
  enterAgain(world, neuron, draws);
  const first = world.ledger.neuronByHotkey(neuron.netuid, neuron.hotkey);
  if (first === undefined) return;
  world.signTwice(first);
  world.leave(first);
  enterAgain(world, neuron, draws);
};

function enterAgain(world: FugitiveWorld, { netuid, hotkey, coldkey }: Neuron, draws: Draws): void {
  const attempt = (world.ledger.registrations.get(registrationKey(netuid, hotkey))?.ended ?? 0) + 1;
  const initialStake = freeOf(world, coldkey) / BigInt(2 + draws.below(3));
  world.order(coldkey, { type: 'Register', netuid, hotkey, maxCost: 2n * TAO, attempt, initialStake });
}

const restless: Act = (world, wallet, draws) => draws.pick([...dodges, add, add])(world, wallet, draws);

/** By the last digit of a wallet. */
const ACTS: readonly Act[] = [honest, honest, honest, honest, honest, restless, restless, criminal, criminal, criminal];

/** Crimes are shown in time; who is accused may dispute it, and arbiters say what they like. */
function judgeCrimes(world: FugitiveWorld, draws: Draws): void {
  const { ledger } = world;
  for (const crime of world.crimes) {
    if (crime.slashId !== '') continue;
    const age = ledger.block - crime.block;
    if (age >= SHOWN_WITHIN || draws.below(12) === 0) world.report(draws.pick(REPORTERS), crime);
  }
  for (const { id, status, owner } of world.openSlashes()) {
    if (status === 'Pending' && draws.below(30) === 0) {
      world.order(owner, { type: 'DisputeSlash', slashId: id, statement: '' });
    }
    if (status === 'Disputed' && draws.below(4) === 0) {
      world.order(draws.pick(ARBITERS), { type: 'VoteSlash', slashId: id, upholds: draws.below(3) > 0 });
    }
  }
}

function drain({ journal, book, documents }: Ledger): void {
  journal.takeEntries();
  book.accounts.takeChanges();
  book.holds.takeChanges();
  for (const table of documents) table.takeChanges();
}
