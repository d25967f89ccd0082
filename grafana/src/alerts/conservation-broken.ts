import type { AlertRule } from '../alert-rule.ts';
import { networkOverview } from '../dashboards/network-overview.ts';
import { metrics } from '../metrics.ts';

/** Money was created or lost. It stays visible for an hour, because a later audit that passes does not explain it. */
export const conservationBroken: AlertRule = {
  name: 'ConservationBroken',
  expr: `max by (cluster) (abs(${metrics.conservationDifference})) > 0`,
  holdsFor: '0s',
  keepFiringFor: '1h',
  severity: 'page',
  service: 'ledger',
  summary: 'Balances differ from the journal by {{ $value }} rao',
  description:
    'All balances of an asset must equal genesis plus rewards minus burns. They do not. Stop the ledger before it pays more, keep its database as it is, and run subnetes ledger verify.',
  runbook: 'conservation-broken',
  dashboardUid: networkOverview.uid,
};
