import { metrics } from '../metrics.ts';
import type { PanelSpec } from '../panel.ts';
import { CLUSTER, grownInRange, SUBNET } from '../selectors.ts';
import { redFrom, series, tile } from './tiles.ts';

const DAY_SECONDS = 86_400;
const ASSUMPTION =
  'Projection: assumes that blocks keep coming at the block time, that the reward stays as it is and that the split between subnets stays as it is.';

/** The ledger's own figures are one series a cluster; `max` drops the labels of the pod. */
const one = (metric: string): string => `max by (cluster) (${metric}{${CLUSTER}})`;
const perDay = `${one(metrics.blockReward)} * ${DAY_SECONDS} / ${one(metrics.blockTime)}`;

/** Issued so far. */
export const issued: PanelSpec = tile({
  title: 'Issued',
  description:
    'Tokens issued since genesis, burned ones included. It rises by the reward each block; if it stands still, no subnet has emission Started or the ledger makes no blocks.',
  runbook: 'emission-off-plan',
  unit: 'suffix: tokens',
  decimals: 0,
  queries: [{ expr: one(metrics.issued), legend: 'issued', expects: 'above-zero' }],
});

/** Share of the cap. */
export const issuedShare: PanelSpec = tile({
  title: 'Share of the cap',
  description:
    'Issued divided by the cap. It can never pass one; if it did, conservation is broken and the runbook says what to do.',
  runbook: 'emission-off-plan',
  unit: 'percentunit',
  min: 0,
  max: 1,
  decimals: 4,
  queries: [{ expr: `${one(metrics.issued)} / ${one(metrics.cap)}`, legend: 'share', expects: 'above-zero' }],
});

/** Reward of a block. */
export const blockReward: PanelSpec = tile({
  title: 'Reward a block',
  description:
    "Tokens minted each block at the present issuance; it halves at each threshold. A value other than the genesis' schedule says: compare the network id with the one that you expect.",
  runbook: 'emission-off-plan',
  unit: 'suffix: tokens',
  decimals: 3,
  queries: [{ expr: one(metrics.blockReward), legend: 'reward', expects: 'above-zero' }],
});

/** A day ahead. */
export const nextDay: PanelSpec = tile({
  title: 'Projected: next day',
  description: `${ASSUMPTION} If the measured rate below lies under it, blocks came late: see the block rate on the network overview.`,
  runbook: 'emission-off-plan',
  unit: 'suffix: tokens',
  decimals: 0,
  queries: [{ expr: perDay, legend: 'day', expects: 'above-zero' }],
});

/** A week ahead. */
export const nextWeek: PanelSpec = tile({
  title: 'Projected: next week',
  description: `${ASSUMPTION} If the measured rate below lies under it, blocks came late: see the block rate on the network overview.`,
  runbook: 'emission-off-plan',
  unit: 'suffix: tokens',
  decimals: 0,
  queries: [{ expr: `7 * ${perDay}`, legend: 'week', expects: 'above-zero' }],
});

/** Until the reward halves. */
export const nextHalving: PanelSpec = tile({
  title: 'Projected: time to the next halving',
  description:
    'Issuance left to the next threshold, divided by the reward, times the block time. Assumes that every block is made and that nothing is recycled, so it is the earliest time; a pause of the ledger moves it by its length.',
  runbook: 'emission-off-plan',
  unit: 's',
  decimals: 1,
  queries: [
    {
      expr: `(${one(metrics.nextHalvingIssued)} - ${one(metrics.issued)}) / ${one(metrics.blockReward)} * ${one(metrics.blockTime)}`,
      legend: 'to halving',
      expects: 'above-zero',
    },
  ],
});

/** Where the emission goes in a day. */
export const projectedBySubnet: PanelSpec = series({
  title: 'Projected emission of a day by subnet',
  description: `${ASSUMPTION} A subnet that is missing has emission Held or has not been accepted: look at its Subnet resource.`,
  runbook: 'emission-off-plan',
  unit: 'suffix: tokens/day',
  min: 0,
  stacked: true,
  queries: [
    {
      expr: `(max by (cluster, subnet) (${metrics.emissionShare}{${SUBNET}})) * on (cluster) group_left () (${perDay})`,
      legend: 'subnet {{subnet}}',
      expects: 'above-zero',
    },
  ],
});

