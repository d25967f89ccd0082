import { createHash } from 'node:crypto';
import type { Payout } from '@subnetes/consensus/emission';
import { runEpoch } from '@subnetes/consensus/epoch';
import { canonicalJson, inputFromStored, type StoredEpochInput, toStored } from '@subnetes/consensus/epoch-json';
import type { EpochInput, EpochOutput, EpochOutputU16 } from '@subnetes/consensus/epoch-types';
import { epochVectors } from '@subnetes/consensus/epoch-vectors';
import { splitByLargestRemainder } from '@subnetes/money/split';
import { mechanismParts } from '@subnetes/policy/mechanism-pots';
import { runDrawnEpoch } from '@subnetes/policy/drawn-epoch';
import { type FunctionRecord, type RunFunction, runMissingFunction } from '@subnetes/policy/incentive-function';
import { drawScope, type DrawTerms, type OpenedRound } from '@subnetes/policy/interval-draw';
import { type LiveCountermeasures, livePolicy } from '@subnetes/policy/live-countermeasures';
import type { PolicyOutcome } from '@subnetes/policy/policy-epoch';
import { EMPTY_STATE, type PolicyState } from '@subnetes/policy/policy-state';
import { payShaped } from '@subnetes/policy/shaped-payout';
import { z } from 'zod';

type DrawOfSeal = Omit<DrawTerms, 'interval' | 'publicKey'> & { readonly beacon: Pick<DrawTerms, 'publicKey'> };

/** What is needed of an epoch's stored inputs, the same in formats 1 and 2. The rest is hashed alone. */
const storedInputs = z.looseObject({
  format: z.literal([1, 2]),
  networkId: z.string(),
  due: z.looseObject({
    netuid: z.int(),
    index: z.int(),
    block: z.int(),
    pots: z.looseObject({ miners: z.string(), validators: z.string() }),
    policySha256: z.string(),
    neurons: z.array(z.looseObject({ uid: z.int(), registrationId: z.string(), hotkey: z.string() })),
    /** How judges of the next interval are drawn; absent where they are not. */
    draw: z.custom<DrawOfSeal>((value) => typeof value === 'object' && value !== null).optional(),
    /** Of the root network alone: the markets that it weighed. */
    subnets: z.array(z.looseObject({ netuid: z.int() })).optional(),
  }),
  mechanisms: z.array(
    z.looseObject({
      id: z.int(),
      emissionWeight: z.int(),
      epoch: z.custom<StoredEpochInput>((value) => typeof value === 'object' && value !== null),
      state: z.custom<PolicyState>((value) => typeof value === 'object' && value !== null).optional(),
    }),
  ),
  /** How pots are split between mechanisms; absent where there is one, and in epochs from before the chain's rule. */
  mechanismSplit: z.literal('U16').optional(),
  countermeasures: z.custom<LiveCountermeasures>((value) => typeof value === 'object' && value !== null).optional(),
  opened: z.custom<OpenedRound>((value) => typeof value === 'object' && value !== null).optional(),
  /** The module of the policy's function was not there when the epoch was scored. */
  functionMissing: z.literal(true).optional(),
});

/** Inputs of an epoch as scoring publishes them. */
export type EpochInputsDocument = z.infer<typeof storedInputs>;

/** One mechanism recomputed. */
export interface MechanismResult {
  readonly id: number;
  readonly pots: { readonly miners: bigint; readonly validators: bigint };
  readonly output: EpochOutput;
  readonly payout: Payout;
  /** What stood around the consensus; absent where nothing did. */
  readonly policy?: Pick<PolicyOutcome, 'adjustments' | 'abstentions' | 'evidence' | 'state'> & {
    readonly incentiveFunction?: FunctionRecord;
  };
}

/** One neuron's results, all mechanisms together. */
export interface NeuronResult extends Record<keyof EpochOutputU16, number> {
  readonly uid: number;
  readonly registrationId: string;
  readonly active: boolean;
  readonly permit: boolean;
  readonly incentiveRao: bigint;
  readonly dividendRao: bigint;
}

