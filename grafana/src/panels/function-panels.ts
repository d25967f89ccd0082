import { metrics } from '../metrics.ts';
import type { PanelSpec } from '../panel.ts';
import { SUBNET } from '../selectors.ts';
import { series } from './tiles.ts';

const BY = 'cluster, subnet';

/** Whether the owner's function divided the newest epoch. */
export const functionOutcomes: PanelSpec = series({
  title: 'Incentive function: what became of it',
  description:
    'Mechanisms of the newest epoch by what became of the function that the policy names: decided, declined (it left incentives as they are), refused or missing. The latter two were paid without it; `kubectl describe subnet` names the code. All are zero on subnets without a function.',
  runbook: 'incentive-function-fell-back',
  unit: 'short',
  min: 0,
  decimals: 0,
  queries: [
    {
      expr: `max by (${BY}, state) (${metrics.incentiveFunctions}{${SUBNET}})`,
      legend: '{{state}} on {{subnet}}',
      expects: 'data',
    },
  ],
});

/** How near a function is to its limit. */
export const functionFuel: PanelSpec = series({
  title: 'Incentive function: fuel',
  description:
    'Most fuel that one run of the newest epoch took. It grows with neurons; where it reaches what the policy grants (20,000,000 if it does not say), the run is refused and the epoch is paid without it.',
  runbook: 'incentive-function-fell-back',
  unit: 'short',
  min: 0,
  queries: [
    {
      expr: `max by (${BY}) (${metrics.incentiveFunctionFuel}{${SUBNET}})`,
      legend: 'subnet {{subnet}}',
      expects: 'data',
    },
  ],
});
