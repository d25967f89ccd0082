import type { AlertRule } from '../alert-rule.ts';
import { networkOverview } from '../dashboards/network-overview.ts';
import { metrics } from '../metrics.ts';

/** A witness got another result than scoring. It stays visible for an hour: an epoch that is right later does not explain it. */
export const witnessRefused: AlertRule = {
  name: 'WitnessRefused',
  expr: `sum by (cluster, reason) (increase(${metrics.witnessRefused}[10m])) > 0`,
  holdsFor: '0s',
  keepFiringFor: '1h',
  severity: 'page',
  service: 'witness',
  summary: 'A witness does not sign an epoch: {{ $labels.reason }}',
  description:
    "What scoring publishes is not what follows from the ledger's seal and the epoch before. Either scoring's store was changed, or two versions compute differently. The witness's log names the first field that differs.",
  runbook: 'witness-refused',
  dashboardUid: networkOverview.uid,
};
