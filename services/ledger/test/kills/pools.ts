import { TAO } from '../../src/test/ledger-state.ts';
import { genesisWithTokens } from '../../src/test/pool-state.ts';
import type { Room } from './kill-run.ts';
import { blocks, neuron, order, payout, subnet } from './steps.ts';

const BOUNDS = { netuid: 1, minOut: 1n, allowPartial: false };

/** A pool from its begin to the end of its subnet, which buys everybody out. */
export const pools: Room = {
  name: 'pools',
  genesis: genesisWithTokens(
    { poolPpm: 500_000, movingPpm: 100_000, movingHalvingBlocks: 10 },
    { emissionPolicy: { name: 'Flow', version: 1, fromBlock: 4 }, subnetRemoval: { noticeBlocks: 3 } },
  ),
  script: () => [
    subnet('sp500'),
    subnet('gold'),
    order('desk', 'SwapBuy', { ...BOUNDS, amount: 10n * TAO }),
    order('owner', 'SwapBuy', { ...BOUNDS, netuid: 2, amount: 3n * TAO }),
    ...blocks(4), // from now on by flow
    order('desk', 'TransferAlpha', { netuid: 1, to: 'ann', amount: 2n * TAO }),
    order('desk', 'SwapSell', { ...BOUNDS, amount: TAO }),
    order('owner', 'SwapSell', { ...BOUNDS, netuid: 2, amount: undefined }),
    neuron('v1', { initialStake: 9n * TAO }),
    order('owner', 'AddStake', { netuid: 1, hotkey: 'v1', amount: 8n * TAO }),
    ...blocks(6),
    payout(1, 1, 'v1'),
    order('owner', 'DissolveSubnet', { netuid: 1, atBlock: 0 }),
    ...blocks(9), // its end, in several steps
  ],
};
