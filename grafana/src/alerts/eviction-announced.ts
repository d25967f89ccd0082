import type { AlertRule } from '../alert-rule.ts';
import { subnetHealth } from '../dashboards/subnet-health.ts';
import { metrics } from '../metrics.ts';

/** A neuron goes unless its owner does something: whose it is the subnet's order tells. */
export const evictionAnnounced: AlertRule = {
  name: 'EvictionAnnounced',
  expr: `max by (cluster, subnet) (${metrics.pendingEvictions}) > 0`,
  holdsFor: '0s',
  severity: 'ticket',
  service: 'ledger',
  summary: '{{ $value }} neurons of subnet {{ $labels.subnet }} have notice of their eviction',
  description:
    'Newcomers have paid for the places of neurons that earned least. Their owners can pay the same and stay, earn more than another until the notice ends, or leave. subnetes subnet evictions names them and their blocks.',
  runbook: 'eviction-announced',
  dashboardUid: subnetHealth.uid,
};
