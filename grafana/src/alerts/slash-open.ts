import type { AlertRule } from '../alert-rule.ts';
import { subnetHealth } from '../dashboards/subnet-health.ts';
import { metrics } from '../metrics.ts';

/** Somebody is about to lose stake, and has a window in which to speak; or a decision is waited for. */
export const slashOpen: AlertRule = {
  name: 'SlashOpen',
  expr: `sum by (cluster, subnet) (max by (cluster, subnet, status) (${metrics.slashes}{status=~"pending|disputed"})) > 0`,
  holdsFor: '0s',
  severity: 'ticket',
  service: 'ledger',
  summary: 'Slashes of neurons in subnet {{ $labels.subnet }} that are not decided: {{ $value }}',
  description:
    'Stake is taken at the block that subnetes slash list tells, unless the owner disputes it before, or unless too few of those who decide uphold it. Whoever owns the neuron, or decides, has to act within that time.',
  runbook: 'slash-open',
  dashboardUid: subnetHealth.uid,
};
