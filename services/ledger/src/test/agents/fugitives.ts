import type { Ledger } from '#domain/economy/ledger.ts';
import { type Neuron, registrationKey } from '#domain/economy/neuron.ts';
import { PROPORTION_WHOLE } from '#domain/children/links.ts';
import { newLedger, put, TAO, testGenesis, testPolicy } from '../ledger-state.ts';
import { slashingTerms } from '../slashing-market.ts';
import { Draws } from './draws.ts';
import { FugitiveWorld } from './fugitive-world.ts';

const EACH = 500n * TAO;
const UNBONDING = 40;
/** Actors that have a turn in a block. */
const TURNS = 5;
/** A crime is shown before stake that left right after it is free. */
const SHOWN_WITHIN = UNBONDING - 8;
/** Ended ones count: each block looks at all there ever were. */
const SUBNETS_MAX = 40;
const ARBITERS = ['arb1', 'arb2', 'arb3'];
const REPORTERS = ['eve', 'uma'];
const policy = {
  ...testPolicy,
  hyperparameters: {
    ...testPolicy.hyperparameters,
    tempo: 10,
    maxUids: 24,
    maxValidators: 12,
    immunityPeriodBlocks: 30,
  },
};

/** What somebody does in a turn. */
type Act = (world: FugitiveWorld, wallet: string, draws: Draws) => void;

export interface FugitivePlan {
  readonly seed: number;
  readonly actors: number;
  readonly blocks: number;
}

/**
 * Lets actors loose who sign twice and then run: they take their stake off, move it, give it to children, swap the hotkey, leave, come
 * back and leave again, or end the subnet. Throws when one of them, or anybody else, has more or less than the rules give. `meddle`
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
    slashing: slashingTerms,
    subnetRemoval: { noticeBlocks: 20 },
  });
  for (const handle of ['a', 'b', 'c']) put(ledger, handle, { policy, emission: 'Held' });
  return ledger;
}

function neuronsOf(world: FugitiveWorld, wallet: string): readonly Neuron[] {
  return [...world.ledger.neurons.values()].filter(({ coldkey }) => coldkey === wallet);
}

/** Somebody else of the same person's. */
function friendOf(wallet: string, draws: Draws): string {
  const at = Number(wallet.slice(1));
  return `w${at - (at % 10) + draws.below(10)}`;
}

function anyOf<T>(list: readonly T[], draws: Draws): T | undefined {
  return list.length === 0 ? undefined : draws.pick(list);
}

function anyNeuron(world: FugitiveWorld, draws: Draws): Neuron | undefined {
  return anyOf([...world.ledger.neurons.values()], draws);
}

const freeOf = (world: FugitiveWorld, wallet: string): bigint => world.ledger.book.posted('TAO', wallet);

const register: Act = (world, wallet, draws) => {
  const open = [...world.ledger.subnets.values()].filter(({ dissolution }) => dissolution === undefined);
  const netuid = anyOf(open, draws)?.netuid ?? 1;
  const hotkey = `h${draws.below(2)}-${wallet}`;
  const attempt = (world.ledger.registrations.get(registrationKey(netuid, hotkey))?.ended ?? 0) + 1;
  const initialStake = freeOf(world, wallet) / BigInt(2 + draws.below(5));
  world.order(wallet, { type: 'Register', netuid, hotkey, maxCost: 2n * TAO, attempt, initialStake });
};

const add: Act = (world, wallet, draws) => {
  const own = anyOf(neuronsOf(world, friendOf(wallet, draws)), draws);
  const neuron = draws.below(2) === 0 ? own : anyNeuron(world, draws);
  if (neuron === undefined) return;
  const { netuid, hotkey } = neuron;
  const amount = (freeOf(world, wallet) * BigInt(1 + draws.below(80))) / 100n;
  world.order(wallet, { type: 'AddStake', netuid, hotkey, amount });
};

/** Somewhere where a wallet has something. */
function placeOf(world: FugitiveWorld, wallet: string, draws: Draws) {
  const delegated = (world.ledger.delegationLists.get(wallet) ?? []).map(({ netuid, hotkey }) => ({ netuid, hotkey }));
  return anyOf([...delegated, ...neuronsOf(world, wallet)], draws);
}

