import { metrics } from '../metrics.ts';
import type { PanelSpec } from '../panel.ts';
import { SUBNET } from '../selectors.ts';
import { series } from './tiles.ts';

/** Lines that a reader can still tell apart. */
const LINES_MAX = 12;

/** What validators made of the answers that they asked for. */
export const answersByOutcome: PanelSpec = series({
  title: 'Answers to validators per second',
  description:
    'What validators made of the answers that they asked for: valid; invalid (refused, malformed, no answer within the timeout, nobody at the endpoint); late (the next block came first). Some invalid: the Earning condition of each Miner names the fault. All invalid: validators cannot reach the miners; look at Available of the miners and at NetworkPolicies between the namespaces.',
  runbook: 'miners-not-earning',
  unit: 'reqps',
  min: 0,
  stacked: true,
  queries: [
    {
      expr: `sum by (cluster, subnet, outcome) (rate(${metrics.validatorAnswers}{${SUBNET}}[$__rate_interval]))`,
      legend: '{{outcome}} {{subnet}}',
      expects: 'above-zero',
    },
  ],
});

/** How long validators wait. */
export const answerDuration: PanelSpec = series({
  title: 'Time to answer a validator',
  description:
    'From question to answer at the validator, network and queue of the miner included, at three quantiles over all miners. What takes longer than the timeout of the challenge (spec.policy.mechanisms[].evaluation.challenges.timeout) counts as invalid. A p99 that leaves p50 behind is one slow miner: give it more CPU or a smaller model.',
  runbook: 'miners-not-earning',
  unit: 's',
  min: 0,
  queries: [0.5, 0.95, 0.99].map((q) => ({
    expr: `histogram_quantile(${q}, sum by (le) (rate(${metrics.answerDuration}_bucket{${SUBNET}}[$__rate_interval])))`,
    legend: `p${q * 100}`,
    expects: 'data' as const,
  })),
});

/** Which miners are asked. */
export const answersByMiner: PanelSpec = series({
  title: `Answers per second by miner (the ${LINES_MAX} most asked)`,
  description:
    'Answers that each miner of this cluster gave, to validators and to the gateway. One that is missing runs no pod or is asked by nobody; validators ask miners that announced an endpoint, so look at its Available condition. Miners outside of the cluster are not read.',
  runbook: 'miners-not-earning',
  unit: 'reqps',
  min: 0,
  queries: [
    {
      expr: `topk(${LINES_MAX}, sum by (cluster, namespace, neuron) (rate(${metrics.minerInferences}{${SUBNET},outcome="answer"}[$__rate_interval])))`,
      legend: '{{namespace}}/{{neuron}}',
      expects: 'above-zero',
    },
  ],
});
