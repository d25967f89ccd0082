import type { AlertRule } from '../alert-rule.ts';
import { subnetHealth } from '../dashboards/subnet-health.ts';
import { metrics } from '../metrics.ts';

/** A market ends: whoever works in it, delegates in it or buys from it has until its block. */
export const subnetDissolving: AlertRule = {
  name: 'SubnetDissolving',
  expr: `max by (cluster, subnet) (${metrics.dissolving}) > 0`,
  holdsFor: '0s',
  severity: 'ticket',
  service: 'ledger',
  summary: 'Subnet {{ $labels.subnet }} ends',
  description:
    'The owner has announced the end of the subnet, or it is paying everybody out. Stake and delegations go back by themselves; models are sold until its block. subnetes subnet show names the block.',
  runbook: 'subnet-dissolving',
  dashboardUid: subnetHealth.uid,
};
