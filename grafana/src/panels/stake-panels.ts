import { metrics } from '../metrics.ts';
import type { PanelSpec } from '../panel.ts';
import { SUBNET } from '../selectors.ts';
import { series } from './tiles.ts';

/** Whose money gives validators their voice. */
export const staked: PanelSpec = series({
  title: 'Stake',
  description:
    'Stake that counts in the subnet: of the owners, and what others have delegated to them. Delegations grow by their part of the dividends. A fall of the delegated part says that nominators leave: compare trust and take of the validators.',
  runbook: 'validator-weights-overdue',
  unit: 'suffix: tokens',
  queries: [
    {
      expr: `max by (cluster, subnet, holder) (${metrics.staked}{${SUBNET}})`,
      legend: 'subnet {{subnet}} {{holder}}',
      expects: 'above-zero',
    },
  ],
});

/** What it costs to come in. */
export const registrationCost: PanelSpec = series({
  title: 'Price of a registration',
  description:
    'What a registration burns now. Where the policy has a burn price each registration raises it and each block lowers it; a steep rise is a rush for places, and neurons with low emission will be evicted.',
  runbook: 'miners-not-earning',
  unit: 'suffix: tokens',
  queries: [
    {
      expr: `max by (cluster, subnet) (${metrics.registrationCost}{${SUBNET}})`,
      legend: 'subnet {{subnet}}',
      expects: 'above-zero',
    },
  ],
});
