import type { Place } from '#domain/economy/delegation-rows.ts';
import { type Neuron, registrationKey } from '#domain/economy/neuron.ts';
import { ROOT_NETUID } from '#domain/economy/root-netuid.ts';
import { PROPORTION_WHOLE } from '#domain/children/links.ts';
import { TAO, testPolicy } from '../ledger-state.ts';
import type { Draws } from './draws.ts';
import type { FugitiveWorld } from './fugitive-world.ts';

/** Ended ones count: each block looks at all there ever were. */
const SUBNETS_MAX = 40;

export const FUGITIVE_POLICY = {
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
export type Act = (world: FugitiveWorld, wallet: string, draws: Draws) => void;

export function neuronsOf(world: FugitiveWorld, wallet: string): readonly Neuron[] {
  return [...world.ledger.neurons.values()].filter(({ coldkey }) => coldkey === wallet);
}

/** Somebody else of the same person's. */
export function friendOf(wallet: string, draws: Draws): string {
  const at = Number(wallet.slice(1));
  return `w${at - (at % 10) + draws.below(10)}`;
}

export function anyOf<T>(list: readonly T[], draws: Draws): T | undefined {
  return list.length === 0 ? undefined : draws.pick(list);
}

function anyNeuron(world: FugitiveWorld, draws: Draws): Neuron | undefined {
  return anyOf([...world.ledger.neurons.values()], draws);
}

export const freeOf = (world: FugitiveWorld, wallet: string): bigint => world.ledger.book.posted('TAO', wallet);

export const register: Act = (world, wallet, draws) => {
  const open = [...world.ledger.subnets.values()].filter(({ dissolution }) => dissolution === undefined);
  const netuid = anyOf(open, draws)?.netuid ?? 1;
  const hotkey = `h${draws.below(2)}-${wallet}`;
  const attempt = (world.ledger.registrations.get(registrationKey(netuid, hotkey))?.ended ?? 0) + 1;
  const initialStake = freeOf(world, wallet) / BigInt(2 + draws.below(5));
  world.order(wallet, { type: 'Register', netuid, hotkey, maxCost: 2n * TAO, attempt, initialStake });
};

export const add: Act = (world, wallet, draws) => {
  const own = anyOf(neuronsOf(world, friendOf(wallet, draws)), draws);
  const neuron = draws.below(2) === 0 ? own : anyNeuron(world, draws);
  if (neuron === undefined) return;
  const { netuid, hotkey } = draws.below(4) === 0 ? onRoot(neuron) : neuron;
  const amount = (freeOf(world, wallet) * BigInt(1 + draws.below(80))) / 100n;
  world.order(wallet, { type: 'AddStake', netuid, hotkey, amount });
};

/** Somewhere where a wallet has something. */
function placeOf(world: FugitiveWorld, wallet: string, draws: Draws) {
  const delegated = (world.ledger.delegationLists.get(wallet) ?? []).map(({ netuid, hotkey }) => ({ netuid, hotkey }));
  return anyOf([...delegated, ...neuronsOf(world, wallet)], draws);
}

export const remove: Act = (world, wallet, draws) => {
  const place = placeOf(world, wallet, draws);
  if (place === undefined) return;
  const { netuid, hotkey } = place;
  const amount = draws.below(2) === 0 ? undefined : BigInt(1 + draws.below(20)) * TAO;
  world.order(wallet, { type: 'RemoveStake', netuid, hotkey, amount });
};

/** Where no subnet's slash takes what was put there. */
function onRoot({ hotkey }: { readonly hotkey: string }): Place {
  return { netuid: ROOT_NETUID, hotkey };
}

export const move: Act = (world, wallet, draws) => {
  const place = placeOf(world, wallet, draws);
  const neuron =
    draws.below(2) === 0 ? anyOf(neuronsOf(world, friendOf(wallet, draws)), draws) : anyNeuron(world, draws);
  if (place === undefined || neuron === undefined) return;
  const { netuid, hotkey } = place;
  // Onto root, of another hotkey or of the same, and from there into a subnet.
  const to = draws.below(3) === 0 ? onRoot(draws.below(2) === 0 ? neuron : place) : neuron;
  const amount = draws.below(2) === 0 ? undefined : BigInt(1 + draws.below(20)) * TAO;
  world.order(wallet, { type: 'MoveStake', netuid, hotkey, toNetuid: to.netuid, toHotkey: to.hotkey, amount });
};

/** Onto root and off there at once: what went there answers there, whether it counts yet or not. */
export const throughRoot: Act = (world, wallet, draws) => {
  const place = placeOf(world, wallet, draws);
  if (place === undefined || place.netuid === ROOT_NETUID) return;
  const { netuid, hotkey } = place;
  const to = onRoot(draws.below(2) === 0 ? place : (anyNeuron(world, draws) ?? place));
  const amount = draws.below(3) === 0 ? BigInt(1 + draws.below(20)) * TAO : undefined;
  world.order(wallet, { type: 'MoveStake', netuid, hotkey, toNetuid: to.netuid, toHotkey: to.hotkey, amount });
  world.order(wallet, { type: 'RemoveStake', ...to, amount: undefined });
};

export const rebond: Act = (world, wallet, draws) => {
  const row = anyOf(world.ledger.unbondings.find(`wallet/${wallet}`), draws);
  if (row === undefined) return;
  const amount = draws.below(2) === 0 ? undefined : row.amount / 2n;
  world.order(wallet, { type: 'Rebond', unbondingId: row.id, amount });
};

export const swap: Act = (world, wallet, draws) => {
  const neuron = anyOf(neuronsOf(world, wallet), draws);
  if (neuron === undefined) return;
  const { netuid, hotkey } = neuron;
  const newHotkey = `${hotkey.slice(0, hotkey.indexOf('.') + 1 || undefined)}.${world.ledger.journal.head.sequence}`;
  world.order(wallet, { type: 'SwapHotkey', hotkey, newHotkey, netuid: draws.below(3) === 0 ? netuid : undefined });
};

/** Among them itself, and its own parents. */
export const give: Act = (world, wallet, draws) => {
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
export const poach: Act = (world, wallet, draws) => {
  const neuron = anyOf(neuronsOf(world, wallet), draws);
  if (neuron === undefined) return;
  const before = world.ledger.takes.get(neuron.hotkey);
  const u16 = draws.pick([0, 5000, 11_796]);
  const refusal = world.order(wallet, { type: 'SetTake', hotkey: neuron.hotkey, u16 });
  if (refusal === '' && u16 > (before?.u16 ?? 11_796)) throw new Error(`the take of ${neuron.hotkey} rose at once`);
};

export const leave: Act = (world, wallet, draws) => {
  const neuron = anyOf(neuronsOf(world, wallet), draws);
  if (neuron !== undefined) world.leave(neuron);
};

export const pay: Act = (world, wallet, draws) => {
  const to = friendOf(wallet, draws);
  const amount = freeOf(world, wallet) / 3n;
  if (to !== wallet && amount > 0n) world.order(wallet, { type: 'Transfer', to, amount });
};

/** A subnet of one's own to be gone with. */
export const found: Act = (world, wallet, draws) => {
  const own = [...world.ledger.subnets.values()].find(
    ({ owner, dissolution }) => owner === wallet && dissolution === undefined,
  );
  if (own !== undefined) world.order(wallet, { type: 'DissolveSubnet', netuid: own.netuid, atBlock: 0 });
  else if (world.ledger.network.lastNetuid < SUBNETS_MAX && draws.below(6) === 0) {
    const handle = `s${world.ledger.journal.head.sequence}`;
    const terms = { handle, policy: FUGITIVE_POLICY, emission: 'Held', registration: 'Open', maxCost: 0n } as const;
    world.order(wallet, { type: 'CreateSubnet', ...terms });
  }
};
