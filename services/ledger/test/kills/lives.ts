import { TAO, testGenesis, testPolicy } from '../../src/test/ledger-state.ts';
import type { Room } from './kill-run.ts';
import { blocks, leave, newcomer, neuron, order, payout, skipTo, subnet } from './steps.ts';

const policy = {
  ...testPolicy,
  hyperparameters: { ...testPolicy.hyperparameters, maxUids: 2, maxValidators: 2, evictionNoticeBlocks: 3 },
};
const held = { policy, emission: 'Held' } as const;
const match = { netuid: 1, maxCost: 9n * TAO };

/** Neurons and subnets that come, are told to go, pay to stay, and go. */
export const lives: Room = {
  name: 'lives',
  genesis: {
    ...testGenesis,
    subnetRemoval: { noticeBlocks: 3 },
    subnetCreation: {
      minLock: 10n * TAO,
      reductionIntervalBlocks: 10,
      rateLimitBlocks: 0,
      immunityBlocks: 5,
      limit: 2,
    },
  },
  script: () => [
    subnet('first', held),
    order('owner', 'CreateSubnet', {
      handle: 'second',
      policy: testPolicy,
      emission: 'Started',
      registration: 'Open',
      maxCost: 100n * TAO,
    }),
    order('owner', 'ChangeSubnet', { netuid: 2, registration: 'Closed' }),
    neuron('h1', { initialStake: 3n * TAO }),
    neuron('h2'),
    skipTo(40),
    newcomer('n1', { initialStake: 2n * TAO }),
    order('desk', 'MatchEviction', { ...match, hotkey: 'h1' }), // the notice goes on to h2
    ...blocks(4), // h2 goes
    payout(2, 1, ''), // an end waits for payments
    skipTo(100),
    newcomer('n2'),
    leave('n1'),
    ...blocks(1), // n2 has a place that came free, and h1 keeps its own
    payout(2, 2, ''),
    skipTo(140),
    newcomer('n3', { initialStake: TAO }),
    order('desk', 'MatchEviction', { ...match, hotkey: 'h1' }),
    order('desk', 'MatchEviction', { ...match, hotkey: 'n2' }), // nobody is left to go: n3 has its money back
    order('owner', 'DissolveSubnet', { netuid: 2, atBlock: 0 }),
    order('owner', 'KeepSubnet', { netuid: 2, maxCost: 0n }),
    order('desk', 'CreateSubnet', {
      handle: 'third',
      policy: testPolicy,
      emission: 'Held',
      registration: 'Open',
      maxCost: 100n * TAO,
    }),
    order('owner', 'KeepSubnet', { netuid: 1, maxCost: 100n * TAO }),
    ...blocks(1),
    payout(2, 3, ''),
    ...blocks(8), // the second ends, the third begins
    skipTo(160),
    order('desk', 'CreateSubnet', {
      handle: 'fourth',
      policy: testPolicy,
      emission: 'Held',
      registration: 'Open',
      maxCost: 100n * TAO,
    }),
    order('owner', 'KeepSubnet', { netuid: 1, maxCost: 100n * TAO }),
    order('desk', 'KeepSubnet', { netuid: 3, maxCost: 100n * TAO }), // nobody is left: the fourth has its lock back
    ...blocks(4),
  ],
};
