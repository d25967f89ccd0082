import { metrics } from '../metrics.ts';
import type { PanelSpec } from '../panel.ts';
import { SUBNET } from '../selectors.ts';
import { series } from './tiles.ts';

const BY = 'cluster, subnet';

/** Leave one out. */
export const validatorInfluence: PanelSpec = series({
  title: 'Influence of each validator',
  description:
    'Sum of what changes of all incentives when the vote of that validator is left out: 0 nothing, 2 everything. One line far above the others decides alone: look at its stake before its scores. All at zero: each is dispensable, and only a coalition could change payouts; see the capture index.',
  runbook: 'miners-not-earning',
  unit: 'none',
  min: 0,
  decimals: 3,
  queries: [
    {
      expr: `max by (${BY}, uid) (${metrics.influence}{${SUBNET}})`,
      legend: 'uid {{uid}} on {{subnet}}',
      expects: 'data',
    },
  ],
});

/** How narrowly payouts are decided. */
export const captureIndex: PanelSpec = series({
  title: 'Capture index and concentration',
  description:
    'Capture index: the smallest stake found without which a tenth of the incentive would go elsewhere; one half means that none below half was found. A fall says that payouts come to rest on few, not who is right. Concentration of influence: one when a single validator has all of it.',
  runbook: 'miners-not-earning',
  unit: 'percentunit',
  min: 0,
  max: 1,
  queries: [
    {
      expr: `max by (${BY}) (${metrics.captureIndex}{${SUBNET}})`,
      legend: 'capture index {{subnet}}',
      expects: 'above-zero',
    },
    {
      expr: `max by (${BY}) (${metrics.influenceConcentration}{${SUBNET}})`,
      legend: 'concentration {{subnet}}',
      expects: 'data',
    },
  ],
});

/** Who the firewall does not count. */
export const abstentions: PanelSpec = series({
  title: 'Validators that abstain',
  description:
    "Validators whose weights the policy's firewall did not count in the newest epoch; zero where there is no firewall. Above zero: `kubectl get vld` and the Scoring condition say who and why.",
  runbook: 'validator-weights-overdue',
  unit: 'short',
  min: 0,
  decimals: 0,
  queries: [
    {
      expr: `max by (${BY}) (${metrics.validators}{${SUBNET},state="abstaining"})`,
      legend: 'subnet {{subnet}}',
      expects: 'data',
    },
  ],
});