/** What burned fees steer. */
export const emissionByUse: PanelSpec = series({
  title: 'Emission that follows use (per block)',
  description:
    'What burned network fees, smoothed, bring each subnet of a block where emissionPolicy is Utility; the rest of the reward is split in equal parts. Zero everywhere: blocks are split by another policy, or nothing was sold. Above the reward in all: blocks are divided in proportion to it.',
  runbook: 'emission-off-plan',
  unit: 'suffix: tokens',
  min: 0,
  stacked: true,
  queries: [
    {
      expr: `max by (cluster, subnet) (${metrics.emissionUse}{${SUBNET}})`,
      legend: 'subnet {{subnet}}',
      expects: 'data',
    },
  ],
});

/** Measured against planned. */
export const mintedAgainstPlan: PanelSpec = series({
  title: 'Minted, measured and planned (per day)',
  description:
    'The two lines lie on each other while blocks come in time. Measured below planned: blocks came late or emission was held. Measured above planned cannot be: treat it as broken conservation.',
  runbook: 'emission-off-plan',
  unit: 'suffix: tokens/day',
  min: 0,
  queries: [
    {
      expr: `${DAY_SECONDS} * sum by (cluster) (rate(${metrics.minted}{${CLUSTER}}[$__rate_interval]))`,
      legend: 'measured',
      expects: 'above-zero',
    },
    { expr: perDay, legend: 'planned', expects: 'above-zero' },
  ],
});

/** Who got it. */
export const paidInRange: PanelSpec = series({
  title: 'Paid in the time shown, by recipient',
  description:
    'What the epochs of the time shown paid. Miners and validators get the same unless something went into the next pot; owners get their cut. Nothing for miners: no weights were revealed, see subnet health.',
  runbook: 'miners-not-earning',
  unit: 'suffix: tokens',
  min: 0,
  queries: [
    {
      expr: `sum by (recipient) ${grownInRange(`${metrics.paid}{${SUBNET}}`)}`,
      legend: '{{recipient}}',
      expects: 'above-zero',
    },
  ],
});

/** Pots that fill. */
export const pots: PanelSpec = series({
  title: 'Pots of the coming epochs',
  description:
    "Tokens accrued for each subnet's next epoch: a saw tooth with the height of tempo times reward. A tooth that does not fall is an epoch that was not sealed.",
  runbook: 'epoch-overdue',
  unit: 'suffix: tokens',
  min: 0,
  queries: [
    { expr: `max by (cluster, subnet) (${metrics.pot}{${SUBNET}})`, legend: 'subnet {{subnet}}', expects: 'data' },
  ],
});

/** Burned so far. */
export const burned: PanelSpec = tile({
  title: 'Burned',
  description:
    "Tokens burned since genesis by registrations and, where blocks are split by use, by the network's share of sales. They count as issued and never come back. A jump is a wave of registrations, or of use: look at who registers and what is sold.",
  runbook: 'emission-off-plan',
  unit: 'suffix: tokens',
  decimals: 0,
  queries: [{ expr: one(metrics.burned), legend: 'burned', expects: 'above-zero' }],
});

/** Missing blocks of the time shown. */
export const behindPlan: PanelSpec = tile({
  title: 'Behind plan',
  description:
    'Tokens that the time shown would have minted at the block time and did not. Small values are rounding of the scrape; large ones are pauses of the ledger. Nothing is minted afterwards for a pause.',
  runbook: 'emission-off-plan',
  unit: 'percentunit',
  decimals: 1,
  thresholds: redFrom(0.2),
  queries: [
    {
      expr: `1 - ${DAY_SECONDS} * sum by (cluster) (rate(${metrics.minted}{${CLUSTER}}[$__range])) / (${perDay})`,
      legend: 'behind',
      expects: 'data',
    },
  ],
});
