import type { AlertRule } from '../alert-rule.ts';
import { networkOverview } from '../dashboards/network-overview.ts';
import { metrics } from '../metrics.ts';

/** Any audit, inside the ledger or outside of it, found the books wrong: the ledger pays nothing meanwhile. */
export const auditFound: AlertRule = {
  name: 'AuditFound',
  expr: `min by (cluster, invariant) (${metrics.invariantOk}) == 0`,
  holdsFor: '0s',
  severity: 'page',
  service: 'ledger',
  summary: 'The books of the ledger are in doubt: {{ $labels.invariant }}',
  description:
    'An audit found something that must never be. Payouts are stopped; blocks and transfers go on. With outside_audit the finding is in the log of the pod ledger-audit and in the table audit_incidents, and stays until a person clears it.',
  runbook: 'audit-found',
  dashboardUid: networkOverview.uid,
};
