import type { AlertRule } from '../alert-rule.ts';
import { networkOverview } from '../dashboards/network-overview.ts';
import { metrics } from '../metrics.ts';

/** Nobody looks any more: a break would be found late. */
export const auditSilent: AlertRule = {
  name: 'AuditSilent',
  expr: `time() - max by (cluster) (${metrics.outsideAuditTimestamp}) > 900`,
  holdsFor: '0s',
  severity: 'ticket',
  service: 'ledger',
  summary: 'The audit from outside has not finished for {{ $value | humanizeDuration }}',
  description:
    'The pod ledger-audit cannot read its database, is behind, or is gone. The ledger goes on and audits itself; nobody else does.',
  runbook: 'audit-silent',
  dashboardUid: networkOverview.uid,
};
