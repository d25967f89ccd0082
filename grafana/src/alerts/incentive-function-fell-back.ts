import type { AlertRule } from '../alert-rule.ts';
import { subnetHealth } from '../dashboards/subnet-health.ts';
import { metrics } from '../metrics.ts';

/** An owner's function did not divide an epoch: miners were paid, otherwise than the owner promised. */
export const incentiveFunctionFellBack: AlertRule = {
  name: 'IncentiveFunctionFellBack',
  expr: `sum by (cluster, subnet) (max by (cluster, subnet, state) (${metrics.incentiveFunctions}{state=~"refused|missing"})) > 0`,
  holdsFor: '0s',
  severity: 'ticket',
  service: 'scoring',
  summary: 'Subnet {{ $labels.subnet }} is paid without its incentive function',
  description:
    'The newest epoch was divided as the consensus and the rules before the function left it, since the run was refused or nobody has the module. Nobody waits for pay, but miners are paid otherwise than the policy says.',
  runbook: 'incentive-function-fell-back',
  dashboardUid: subnetHealth.uid,
};
