import type { AlertRule } from '../alert-rule.ts';
import { networkOverview } from '../dashboards/network-overview.ts';
import { metrics } from '../metrics.ts';

/** Half a second: more than clocks that are kept differ by, less than what people and beacons' rounds notice. */
const SECONDS_MAX = 0.5;

const offset = `max by (cluster) (abs(${metrics.clockOffset}))`;
const jumped = `sum by (cluster) (increase(${metrics.clockJumped}[5m]))`;

/** Times in the journal are wrong, or were for a moment. */
export const clockSkew: AlertRule = {
  name: 'ClockSkew',
  expr: `${offset} > ${SECONDS_MAX} or ${jumped} > ${SECONDS_MAX}`,
  holdsFor: '0s',
  severity: 'ticket',
  service: 'ledger',
  summary: 'The clock of the ledger is off or has jumped by {{ $value | humanizeDuration }}',
  description:
    'The wall clock of the ledger differs from its database, or went on otherwise than its steady clock. Blocks, holds and payments go by the number of the block and are not touched; times that people read in the journal are off, and so is the round that draws judges.',
  runbook: 'clock-skew',
  dashboardUid: networkOverview.uid,
};
