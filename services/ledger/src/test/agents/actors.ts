import type { WalletOrder } from '#domain/economy/wallet-order.ts';
import type { AgentWorld } from './agent-world.ts';
import { type ActionName, type Agent, CATALOGUE } from './catalogue.ts';
import type { Draws } from './draws.ts';

/** How people of a kind behave: what they order how often, or a plan of their own. */
export interface Character {
  readonly name: string;
  /** Of all actors, in percent. */
  readonly percent: number;
  /** Wallets that one person has. */
  readonly wallets: number;
  /** Orders of one turn, each carried out before the next is made. */
  readonly turn: (world: AgentWorld, agent: Agent, draws: Draws) => Iterable<WalletOrder | undefined>;
}

/** An order by weights. */
function weighed(weights: Partial<Record<ActionName, number>>) {
  const names = Object.entries(weights).flatMap(([name, weight]) => Array.from({ length: weight }, () => name));
  return (world: AgentWorld, agent: Agent, draws: Draws): WalletOrder | undefined =>
    CATALOGUE[draws.pick(names) as ActionName](world, agent, draws);
}

const patient = weighed({ AddStake: 6, RemoveStake: 3, MoveStake: 1, Register: 2, Transfer: 1, SetTake: 1 });
const restless = weighed({ AddStake: 4, RemoveStake: 2, MoveStake: 6, Register: 3, SetTake: 3 });
const anything = weighed({ AddStake: 3, RemoveStake: 3, MoveStake: 3, Register: 3, Transfer: 3, SetTake: 3 });

export const CHARACTERS: readonly Character[] = [
  {
    name: 'honest',
    percent: 40,
    wallets: 1,
    *turn(world, agent, draws) {
      yield patient(world, agent, draws);
    },
  },
  {
    // Goes where the last epoch paid most, and takes what it can of those who trust it, at the moment when it pays.
    name: 'greedy',
    percent: 20,
    wallets: 1,
    *turn(world, agent, draws) {
      const best = world.bestNeuron();
      const from = world.anyStakeOf(agent, draws);
      if (best !== undefined && from !== undefined && draws.below(2) === 0) {
        yield { type: 'MoveStake', ...from, amount: undefined, toNetuid: best.netuid, toHotkey: best.hotkey };
      }
      if (world.isUnpaid && draws.below(3) === 0) {
        yield { type: 'SetTake', hotkey: draws.pick(agent.hotkeys), u16: 11_796 };
      }
      yield restless(world, agent, draws);
    },
  },
  {
    // Round trips within a block and around a seal: whatever rounding or timing gives away, it takes many times.
    name: 'arbitrageur',
    percent: 15,
    wallets: 1,
    *turn(world, agent, draws) {
      const best = world.isUnpaid || world.isSealNear ? world.bestNeuron() : world.anyNeuron(draws);
      const place = best !== undefined && draws.below(3) === 0 ? { netuid: 0, hotkey: best.hotkey } : best;
      if (place === undefined) return;
      const free = world.freeOf(agent.wallet);
      for (let round = 0; round < 3; round += 1) {
        yield { type: 'AddStake', ...place, amount: free / 2n - BigInt(draws.below(1000)) };
        if (draws.below(3) === 0) yield { type: 'RemoveStake', ...place, amount: 1n + BigInt(draws.below(9)) };
        if (!world.isSealNear) yield { type: 'RemoveStake', ...place, amount: undefined };
      }
    },
  },
  {
    // Orders that must be refused, dust, floods; takes places from others where it may.
    name: 'griefer',
    percent: 10,
    wallets: 1,
    *turn(world, agent, draws) {
      for (let order = 0; order < 4; order += 1) yield anything(world, agent, draws);
      yield { type: 'AddStake', netuid: 9, hotkey: 'nobody', amount: 1n };
      yield { type: 'Transfer', to: agent.wallet, amount: 1n };
    },
  },
  {
    // One person with three wallets that rate, delegate to and pay each other.
    name: 'sybil',
    percent: 15,
    wallets: 3,
    *turn(world, agent, draws) {
      const own = world.neuronOf(draws.pick([agent.wallet, ...agent.friends]), draws);
      if (own !== undefined && draws.below(2) === 0) {
        yield { type: 'AddStake', ...own, amount: world.freeOf(agent.wallet) / 3n };
      }
      yield anything(world, agent, draws);
    },
  },
];
