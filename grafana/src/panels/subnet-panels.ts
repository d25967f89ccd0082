import { metrics } from '../metrics.ts';
import type { PanelSpec } from '../panel.ts';
import { OVERDUE_TEMPO_SHARE, SUBNET, WEIGHTS_OVERDUE_TEMPOS } from '../selectors.ts';
import { greenFrom, series, tile } from './tiles.ts';

const BY = 'cluster, subnet';
const revealed = `max by (${BY}) (${metrics.validators}{${SUBNET},state="revealed"})`;
const permitted = `max by (${BY}) (${metrics.validators}{${SUBNET},state="permitted"})`;
const answering = `max by (${BY}) (${metrics.miners}{${SUBNET},state="answering"})`;
const judged = `max by (${BY}) (${metrics.miners}{${SUBNET},state="judged"})`;

/** One number for a subnet, with its definition. */
export const healthScore: PanelSpec = tile({
  title: 'Health score',
  description:
    'Definition, as in the Subnet resource: three parts validators reporting (of those with a permit, whose weights counted in the newest epoch) and one part miners answering (of those judged, with less than half of their answers refused), out of 100. Below 80 the subnet counts as unhealthy; the two parts beside it say which side to look at.',
  runbook: 'miners-not-earning',
  unit: 'suffix: /100',
  min: 0,
  max: 100,
  decimals: 0,
  thresholds: greenFrom(80, 50),
  queries: [
    {
      expr: `100 * (3 * ${revealed} / ${permitted} + ${answering} / ${judged}) / 4`,
      legend: 'subnet {{subnet}}',
      expects: 'above-zero',
    },
  ],
});

/** First part of the score. */
export const validatorsReporting: PanelSpec = tile({
  title: 'Validators reporting',
  description:
    'Share of validators with a permit whose weights counted in the newest epoch. Below one: a validator is down, late or refused; its Scoring condition has the reason.',
  runbook: 'validator-weights-overdue',
  unit: 'percentunit',
  min: 0,
  max: 1,
  decimals: 0,
  thresholds: greenFrom(1, 0.5),
  queries: [{ expr: `${revealed} / ${permitted}`, legend: 'subnet {{subnet}}', expects: 'above-zero' }],
});

/** Second part of the score. */
export const minersAnswering: PanelSpec = tile({
  title: 'Miners answering',
  description:
    'Share of judged miners with less than half of their answers refused. Below one: `subnetes explain miner NAME` says what was wrong with the answers of each.',
  runbook: 'miners-not-earning',
  unit: 'percentunit',
  min: 0,
  max: 1,
  decimals: 0,
  queries: [{ expr: `${answering} / ${judged}`, legend: 'subnet {{subnet}}', expects: 'above-zero' }],
});

/** Payment that waits. */
export const epochOverdue: PanelSpec = tile({
  title: 'Payment outstanding',
  description: `Blocks since the sealed epoch that is not paid yet; zero when all are paid. Above ${OVERDUE_TEMPO_SHARE} tempo the alert EpochOverdue fires: scoring did not answer the seal. Look at scoring and the bus.`,
  runbook: 'epoch-overdue',
  unit: 'suffix: blocks',
  decimals: 0,
  queries: [
    { expr: `max by (${BY}) (${metrics.epochOverdue}{${SUBNET}})`, legend: 'subnet {{subnet}}', expects: 'data' },
  ],
});

/** Newest paid epoch. */
export const paidEpoch: PanelSpec = tile({
  title: 'Newest paid epoch',
  description:
    'Index of the newest epoch that the ledger paid. If it does not rise every tempo, see the payment outstanding beside it.',
  runbook: 'epoch-overdue',
  unit: 'none',
  decimals: 0,
  queries: [
    {
      expr: `max by (${BY}) (${metrics.subnetPaidIndex}{${SUBNET}})`,
      legend: 'subnet {{subnet}}',
      expects: 'above-zero',
    },
  ],
});

/** Registered neurons. */
export const neurons: PanelSpec = tile({
  title: 'Neurons',
  description:
    'Registered miners and validators. A full subnet evicts the worst one at the next registration; raise maxUids if good miners are lost that way.',
  runbook: 'miners-not-earning',
  unit: 'short',
  decimals: 0,
  queries: [
    { expr: `max by (${BY}) (${metrics.neurons}{${SUBNET}})`, legend: 'subnet {{subnet}}', expects: 'above-zero' },
  ],
});