/** What a market gets of every block. */
export interface ComputedShare {
  readonly netuid: number;
  readonly sharePpm: number;
}

/** An epoch recomputed on this machine. */
export interface Recomputed {
  readonly mechanisms: readonly MechanismResult[];
  /** The same mechanisms as they came out of their policies: what accounts are drawn up from. */
  readonly outcomes: readonly PolicyOutcome[];
  readonly neurons: readonly NeuronResult[];
  /** What flooring leaves of both pots to nobody, rao. */
  readonly unattributed: bigint;
  /** Of the root network alone: how blocks are split from then on. */
  readonly shares?: readonly ComputedShare[];
  /** The outputs' canonical JSON, as scoring stores it in the format of the inputs, and its hex sha256. */
  readonly outputsJson: string;
  readonly outputsSha256: string;
}

/** Which implementation computes, and who runs incentive functions. */
export interface Machinery {
  readonly run?: (input: EpochInput) => EpochOutput;
  readonly runFunction?: RunFunction | undefined;
}

/** Hex sha256 of the module that is needed to recompute an epoch; undefined where none is. */
export function moduleOf({ countermeasures, functionMissing }: EpochInputsDocument): string | undefined {
  return functionMissing === true ? undefined : countermeasures?.incentiveFunction?.sha256;
}

/** Reads scoring's inputs; throws a ZodError that names the field for a document of another form. */
export function readInputs(inputsJson: string): EpochInputsDocument {
  return storedInputs.parse(JSON.parse(inputsJson));
}

