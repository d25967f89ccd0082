import { metrics } from '../metrics.ts';
import type { PanelSpec } from '../panel.ts';
import { SUBNET } from '../selectors.ts';
import { series } from './tiles.ts';

/** Who has to go soon, and when. */
export const evictions: PanelSpec = series({
  title: 'Evictions ahead',
  description:
    'Newcomers that have paid and wait for a place, each for a neuron that has its notice. Above zero: owners of neurons with low emission should look at `subnetes subnet evictions` and pay, improve or leave.',
  runbook: 'eviction-announced',
  unit: 'short',
  queries: [
    {
      expr: `max by (cluster, subnet) (${metrics.pendingEvictions}{${SUBNET}})`,
      legend: 'subnet {{subnet}}',
      expects: 'data',
    },
  ],
});

/** How long a subnet still goes on. */
export const dissolution: PanelSpec = series({
  title: 'Blocks until a subnet ends',
  description:
    'Blocks until the announced end of a subnet; zero where none is announced or it has begun. All stake and all delegations go back by themselves, but models are sold no longer.',
  runbook: 'subnet-dissolving',
  unit: 'suffix: blocks',
  queries: [
    {
      expr: `max by (cluster, subnet) (${metrics.dissolutionDue}{${SUBNET}})`,
      legend: 'subnet {{subnet}}',
      expects: 'data',
    },
  ],
});
