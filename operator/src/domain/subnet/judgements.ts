import { fails, holds, unknown, type Judgement } from '../judgement.ts';
import type { PaidEpoch, SubnetView } from '../market.ts';
import { percent } from '../format.ts';
import type { Subnet } from './subnet.ts';

/** Blocks that a payment may be outstanding: half a tempo. */
function graceBlocks(market: SubnetView): number {
  return Math.ceil(market.tempo / 2);
}

/** Block from which on a payment that is still outstanding is overdue; undefined when none is outstanding. */
export function overdueFromBlock(market: SubnetView): number | undefined {
  if (market.emission === 'Held') return undefined;
  const outstanding = market.epoch.index > market.epoch.lastPaid;
  return (outstanding ? market.epoch.block : market.epoch.nextBlock) + graceBlocks(market);
}

/** Whether the last epoch was paid in time. */
export function judgeEpochPaid(market: SubnetView | undefined): Judgement {
  if (market === undefined) return unknown('EpochPaid', 'WaitingForFirstEpoch', 'the ledger has not told of it yet');
  if (market.emission === 'Held') {
    return fails('EpochPaid', 'EmissionHeld', 'spec.emission is Held: set it to Started to take part in the emission');
  }
  const overdueFrom = overdueFromBlock(market);
  if (overdueFrom !== undefined && market.block > overdueFrom) {
    const index = market.epoch.lastPaid + 1;
    return fails(
      'EpochPaid',
      'EpochOverdue',
      `epoch ${index} should have been paid by block ${overdueFrom}: look at scoring and at the bus`,
    );
  }
  if (market.paid === undefined) {
    return unknown('EpochPaid', 'WaitingForFirstEpoch', `the first epoch is due at block ${market.epoch.nextBlock}`);
  }
  return holds('EpochPaid', 'Paid', `epoch ${market.paid.index}, sealed at block ${market.paid.block}`);
}

export interface HealthPart {
  readonly name: string;
  readonly score: number;
  /** Share of the part in the score, of the sum of all. */
  readonly weight: number;
}

/** A miner whose answers are refused more often than this does not count as answering. */
const ANSWERING_INVALID_PERCENT_MAX = 50;

/** Parts of a subnet's health: validators that reveal weigh three times miners that answer. */
export function healthParts(paid: PaidEpoch): readonly HealthPart[] {
  const miners = [...paid.neurons.values()].filter((neuron) => !neuron.permit && neuron.report.answers > 0);
  const answering = miners.filter(
    ({ report }) => percent(report.invalid, report.answers) < ANSWERING_INVALID_PERCENT_MAX,
  );
  return [
    {
      name: 'validatorsReporting',
      score: Math.min(100, percent(paid.validatorsRevealed, paid.validatorsWithPermit)),
      weight: 3,
    },
    ...(miners.length === 0
      ? []
      : [{ name: 'minersAnswering', score: percent(answering.length, miners.length), weight: 1 }]),
  ];
}

/** Weighted mean of the parts, 100 is well. */
export function healthScore(parts: readonly HealthPart[]): number {
  const weight = parts.reduce((sum, part) => sum + part.weight, 0);
  const sum = parts.reduce((total, part) => total + part.score * part.weight, 0);
  return weight === 0 ? 0 : Math.round(sum / weight);
}

const HEALTHY_SCORE_MIN = 80;

/** Permits come with the first epoch, commits in the second, reveals in the third: no weights are due before. */
const FIRST_REVEAL_EPOCH = 3;

/** False while a market is so young that nothing can have been judged. */
export function isJudged(paid: PaidEpoch): boolean {
  return paid.validatorsRevealed > 0 || paid.index >= FIRST_REVEAL_EPOCH;
}

/** Whether validators report and miners answer. */
export function judgeHealth(market: SubnetView | undefined): Judgement {
  const paid = market?.paid;
  if (paid === undefined || !isJudged(paid)) {
    return unknown('Healthy', 'WaitingForFirstEpoch', `no weights are due before epoch ${FIRST_REVEAL_EPOCH}`);
  }
  const parts = healthParts(paid);
  const score = healthScore(parts);
  const words = parts.map((part) => `${part.name} ${part.score} %`).join(', ');
  return score >= HEALTHY_SCORE_MIN ? holds('Healthy', 'Healthy', words) : fails('Healthy', 'Unhealthy', words);
}

/** Whether every model on offer has a miner that answers; undefined when nothing is on offer. */
export function judgeServing(subnet: Subnet, market: SubnetView | undefined): Judgement | undefined {
  const models = subnet.spec.policy.serving?.models ?? [];
  if (models.length === 0) return undefined;
  const announced = [...(market?.neurons.values() ?? [])].filter((neuron) => neuron.endpoint !== undefined).length;
  if (announced === 0) {
    return fails('Serving', 'NoMinerServes', 'no miner has announced an endpoint to the ledger');
  }
  return holds(
    'Serving',
    'Serving',
    `${models.map((model) => `${subnet.spec.handle}.${model.name}`).join(', ')} on offer`,
  );
}
