import type { Payout } from '@subnetes/consensus/emission';
import type { EpochInput, EpochOutput, EpochOutputU16 } from '@subnetes/consensus/epoch-types';
import { runKernelEpoch } from '@subnetes/consensus/kernel';
import { type MechanismParts, mechanismParts } from '@subnetes/policy/mechanism-pots';
import { payShaped } from '@subnetes/policy/shaped-payout';
import { type AroundEpoch, runMechanism } from './around-epoch.ts';
import type { PolicyStates, ScorableInputs } from './epoch-inputs.ts';
import { type FunctionAnswers, NO_ANSWERS, answerOf } from './function-calls.ts';
import { rootShares, type SubnetShare } from './root-shares.ts';

/** One mechanism's result and what it pays. */
export interface MechanismOutput {
  readonly id: number;
  readonly pots: { readonly miners: bigint; readonly validators: bigint };
  readonly output: EpochOutput;
  readonly payout: Payout;
  /** What stood around the consensus; absent where nothing did. */
  readonly policy?: AroundEpoch;
}

/** What an epoch gives one neuron, all mechanisms together. */
export interface NeuronOutput extends Record<keyof EpochOutputU16, number> {
  readonly uid: number;
  readonly registrationId: string;
  readonly active: boolean;
  readonly permit: boolean;
  /** Rao. */
  readonly incentiveRao: bigint;
  readonly dividendRao: bigint;
}

/** All outputs of an epoch. What is stored and hashed of them is `outputsDocument`. */
export interface EpochOutputs {
  readonly format: 1 | 2;
  readonly netuid: number;
  readonly index: number;
  /** Of the inputs that these outputs come from, hex. */
  readonly inputsSha256: string;
  readonly mechanisms: readonly MechanismOutput[];
  /** One a sealed neuron, ascending by uid. */
  readonly neurons: readonly NeuronOutput[];
  /** Of both pots, what the flooring of shares leaves to nobody. */
  readonly unattributed: bigint;
  /** Of the root network alone: how blocks are split from now on. */
  readonly shares?: readonly SubnetShare[];
}

/** Computes one mechanism: the kernel as a rule, the readable implementation where that is to be checked. */
export type RunMechanism = (input: EpochInput) => EpochOutput;

/** What each mechanism pays of: both pots split by the rule that the inputs name. */
export function mechanismPots(inputs: ScorableInputs): MechanismOutput['pots'][] {
  const { split } = partsOf(inputs);
  const miners = split(inputs.due.pots.miners);
  const validators = split(inputs.due.pots.validators);
  return inputs.mechanisms.map((_, at) => ({ miners: miners[at] ?? 0n, validators: validators[at] ?? 0n }));
}

function partsOf({ mechanisms, mechanismSplit }: ScorableInputs): MechanismParts {
  return mechanismParts(
    mechanisms.map(({ emissionWeight }) => emissionWeight),
    mechanismSplit,
  );
}

/**
 * Runs every mechanism under the subnet's policy and puts the results together. Emission is split between mechanisms by the rule
 * that the inputs name; money adds up, shares are averaged by the same weights, active and permit hold if they do for any mechanism.
 */
export function scoreEpoch(
  inputs: ScorableInputs,
  inputsSha256: string,
  {
    run = runKernelEpoch,
    answers = NO_ANSWERS,
  }: { readonly run?: RunMechanism; readonly answers?: FunctionAnswers } = {},
): EpochOutputs {
  const { weights } = partsOf(inputs);
  const allPots = mechanismPots(inputs);
  const mechanisms = inputs.mechanisms.map((mechanism, position): MechanismOutput => {
    const pots = allPots[position] ?? { miners: 0n, validators: 0n };
    const machinery = { inputsSha256, run, runFunction: answerOf(mechanism.id, answers) };
    const { consensus, output, around } = runMechanism(inputs, mechanism, machinery);
    const payout = payShaped(consensus, output, pots);
    return { id: mechanism.id, pots, output, payout, ...(around === undefined ? {} : { policy: around }) };
  });
  return {
    format: inputs.format,
    netuid: inputs.due.netuid,
    index: inputs.due.index,
    inputsSha256,
    mechanisms,
    neurons: inputs.due.neurons
      .toSorted((left, right) => left.uid - right.uid)
      .map(({ uid, registrationId }) => ({ registrationId, ...neuronOutput(uid, mechanisms, weights) })),
    unattributed: payoutRest(inputs, mechanisms),
    ...sharesOf(inputs, mechanisms),
  };
}

/** The root network has one mechanism. */
function sharesOf(inputs: ScorableInputs, [only]: readonly MechanismOutput[]): Pick<EpochOutputs, 'shares'> {
  if (inputs.due.subnets === undefined || only === undefined) return {};
  return { shares: rootShares(inputs, only.output) };
}

function neuronOutput(
  uid: number,
  mechanisms: readonly MechanismOutput[],
  weights: readonly bigint[],
): Omit<NeuronOutput, 'registrationId'> {
  const totalWeight = weights.reduce((sum, weight) => sum + weight, 0n);
  const average = (field: keyof EpochOutputU16): number => {
    const weighed = mechanisms.reduce(
      (sum, { output }, position) => sum + BigInt(output.u16[field][uid] ?? 0) * (weights[position] ?? 0n),
      0n,
    );
    return totalWeight === 0n ? 0 : Number(weighed / totalWeight);
  };
  const paid = (field: 'incentive' | 'dividends'): bigint =>
    mechanisms.reduce((sum, { payout }) => sum + (payout[field][uid] ?? 0n), 0n);
  return {
    uid,
    active: mechanisms.some(({ output }) => output.active[uid] === true),
    permit: mechanisms.some(({ output }) => output.permits[uid] === true),
    stake: average('stake'),
    consensus: average('consensus'),
    rank: average('rank'),
    trust: average('trust'),
    validatorTrust: average('validatorTrust'),
    incentive: average('incentive'),
    dividends: average('dividends'),
    incentiveRao: paid('incentive'),
    dividendRao: paid('dividends'),
  };
}

/** What neurons do not get, vacant slots included: they can hold no share, but the pot must add up whatever they hold. */
function payoutRest(inputs: ScorableInputs, mechanisms: readonly MechanismOutput[]): bigint {
  const { miners, validators } = inputs.due.pots;
  const paid = inputs.due.neurons.reduce(
    (sum, { uid }) =>
      mechanisms.reduce(
        (subtotal, { payout }) => subtotal + (payout.incentive[uid] ?? 0n) + (payout.dividends[uid] ?? 0n),
        sum,
      ),
    0n,
  );
  return miners + validators - paid;
}

/** What the policies of an epoch's mechanisms leave for the next. */
export function statesAfter({ mechanisms }: EpochOutputs): PolicyStates {
  return Object.fromEntries(mechanisms.flatMap(({ id, policy }) => (policy === undefined ? [] : [[id, policy.state]])));
}
