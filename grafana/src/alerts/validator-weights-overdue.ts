import type { AlertRule } from '../alert-rule.ts';
import { subnetHealth } from '../dashboards/subnet-health.ts';
import { metrics } from '../metrics.ts';
import { WEIGHTS_OVERDUE_TEMPOS } from '../selectors.ts';

// Not of the root network: its members weigh markets, and their weights hold until they send others.
const age = `max by (cluster, subnet) (${metrics.weightsAge}{subnet!="0"})`;
const tempo = `max by (cluster, subnet) (${metrics.tempo})`;
const revealPeriod = `max by (cluster, subnet) (${metrics.revealPeriod})`;

/** A validator with a permit gives no weights that count. */
export const validatorWeightsOverdue: AlertRule = {
  name: 'ValidatorWeightsOverdue',
  expr: `${age} > (${WEIGHTS_OVERDUE_TEMPOS} + ${revealPeriod}) * ${tempo}`,
  holdsFor: '1m',
  severity: 'ticket',
  service: 'scoring',
  summary: 'A validator of subnet {{ $labels.subnet }} has had no counted weights for {{ $value }} blocks',
  description:
    'A validator with a permit has shown no weights for two tempos beyond its reveal period. Its stake does not count and its dividends stop; with most of the stake silent, miners are not paid. Find it with kubectl get vld and read its Scoring condition.',
  runbook: 'validator-weights-overdue',
  dashboardUid: subnetHealth.uid,
};
