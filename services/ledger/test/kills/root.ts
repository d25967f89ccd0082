import type { Ledger } from '../../src/domain/economy/ledger.ts';
import { TAO, testGenesis } from '../../src/test/ledger-state.ts';
import type { Room } from './kill-run.ts';
import { blocks, neuron, order, payout, subnet } from './steps.ts';

const UNBONDING = 6;
const ROOT = { netuid: 0, hotkey: 'v1' };

function unbondingOf(ledger: Ledger, wallet: string): number {
  return Math.max(...ledger.unbondings.find(`wallet/${wallet}`).map(({ id }) => id));
}

/** Stake on root: it counts in two subnets, is paid by both, is on its way, and goes along with its hotkey. */
export const root: Room = {
  name: 'root',
  genesis: {
    ...testGenesis,
    unbondingBlocks: UNBONDING,
    rootStakeWeightPpm: 180_000,
    accounts: [...testGenesis.accounts, ...['ann', 'bob'].map((account) => ({ account, amount: 500n * TAO }))],
  },
  script: () => [
    subnet('sp500'),
    subnet('gold'),
    neuron('v1', { initialStake: 60n * TAO }),
    neuron('v1', { netuid: 2, initialStake: 5n * TAO }),
    neuron('v2', { coldkey: 'owner', payer: 'owner', mandate: null, cause: null, initialStake: 40n * TAO }),
    order('ann', 'AddStake', { ...ROOT, amount: 100n * TAO }),
    order('bob', 'AddStake', { ...ROOT, amount: 50n * TAO }),
    ...blocks(10), // it counts, and both are sealed
    order('bob', 'RemoveStake', { ...ROOT, amount: 20n * TAO }),
    order('bob', 'Rebond', (ledger) => ({ unbondingId: unbondingOf(ledger, 'bob'), amount: TAO })),
    payout(1, 1, 'v1', 'v2'),
    order('ann', 'MoveStake', { ...ROOT, toNetuid: 1, toHotkey: 'v2', amount: 5n * TAO }),
    payout(2, 1, 'v1'),
    order('desk', 'SwapHotkey', { hotkey: 'v1', newHotkey: 'w1', netuid: undefined }),
    ...blocks(10),
    payout(1, 2, 'w1', 'v2'),
    order('bob', 'RemoveStake', { netuid: 0, hotkey: 'w1', amount: undefined }),
  ],
};
