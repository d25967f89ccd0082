import { metrics } from '../metrics.ts';
import type { PanelSpec } from '../panel.ts';
import { SUBNET } from '../selectors.ts';
import { series } from './tiles.ts';

/** What is on its way out of validators. */
export const unbonding: PanelSpec = series({
  title: 'Stake that leaves',
  description:
    'Stake that was taken off and is not released yet, where the network lets it take its time. A sudden rise says that many leave at once: look at slashes that are open and at what happened to the validators.',
  runbook: 'slash-open',
  unit: 'suffix: TAO',
  queries: [
    {
      expr: `max by (cluster, subnet) (${metrics.unbonding}{${SUBNET}})`,
      legend: 'subnet {{subnet}}',
      expects: 'data',
    },
  ],
});

/** Who is accused, and what came of it. */
export const slashes: PanelSpec = series({
  title: 'Slashes',
  description:
    'Slashes by what has come of them. A pending one is carried out when its window is over unless the owner disputes it; a disputed one is dropped unless enough of those who decide uphold it.',
  runbook: 'slash-open',
  unit: 'short',
  queries: [
    {
      expr: `max by (cluster, subnet, status) (${metrics.slashes}{${SUBNET}})`,
      legend: 'subnet {{subnet}} {{status}}',
      expects: 'data',
    },
  ],
});
