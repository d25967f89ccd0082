import { metrics } from '../metrics.ts';
import type { PanelSpec } from '../panel.ts';
import { CLUSTER, grownInRange, SUBNET } from '../selectors.ts';
import { series } from './tiles.ts';

/** What is on its way out of validators. */
export const unbonding: PanelSpec = series({
  title: 'Stake that leaves',
  description:
    'Stake that was taken off and is not released yet, where the network lets it take its time. A sudden rise says that many leave at once: look at slashes that are open and at what happened to the validators.',
  runbook: 'slash-open',
  unit: 'suffix: tokens',
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

/** What scoring measured, before anybody decides. */
export const evidence: PanelSpec = series({
  title: 'Evidence of faults',
  description:
    'Evidence that scoring told the ledger of in the time shown, by what it is of and what the ledger said. Reported: a slash is open. Refused: nothing was at stake any more, a bound was reached, or it was known; the log of scoring has the code. Many at once: look at scoring and at the network between validators and miners before you look at the miners.',
  runbook: 'slash-open',
  unit: 'short',
  min: 0,
  decimals: 0,
  queries: [
    {
      expr: `sum by (cluster, subnet, type, result) (${grownInRange(`${metrics.evidence}{${SUBNET}}`)})`,
      legend: 'subnet {{subnet}} {{type}} {{result}}',
      expects: 'data',
    },
  ],
});

const NEURONS = `${metrics.condition}{${CLUSTER},customresource_kind=~"Miner|Validator"`;

/** Whose owners have to act, or have lost. */
export const slashed: PanelSpec = series({
  title: 'Neurons with the condition Slashed',
  description:
    'Miners and validators of this cluster, in all subnets, of which a slash is open or took stake within the window. `kubectl get miner,validator -A` and the condition say which, how much, and until when it can be disputed.',
  runbook: 'slash-open',
  unit: 'short',
  min: 0,
  decimals: 0,
  queries: [
    {
      expr: `sum by (cluster, customresource_kind) (${NEURONS},type="Slashed"}) or 0 * count by (cluster, customresource_kind) (${NEURONS}})`,
      legend: '{{customresource_kind}}',
      expects: 'data',
    },
  ],
});