const remove: Act = (world, wallet, draws) => {
  const place = placeOf(world, wallet, draws);
  if (place === undefined) return;
  const { netuid, hotkey } = place;
  const amount = draws.below(2) === 0 ? undefined : BigInt(1 + draws.below(20)) * TAO;
  world.order(wallet, { type: 'RemoveStake', netuid, hotkey, amount });
};

const move: Act = (world, wallet, draws) => {
  const place = placeOf(world, wallet, draws);
  const to = draws.below(2) === 0 ? anyOf(neuronsOf(world, friendOf(wallet, draws)), draws) : anyNeuron(world, draws);
  if (place === undefined || to === undefined) return;
  const { netuid, hotkey } = place;
  const amount = draws.below(2) === 0 ? undefined : BigInt(1 + draws.below(20)) * TAO;
  world.order(wallet, { type: 'MoveStake', netuid, hotkey, toNetuid: to.netuid, toHotkey: to.hotkey, amount });
};

const rebond: Act = (world, wallet, draws) => {
  const row = anyOf(world.ledger.unbondings.find(`wallet/${wallet}`), draws);
  if (row === undefined) return;
  const amount = draws.below(2) === 0 ? undefined : row.amount / 2n;
  world.order(wallet, { type: 'Rebond', unbondingId: row.id, amount });
};

const swap: Act = (world, wallet, draws) => {
  const neuron = anyOf(neuronsOf(world, wallet), draws);
  if (neuron === undefined) return;
  const { netuid, hotkey } = neuron;
  const newHotkey = `${hotkey.slice(0, hotkey.indexOf('.') + 1 || undefined)}.${world.ledger.journal.head.sequence}`;
  world.order(wallet, { type: 'SwapHotkey', hotkey, newHotkey, netuid: draws.below(3) === 0 ? netuid : undefined });
};

/** Among them itself, and its own parents. */
const give: Act = (world, wallet, draws) => {
  const neuron = anyOf(neuronsOf(world, wallet), draws);
  if (neuron === undefined) return;
  const { netuid, hotkey } = neuron;
  const others = [...world.ledger.neurons.values()].filter((each) => each.netuid === netuid);
  const children = Array.from({ length: draws.below(4) }, () => ({
    hotkey: draws.pick(others).hotkey,
    proportion: (PROPORTION_WHOLE * BigInt(1 + draws.below(40))) / 100n,
  }));
  world.order(wallet, { type: 'SetChildren', netuid, hotkey, children });
};

/** Low to be seen, high right before a seal. */
const poach: Act = (world, wallet, draws) => {
  const neuron = anyOf(neuronsOf(world, wallet), draws);
  if (neuron === undefined) return;
  const before = world.ledger.takes.get(neuron.hotkey);
  const u16 = draws.pick([0, 5000, 11_796]);
  const refusal = world.order(wallet, { type: 'SetTake', hotkey: neuron.hotkey, u16 });
  if (refusal === '' && u16 > (before?.u16 ?? 11_796)) throw new Error(`the take of ${neuron.hotkey} rose at once`);
};

const leave: Act = (world, wallet, draws) => {
  const neuron = anyOf(neuronsOf(world, wallet), draws);
  if (neuron !== undefined) world.leave(neuron);
};

const pay: Act = (world, wallet, draws) => {
  const to = friendOf(wallet, draws);
  const amount = freeOf(world, wallet) / 3n;
  if (to !== wallet && amount > 0n) world.order(wallet, { type: 'Transfer', to, amount });
};

/** A subnet of one's own to be gone with. */
const found: Act = (world, wallet, draws) => {
  const own = [...world.ledger.subnets.values()].find(
    ({ owner, dissolution }) => owner === wallet && dissolution === undefined,
  );
  if (own !== undefined) world.order(wallet, { type: 'DissolveSubnet', netuid: own.netuid, atBlock: 0 });
  else if (world.ledger.network.lastNetuid < SUBNETS_MAX && draws.below(6) === 0) {
    const handle = `s${world.ledger.journal.head.sequence}`;
    const terms = { handle, policy, emission: 'Held', registration: 'Open', maxCost: 0n } as const;
    world.order(wallet, { type: 'CreateSubnet', ...terms });
  }
};

const honest: Act = (world, wallet, draws) => {
  const act = draws.pick<Act>([add, add, add, remove, move, register, rebond, give, poach]);
  act(world, wallet, draws);
};

const dodges: readonly Act[] = [remove, remove, move, move, rebond, swap, give, leave, register, pay, found];

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
