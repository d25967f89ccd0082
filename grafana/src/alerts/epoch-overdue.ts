import type { AlertRule } from '../alert-rule.ts';
import { subnetHealth } from '../dashboards/subnet-health.ts';
import { metrics } from '../metrics.ts';
import { OVERDUE_TEMPO_SHARE } from '../selectors.ts';

const overdue = `max by (cluster, subnet) (${metrics.epochOverdue})`;
const tempo = `max by (cluster, subnet) (${metrics.tempo})`;

/** A sealed epoch waits for its payment: blocks are compared with the subnet's own tempo, so it fits every block time. */
export const epochOverdue: AlertRule = {
  name: 'EpochOverdue',
  expr: `${overdue} > ${OVERDUE_TEMPO_SHARE} * ${tempo}`,
  holdsFor: '30s',
  severity: 'page',
  service: 'scoring',
  summary: 'Subnet {{ $labels.subnet }} waits {{ $value }} blocks for the payment of its epoch',
  description:
    'The ledger sealed an epoch and scoring has not answered it for more than half a tempo. Miners and validators are not paid until it does; nothing is lost. Look at scoring and the bus.',
  runbook: 'epoch-overdue',
  dashboardUid: subnetHealth.uid,
};