/** Sealed and paid epochs. */
export const epochProgress: PanelSpec = series({
  title: 'Epochs sealed and paid',
  description:
    'Both lines rise together by one each tempo. Sealed above paid for long: scoring is behind. Both flat: the ledger makes no blocks, or emission is held.',
  runbook: 'epoch-overdue',
  unit: 'none',
  decimals: 0,
  queries: [
    {
      expr: `max by (${BY}) (${metrics.subnetEpochIndex}{${SUBNET}})`,
      legend: 'sealed {{subnet}}',
      expects: 'above-zero',
    },
    {
      expr: `max by (${BY}) (${metrics.subnetPaidIndex}{${SUBNET}})`,
      legend: 'paid {{subnet}}',
      expects: 'above-zero',
    },
  ],
});

/** How old weights are, in tempos. */
export const weightsAge: PanelSpec = series({
  title: 'Age of the oldest counted weights',
  description: `Tempos since the slowest validator with a permit had weights that counted. One, and those between commit and reveal, are normal; ${WEIGHTS_OVERDUE_TEMPOS} and those are when the alert ValidatorWeightsOverdue fires. Find the validator with \`kubectl get vld\` and read its Scoring condition.`,
  runbook: 'validator-weights-overdue',
  unit: 'suffix: tempos',
  min: 0,
  queries: [
    {
      expr: `max by (${BY}) (${metrics.weightsAge}{${SUBNET}}) / on (${BY}) max by (${BY}) (${metrics.tempo}{${SUBNET}})`,
      legend: 'subnet {{subnet}}',
      expects: 'data',
    },
  ],
});

/** Signatures that are missing. */
export const epochUnwitnessed: PanelSpec = series({
  title: 'Waiting for witnesses',
  description:
    'Tempos for which the ledger has had the outputs of an epoch without enough signatures of witnesses; zero where none are asked for. Above one the alert EpochUnwitnessed fires: look at the witnesses, and at why they refuse.',
  runbook: 'epoch-unwitnessed',
  unit: 'suffix: tempos',
  min: 0,
  queries: [
    {
      expr: `max by (${BY}) (${metrics.epochUnwitnessed}{${SUBNET}}) / on (${BY}) max by (${BY}) (${metrics.tempo}{${SUBNET}})`,
      legend: 'subnet {{subnet}}',
      expects: 'data',
    },
  ],
});

/** Agreement of the validators. */
export const validatorTrust: PanelSpec = series({
  title: 'Validator trust',
  description:
    "How much of each validator's weights the consensus took: lowest, median and highest. A low minimum is one validator that disagrees with the rest (its dividends suffer); a low median means that the validators do not agree on what is good: look at the rubric and the data.",
  runbook: 'validator-weights-overdue',
  unit: 'percentunit',
  min: 0,
  max: 1,
  queries: [
    {
      expr: `max by (${BY}, stat) (${metrics.validatorTrust}{${SUBNET}})`,
      legend: '{{stat}} {{subnet}}',
      expects: 'above-zero',
    },
  ],
});

/** Concentration of incentive. */
export const topShare: PanelSpec = series({
  title: 'Incentive of the best miner',
  description:
    "Share of the miners' emission that the best one gets. Near one: nobody competes, or the score is too steep; read the rubric again before you change anything.",
  runbook: 'miners-not-earning',
  unit: 'percentunit',
  min: 0,
  max: 1,
  queries: [
    { expr: `max by (${BY}) (${metrics.topShare}{${SUBNET}})`, legend: 'subnet {{subnet}}', expects: 'above-zero' },
  ],
});

/** Time of the consensus. */
export const epochDuration: PanelSpec = series({
  title: 'Time to score an epoch',
  description:
    'From EpochDue to the stored outputs. It should be far below the block time; if it comes near, give scoring more CPU.',
  runbook: 'epoch-overdue',
  unit: 's',
  min: 0,
  queries: [
    {
      expr: `sum by (${BY}) (increase(${metrics.epochDuration}_sum{${SUBNET}}[$__range])) / sum by (${BY}) (increase(${metrics.epochDuration}_count{${SUBNET}}[$__range]))`,
      legend: 'mean {{subnet}}',
      expects: 'above-zero',
    },
  ],
});
