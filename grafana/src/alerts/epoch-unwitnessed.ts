import type { AlertRule } from '../alert-rule.ts';
import { subnetHealth } from '../dashboards/subnet-health.ts';
import { metrics } from '../metrics.ts';

const waits = `max by (cluster, subnet) (${metrics.epochUnwitnessed})`;
const tempo = `max by (cluster, subnet) (${metrics.tempo})`;

/** The ledger has the outputs of an epoch and not the signatures that it was told to ask for. */
export const epochUnwitnessed: AlertRule = {
  name: 'EpochUnwitnessed',
  expr: `${waits} > ${tempo}`,
  holdsFor: '30s',
  severity: 'page',
  service: 'witness',
  summary: 'An epoch of subnet {{ $labels.subnet }} has waited {{ $value }} blocks for witnesses',
  description:
    'Scoring has answered, and too few witnesses have signed what it says for more than a tempo. Nobody of that subnet is paid and its next epoch waits; nothing is lost. Look at the witnesses, and at why they refuse.',
  runbook: 'epoch-unwitnessed',
  dashboardUid: subnetHealth.uid,
};
