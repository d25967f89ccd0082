import { metrics } from '../metrics.ts';
import type { PanelSpec } from '../panel.ts';
import { series } from './tiles.ts';

/** What is voted on, and what became of it. */
export const proposals: PanelSpec = series({
  title: 'Proposals',
  description:
    'Proposals by state, where genesis has governance. One that is voting or queued changes the network or spends its treasury unless somebody objects: read it with subnetes proposal show. Failed means that it passed and could no longer be carried out.',
  runbook: 'emission-off-plan',
  unit: 'short',
  queries: [
    {
      expr: `max by (cluster, state) (${metrics.proposals})`,
      legend: '{{state}}',
      expects: 'data',
    },
  ],
});

/** What proposals can spend. */
export const treasury: PanelSpec = series({
  title: 'Treasury',
  description:
    'What the network has to spend by proposals. It rises by its part of the fees and by deposits that were lost, and falls when a proposal is carried out; a fall without one is an incident.',
  runbook: 'emission-off-plan',
  unit: 'suffix: tokens',
  queries: [
    {
      expr: `max by (cluster) (${metrics.treasury})`,
      legend: 'treasury',
      expects: 'data',
    },
  ],
});