/** Hex sha256 of a text. */
export function sha256Hex(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/**
 * Runs the consensus of every mechanism here and writes the outputs as scoring does: pots split between mechanisms by
 * the rule that the inputs name, shares averaged by the same weights. Written apart from scoring's own code, so that it checks it:
 * also the epoch itself, which scoring runs in the kernel and this, unless told otherwise, in the readable implementation.
 *
 * Throws RangeError where the policy names an incentive function (`moduleOf`) and nobody was handed in to run it.
 */
export function recomputeEpoch(
  document: EpochInputsDocument,
  inputsSha256: string,
  { run = runEpoch, runFunction }: Machinery = {},
): Recomputed {
  const { due } = document;
  const emissionWeights = document.mechanisms.map(({ emissionWeight }) => emissionWeight);
  const { weights, split } = mechanismParts(emissionWeights, document.mechanismSplit);
  const pots = { miners: BigInt(due.pots.miners), validators: BigInt(due.pots.validators) };
  const minerPots = split(pots.miners);
  const validatorPots = split(pots.validators);
  const outcomes = document.mechanisms.map((mechanism) =>
    underPolicy(document, mechanism, { inputsSha256, run, runFunction }),
  );
  const mechanisms = document.mechanisms.map(({ id }, at): MechanismResult => {
    const own = { miners: minerPots[at] ?? 0n, validators: validatorPots[at] ?? 0n };
    const { consensus, output, adjustments, abstentions, evidence, state, ...more } = outcomes[at] ?? missing(at);
    const { incentiveFunction } = more;
    const policy = document.countermeasures && {
      adjustments,
      abstentions,
      evidence,
      ...(incentiveFunction === undefined ? {} : { incentiveFunction }),
      state,
    };
    const payout = payShaped(consensus, output, own);
    return { id, pots: own, output, payout, ...(policy === undefined ? {} : { policy }) };
  });
  const neurons = due.neurons
    .toSorted((left, right) => left.uid - right.uid)
    .map(({ uid, registrationId }) => neuronResult({ uid, registrationId }, mechanisms, weights));
  const paid = neurons.reduce((sum, neuron) => sum + neuron.incentiveRao + neuron.dividendRao, 0n);
  const unattributed = pots.miners + pots.validators - paid;
  const { netuid, index } = due;
  const { format } = document;
  const written =
    format === 1 ? mechanisms : mechanisms.map((each) => ({ ...each, output: epochVectors(each.output) }));
  const shares = due.subnets === undefined ? {} : { shares: rootShares(due.subnets, mechanisms[0]?.output) };
  const outputs = { format, netuid, index, inputsSha256, mechanisms: written, neurons, unattributed, ...shares };
  const outputsJson = canonicalJson(toStored(outputs));
  const outputsSha256 = sha256Hex(outputsJson);
  return { mechanisms, outcomes, neurons, unattributed, ...shares, outputsJson, outputsSha256 };
}

/** One mechanism under the policy and the state that its epoch began with. */
function underPolicy(
  { due, countermeasures, opened, functionMissing }: EpochInputsDocument,
  { id, epoch, state = EMPTY_STATE }: EpochInputsDocument['mechanisms'][number],
  machinery: {
    readonly inputsSha256: string;
    readonly run: (input: EpochInput) => EpochOutput;
    readonly runFunction: RunFunction | undefined;
  },
): PolicyOutcome {
  const { inputsSha256, run: runConsensus } = machinery;
  const runFunction = functionMissing === true ? runMissingFunction : machinery.runFunction;
  const ids = new Map(due.neurons.map(({ uid, registrationId }) => [uid, registrationId]));
  const input = inputFromStored(epoch);
  const registrations = input.neurons.map((_, uid) => ids.get(uid) ?? null);
  const { index, policySha256 } = due;
  const sealed = { epoch: input, index, inputsSha256, registrations, policySha256 };
  const draws = { scope: drawScope(due.netuid, id), begins: due.draw && termsOf(index + 1, due.draw), opened };
  return runDrawnEpoch(sealed, livePolicy(countermeasures), state, {
    runEpoch: runConsensus,
    draws,
    ...(runFunction === undefined ? {} : { runFunction }),
  });
}

function termsOf(interval: number, { beacon, ...terms }: DrawOfSeal): DrawTerms {
  return { ...terms, interval, publicKey: beacon.publicKey };
}

function missing(at: number): never {
  throw new Error(`mechanism ${at} was not run`);
}

/** The markets' consensus, in the columns after the members', as parts of a million by largest remainder. */
function rootShares(
  subnets: readonly { readonly netuid: number }[],
  output: EpochOutput | undefined,
): readonly ComputedShare[] {
  const consensus = subnets.length === 0 ? [] : (output?.consensus.slice(-subnets.length) ?? []);
  if (consensus.every((value) => value === 0n)) return [];
  const ppm = splitByLargestRemainder(1_000_000n, consensus);
  return subnets.map(({ netuid }, at) => ({ netuid, sharePpm: Number(ppm[at] ?? 0n) }));
}

function neuronResult(
  neuron: { uid: number; registrationId: string },
  mechanisms: readonly MechanismResult[],
  weights: readonly bigint[],
): NeuronResult {
  const { uid } = neuron;
  const total = weights.reduce((sum, weight) => sum + weight, 0n);
  const share = (field: keyof EpochOutputU16): number => {
    if (total === 0n) return 0;
    const weighed = mechanisms.map(({ output }, at) => BigInt(output.u16[field][uid] ?? 0) * (weights[at] ?? 0n));
    return Number(weighed.reduce((sum, value) => sum + value, 0n) / total);
  };
  const paid = (field: 'incentive' | 'dividends'): bigint =>
    mechanisms.reduce((sum, { payout }) => sum + (payout[field][uid] ?? 0n), 0n);
  return {
    ...neuron,
    active: mechanisms.some(({ output }) => output.active[uid] === true),
    permit: mechanisms.some(({ output }) => output.permits[uid] === true),
    stake: share('stake'),
    consensus: share('consensus'),
    rank: share('rank'),
    trust: share('trust'),
    validatorTrust: share('validatorTrust'),
    incentive: share('incentive'),
    dividends: share('dividends'),
    incentiveRao: paid('incentive'),
    dividendRao: paid('dividends'),
  };
}
