import { metrics } from '../metrics.ts';
import type { PanelSpec } from '../panel.ts';
import { SUBNET } from '../selectors.ts';
import { series } from './tiles.ts';

/** What a subnet's token costs. */
export const poolPrice: PanelSpec = series({
  title: 'Price of the token',
  description:
    'Spot and moving price of the subnet’s token in the network’s. The moving price is slow by design and counts a spot price above one as one; a spot price far from it was made by few large swaps. No lines: subnets of this network have no tokens.',
  runbook: 'emission-off-plan',
  unit: 'suffix: tokens',
  min: 0,
  queries: [
    {
      expr: `max by (cluster, subnet, kind) (${metrics.poolPrice}{${SUBNET}})`,
      legend: 'subnet {{subnet}} {{kind}}',
      expects: 'data-with-tokens',
    },
  ],
});

/** What can be traded against. */
export const poolReserves: PanelSpec = series({
  title: 'Reserves of the pool',
  description:
    'What the pool holds of the network’s token and of the subnet’s. Both grow with each block of a started subnet; a fall of one with a rise of the other is trade. The smaller they are, the further a swap moves the price.',
  runbook: 'emission-off-plan',
  unit: 'suffix: tokens',
  min: 0,
  queries: [
    {
      expr: `max by (cluster, subnet, side) (${metrics.poolReserve}{${SUBNET}})`,
      legend: 'subnet {{subnet}} {{side}}',
      expects: 'data-with-tokens',
    },
  ],
});

/** How much is traded. */
export const poolVolume: PanelSpec = series({
  title: 'Traded in the pool (per hour)',
  description:
    'Tokens that swaps moved in or out, an hour’s rate. Blocks are not in it. Much trade at a price that stays is arbitrage or somebody who trades with himself.',
  runbook: 'emission-off-plan',
  unit: 'suffix: tokens/h',
  min: 0,
  queries: [
    {
      expr: `3600 * rate(${metrics.poolVolume}{${SUBNET}}[$__rate_interval])`,
      legend: 'subnet {{subnet}}',
      expects: 'data-with-tokens',
    },
  ],
});
