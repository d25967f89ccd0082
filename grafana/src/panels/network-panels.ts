import { metrics } from '../metrics.ts';
import type { PanelSpec } from '../panel.ts';
import { BLOCK_AGE_LIMIT_SECONDS, CLUSTER } from '../selectors.ts';
import { greenFrom, redFrom, series, tile } from './tiles.ts';

/** Seconds since the ledger made a block. */
export const blockAge: PanelSpec = tile({
  title: 'Age of the newest block',
  description:
    'Seconds since the ledger made a block. It should stay near the block time. If it grows, the ledger or its database stands still: nothing is minted or paid until it runs again, and nothing is lost. Look at the ledger pod and its log first.',
  runbook: 'blocks-stopped',
  unit: 's',
  decimals: 0,
  thresholds: redFrom(BLOCK_AGE_LIMIT_SECONDS),
  queries: [
    { expr: `time() - max by (cluster) (${metrics.lastBlockTimestamp}{${CLUSTER}})`, legend: 'age', expects: 'data' },
  ],
});

/** What the running audit finds between balances and journal. */
export const conservation: PanelSpec = tile({
  title: 'Ledger difference',
  description:
    'Rao by which all balances differ from genesis plus rewards minus burns. It must be zero. Anything else is a page: stop payouts as the runbook says, and run `subnetes ledger verify` to find the first entry that does not fit.',
  runbook: 'conservation-broken',
  unit: 'suffix: rao',
  decimals: 0,
  thresholds: redFrom(1),
  queries: [
    {
      expr: `max by (cluster) (abs(${metrics.conservationDifference}{${CLUSTER}}))`,
      legend: 'difference',
      expects: 'data',
    },
  ],
});

/** The most overdue epoch of any subnet. */
export const overdueEpochs: PanelSpec = tile({
  title: 'Longest overdue payment',
  description:
    'Blocks by which the most overdue subnet waits for the payment of a sealed epoch. Short waits are normal after each seal. If it passes half a tempo, scoring or the bus is behind: look at scoring, then at the consumer of EpochDue.',
  runbook: 'epoch-overdue',
  unit: 'suffix: blocks',
  decimals: 0,
  queries: [{ expr: `max by (cluster) (${metrics.epochOverdue}{${CLUSTER}})`, legend: 'overdue', expects: 'data' }],
});

/** How many subnets the ledger knows. */
export const subnetCount: PanelSpec = tile({
  title: 'Subnets',
  description:
    'Subnets that the ledger knows. Fewer than you expect: look at the Accepted condition of the missing Subnet resource; it names what to change.',
  runbook: 'miners-not-earning',
  unit: 'short',
  decimals: 0,
  queries: [
    {
      expr: `count(max by (cluster, subnet) (${metrics.subnetEpochIndex}{${CLUSTER}}))`,
      legend: 'subnets',
      expects: 'above-zero',
    },
  ],
});

/** Miners with an incentive above zero. */
export const minersEarning: PanelSpec = tile({
  title: 'Miners that earn',
  description:
    'Miners with an incentive above zero in the newest epoch of their subnet. Zero after the third epoch means that no validator revealed weights, or that all answers were refused: ask `subnetes explain miner NAME`.',
  runbook: 'miners-not-earning',
  unit: 'short',
  decimals: 0,
  thresholds: greenFrom(1, 1),
  queries: [
    {
      expr: `sum(max by (cluster, subnet) (${metrics.miners}{${CLUSTER},state="earning"}))`,
      legend: 'earning',
      expects: 'above-zero',
    },
  ],
});

/** Validators whose weights counted. */
export const validatorsRevealed: PanelSpec = tile({
  title: 'Validators that reported',
  description:
    'Share of the validators with a permit whose weights counted in the newest epoch. Below one, some did not commit or reveal in time: look at the Scoring condition of the Validator resources and at the weights age of the subnet.',
  runbook: 'validator-weights-overdue',
  unit: 'percentunit',
  min: 0,
  max: 1,
  decimals: 0,
  thresholds: greenFrom(1, 0.5),
  queries: [
    {
      expr: `sum(max by (cluster, subnet) (${metrics.validators}{${CLUSTER},state="revealed"})) / sum(max by (cluster, subnet) (${metrics.validators}{${CLUSTER},state="permitted"}))`,
      legend: 'reported',
      expects: 'above-zero',
    },
  ],
});

/** The block clock. */
export const blockRate: PanelSpec = series({
  title: 'Blocks per minute',
  description:
    'Should be 60 divided by the block time in seconds, without gaps. A gap is a time in which the ledger did not run: nothing was minted for it.',
  runbook: 'blocks-stopped',
  unit: 'suffix: blocks/min',
  min: 0,
  queries: [
    {
      expr: `60 * max by (cluster) (deriv(${metrics.blockHeight}{${CLUSTER}}[$__rate_interval]))`,
      legend: 'blocks',
      expects: 'above-zero',
    },
  ],
});

/** Who got the emission. */
export const paidByRecipient: PanelSpec = series({
  title: '$token paid by recipient (per minute)',
  description:
    'What epochs paid to owners, miners and validators. Nothing for miners means that the consensus had weights for nobody, and the rest goes into the next pot: look at the subnet health of the subnets in question.',
  runbook: 'miners-not-earning',
  unit: 'suffix: tokens/min',
  min: 0,
  stacked: true,
  queries: [
    {
      expr: `60 * sum by (recipient) (rate(${metrics.paid}{${CLUSTER}}[$__rate_interval]))`,
      legend: '{{recipient}}',
      expects: 'data',
    },
  ],
});
