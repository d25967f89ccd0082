import { announce } from '../../src/domain/economy/announce.ts';
import type { Ledger } from '../../src/domain/economy/ledger.ts';
import { TAO, testGenesis } from '../../src/test/ledger-state.ts';
import type { Room } from './kill-run.ts';
import { balances, blocks, command, neuron, order, payout, subnet } from './steps.ts';

const UNBONDING = 6;
const V1 = { netuid: 1, hotkey: 'v1' };
const V2 = { netuid: 1, hotkey: 'v2' };
const all = { amount: undefined };

/** The newest amount of a wallet that is unbonding. */
function unbondingOf(ledger: Ledger, wallet: string): number {
  return Math.max(...ledger.unbondings.find(`wallet/${wallet}`).map(({ id }) => id));
}

export const stake: Room = {
  name: 'stake',
  genesis: {
    ...testGenesis,
    unbondingBlocks: UNBONDING,
    emissionPolicy: { name: 'RootWeights', version: 1, tempo: 12 },
    accounts: [...testGenesis.accounts, ...['ann', 'bob'].map((account) => ({ account, amount: 500n * TAO }))],
  },
  script: () => [
    subnet('sp500'),
    subnet('gold'),
    order('desk', 'Register', { ...V1, maxCost: 2n * TAO, attempt: 1, initialStake: 60n * TAO }),
    order('owner', 'Register', { ...V2, maxCost: 2n * TAO, attempt: 1, initialStake: 40n * TAO }),
    neuron('v1'), // an object of a cluster takes it over
    neuron('v1', { netuid: 2, initialStake: 5n * TAO }),
    order('desk', 'AddStake', { ...V1, amount: 7n * TAO }),
    order('ann', 'AddStake', { ...V1, amount: 30n * TAO }),
    order('bob', 'AddStake', { ...V1, amount: 20n * TAO }),
    order('desk', 'SetAutoStake', { ...V1, isOn: true }),
    order('desk', 'SetTake', { hotkey: 'v1', u16: 5000 }),
    command('endpoint', (ledger) => {
      const registrationId = ledger.neuronByHotkey(1, 'v1')?.registrationId ?? '';
      const endpoint = {
        urls: ['https://v1.example:443'],
        protocols: ['kserve-v2-rest'],
        sequence: 1,
        expiresAtBlock: 900,
      };
      return announce(ledger, { ...V1, registrationId, ...endpoint, spkiSha256: 'cd'.repeat(32), announcement: 'ef' });
    }),
    ...blocks(10), // what was delegated counts, and an epoch is sealed
    order('ann', 'RemoveStake', { ...V1, amount: 4n * TAO }),
    order('ann', 'Rebond', (ledger) => ({ unbondingId: unbondingOf(ledger, 'ann'), amount: TAO })),
    order('ann', 'RemoveStake', { ...V1, amount: 2n * TAO }),
    order('ann', 'Rebond', (ledger) => ({ unbondingId: unbondingOf(ledger, 'ann'), amount: undefined })),
    payout(1, 1, 'v1', 'v2'),
    balances(1, 1),
    payout(2, 1, 'v1'),
    order('bob', 'MoveStake', { ...V1, toNetuid: 1, toHotkey: 'v2', amount: 5n * TAO }),
    order('desk', 'MoveStake', { ...V1, toNetuid: 2, toHotkey: 'v1', amount: 3n * TAO }),
    ...blocks(3), // the root network is sealed
    payout(0, 1, 'v1'),
    ...blocks(4), // what left is released, what was moved is free
    order('bob', 'RemoveStake', { ...V2, ...all }),
    order('desk', 'SetAutoStake', { ...V1, isOn: false }),
    ...blocks(UNBONDING + 1),
    payout(1, 2, 'v2', 'v1'),
  ],
};
