import type { WalletOrder } from '#domain/economy/wallet-order.ts';
import type { AgentWorld } from './agent-world.ts';
import type { Draws } from './draws.ts';

/** What an actor may order: everything that a wallet can sign. A new order of the ledger gets its line here. */
export type ActionName = 'AddStake' | 'RemoveStake' | 'MoveStake' | 'SetTake' | 'Register' | 'Transfer';

/** Who orders, and with what in hand. */
export interface Agent {
  readonly name: string;
  readonly wallet: string;
  /** Wallets that belong to the same person. */
  readonly friends: readonly string[];
  /** Hotkeys of its own, registered or not. */
  readonly hotkeys: readonly string[];
}

/** Makes an order, sensible or not; undefined: there is nothing that it could be about. */
export type Action = (world: AgentWorld, agent: Agent, draws: Draws) => WalletOrder | undefined;

/** Amounts around which rules turn: none, a rao, the least delegation, all that there is, and more than that. */
function amountOf(draws: Draws, all: bigint): bigint {
  return draws.pick<() => bigint>([
    () => (all * BigInt(draws.below(1000))) / 1000n,
    () => all / 50n,
    () => 2_000_000n + BigInt(draws.below(3)),
    () => all,
    () => all + 1n,
    () => BigInt(draws.below(3)),
  ])();
}

export const CATALOGUE: Readonly<Record<ActionName, Action>> = {
  AddStake: (world, agent, draws) => {
    const place = world.anyPlace(draws);
    return place && { type: 'AddStake', ...place, amount: amountOf(draws, world.freeOf(agent.wallet)) };
  },
  RemoveStake: (world, agent, draws) => {
    const place = draws.below(8) === 0 ? world.anyNeuron(draws) : world.anyStakeOf(agent, draws);
    if (place === undefined) return undefined;
    const all = world.stakeOf(agent.wallet, place);
    return { type: 'RemoveStake', ...place, amount: draws.below(3) === 0 ? undefined : amountOf(draws, all) };
  },
  MoveStake: (world, agent, draws) => {
    const [from, to] = [world.anyStakeOf(agent, draws), world.anyPlace(draws)];
    if (from === undefined || to === undefined) return undefined;
    const amount = draws.below(2) === 0 ? undefined : amountOf(draws, world.stakeOf(agent.wallet, from));
    return { type: 'MoveStake', ...from, amount, toNetuid: to.netuid, toHotkey: to.hotkey };
  },
  SetTake: (_world, agent, draws) => ({
    type: 'SetTake',
    hotkey: draws.pick(agent.hotkeys),
    u16: draws.pick([0, 1, 5000, 11_796, 11_797]),
  }),
  Register: (world, agent, draws) => {
    const netuid = draws.pick(world.shadow.netuids());
    const hotkey = draws.pick(agent.hotkeys);
    const { price } = world.shadow.subnet(netuid);
    return {
      type: 'Register',
      netuid,
      hotkey,
      maxCost: draws.pick([price, price, price * 2n, price - 1n]),
      attempt: world.shadow.attempt(netuid, hotkey) + (draws.below(12) === 0 ? 1 : 0),
      initialStake: draws.below(2) === 0 ? 0n : world.freeOf(agent.wallet) / 4n,
    };
  },
  Transfer: (world, agent, draws) => ({
    type: 'Transfer',
    to: draws.pick(agent.friends.length > 0 && draws.below(4) > 0 ? agent.friends : world.wallets),
    amount: amountOf(draws, world.freeOf(agent.wallet) / 3n),
  }),
};
