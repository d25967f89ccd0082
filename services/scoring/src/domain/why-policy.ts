import { type Fixed, ONE, ZERO } from '@subnetes/consensus/fixed';
import type { PolicyStep } from '@subnetes/policy/adjustments';
import type { Abstention } from '@subnetes/policy/firewall-rules';
import type { EpochOutputs, MechanismOutput } from './score-epoch.ts';

/** What a policy did to one neuron in an epoch, for sentences. */
export interface PolicyEffect {
  /** In the first mechanism in which it abstained. */
  readonly abstention: Abstention | undefined;
  readonly isBelowFloor: boolean;
  /** Consecutive epochs in which it deviated, where that cost it dividends in this one; otherwise 0. */
  readonly deviantEpochs: number;
  /** Shares of one by step, all mechanisms weighed by emission; steps that changed nothing to see are left out. */
  readonly incentive: readonly StepChange[];
  readonly dividends: readonly StepChange[];
}

export interface StepChange {
  readonly step: PolicyStep;
  /** Of one. */
  readonly change: number;
}

export const NO_EFFECT: PolicyEffect = {
  abstention: undefined,
  isBelowFloor: false,
  deviantEpochs: 0,
  incentive: [],
  dividends: [],
};

/** Half of the last digit that a sentence shows. */
const SEEN_FROM = 0.000_05;

/** What the policy did, by uid; neurons that it did not touch are left out. */
export function policyEffects(
  outputs: Pick<EpochOutputs, 'mechanisms' | 'neurons'>,
  emissionWeights: readonly number[],
): ReadonlyMap<number, PolicyEffect> {
  if (outputs.mechanisms.every(({ policy }) => policy === undefined)) return new Map();
  const effects = outputs.neurons.map(({ uid, registrationId }) => [
    uid,
    effectOn({ uid, registrationId }, outputs.mechanisms, emissionWeights),
  ]);
  return new Map(effects as [number, PolicyEffect][]);
}

/** Whether any step of the policy changed anybody's incentive: then what the consensus alone would need says little. */
export function changesIncentives({ mechanisms }: Pick<EpochOutputs, 'mechanisms'>): boolean {
  return mechanisms.some(({ policy, output }) => {
    const consensus = policy?.adjustments[0]?.incentive;
    return consensus !== undefined && consensus.some((share, uid) => share !== output.incentive[uid]);
  });
}

function effectOn(
  neuron: { readonly uid: number; readonly registrationId: string },
  mechanisms: readonly MechanismOutput[],
  emissionWeights: readonly number[],
): PolicyEffect {
  const { uid, registrationId } = neuron;
  const states = mechanisms.flatMap(({ policy }) => policy?.state.neurons[registrationId] ?? []);
  const dividends = stepChanges(uid, 'dividends', { mechanisms, emissionWeights });
  const isReduced = dividends.some(({ step, change }) => step === 'deviation' && change < 0);
  return {
    abstention: mechanisms.flatMap(({ policy }) => policy?.abstentions ?? []).find((each) => each.uid === uid),
    isBelowFloor: states.some(({ belowFloor }) => belowFloor === true),
    deviantEpochs: isReduced ? Math.max(0, ...states.map(({ deviation }) => deviation?.length ?? 0)) : 0,
    incentive: stepChanges(uid, 'incentive', { mechanisms, emissionWeights }),
    dividends,
  };
}

function stepChanges(
  uid: number,
  field: 'incentive' | 'dividends',
  epoch: { readonly mechanisms: readonly MechanismOutput[]; readonly emissionWeights: readonly number[] },
): StepChange[] {
  const total = epoch.emissionWeights.reduce((sum, weight) => sum + weight, 0);
  const sums = new Map<PolicyStep, number>();
  for (const [at, { policy }] of epoch.mechanisms.entries()) {
    const part = total === 0 ? 0 : (epoch.emissionWeights[at] ?? 0) / total;
    let before: Fixed = policy?.adjustments[0]?.[field][uid] ?? ZERO;
    for (const adjustment of policy?.adjustments.slice(1) ?? []) {
      const after = adjustment[field][uid] ?? ZERO;
      sums.set(adjustment.step, (sums.get(adjustment.step) ?? 0) + (part * Number(after - before)) / Number(ONE));
      before = after;
    }
  }
  return [...sums].map(([step, change]) => ({ step, change })).filter(({ change }) => Math.abs(change) >= SEEN_FROM);
}

/** `abstains: same score for all 6 miners that it judged`. */
export function abstentionSentence({ reason, figures }: Abstention): string {
  const of = (name: string): number => figures[name] ?? 0;
  switch (reason) {
    case 'no-score':
      return `abstains: it scored nobody, while others scored ${of('minersRatedByOthers')} miners`;
    case 'identical-scores':
      return `abstains: same score for all ${of('scores')} miners that it judged`;
    case 'stale-scores':
      return `abstains: the same row for ${of('sameEpochs')} epochs in which the others moved`;
    case 'reversed-scores':
      return `abstains: its order of ${of('miners')} miners turned against its own last row and against the others`;
  }
}

/** `policy: quality-floor -0.0123 of incentive, incentive-curve +0.0040`; empty where nothing is to be seen. */
export function changesSentence(changes: readonly StepChange[], what: 'incentive' | 'dividends'): string {
  if (changes.length === 0) return '';
  const words = changes.map(({ step, change }) => `${step} ${change < 0 ? '-' : '+'}${Math.abs(change).toFixed(4)}`);
  return `policy: ${words.join(', ')} of ${what}`;
}
