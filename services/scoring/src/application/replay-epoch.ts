import { runEpoch } from '@subnetes/consensus/epoch';
import { canonicalJson, toStored } from '@subnetes/consensus/epoch-json';
import { firstDifferences, type OutputDifference } from '@subnetes/consensus/output-difference';
import type { PolicyChange } from '@subnetes/policy/override-policy';
import { runKernelEpoch } from '@subnetes/consensus/kernel';
import type { ScorableInputs } from '#domain/epoch-inputs.ts';
import { outputsDocument } from '#domain/outputs-document.ts';
import { type EpochOutputs, type RunMechanism, scoreEpoch } from '#domain/score-epoch.ts';
import { inputsFromStored, type StoredEpochInputs } from '#domain/stored-inputs.ts';
import {
  changedInputs,
  comparePayouts,
  type NeuronComparison,
  type WhatIf,
  type WhatIfRefusal,
} from '#domain/what-if.ts';
import { neededModule } from '#domain/function-calls.ts';
import { askFunctions, type FunctionRunner, type FunctionStore } from './incentive-functions.ts';
import type { Sha256, Store, StoredEpoch } from './ports.ts';
import { type EvidenceReplay, replayEvidence } from './replay-evidence.ts';

/** Two outputs that differ do so in many places; the first say where it began. */
const DIFFERENCES_MAX = 20;

export interface ReplayResult {
  readonly index: number;
  readonly storedOutputsSha256: string;
  /** Of what the readable implementation makes of the stored inputs. */
  readonly recomputedOutputsSha256: string;
  /** Inputs hash to what is stored and lead to the very outputs that are stored. */
  readonly equal: boolean;
  readonly inputsIntact: boolean;
  /** The kernel, which computed the epoch, gets what the readable implementation gets now. */
  readonly kernelAgrees: boolean;
  /** Of the stored outputs and those recomputed. */
  readonly differences: readonly OutputDifference[];
  readonly counterfactual: CounterfactualResult | undefined;
  /** What the epoch gave of neurons' faults. */
  readonly evidence: readonly EvidenceReplay[];
}

/** The same pots, paid by other rules. Differences and what is left to nobody add up to nothing. */
export interface CounterfactualResult {
  readonly changes: readonly PolicyChange[];
  readonly withoutValidators: readonly number[];
  readonly neurons: readonly NeuronComparison[];
  /** Rao of miners and validators together. */
  readonly pot: bigint;
  readonly unattributedBefore: bigint;
  readonly unattributedAfter: bigint;
  readonly kernelAgrees: boolean;
}

/** `missingModule`: the hex sha256 of a function that divided the epoch, and that is not here any more. */
export type ReplayOutcome =
  | ReplayResult
  | { readonly refusal: WhatIfRefusal }
  | { readonly missingModule: string }
  | undefined;

/** Undefined asks for the newest epoch; without a what-if it is only compared. */
export type ReplayEpoch = (netuid: number, index: number | undefined, whatIf?: WhatIf) => Promise<ReplayOutcome>;

/**
 * Recomputes an epoch from its stored inputs with the readable implementation, with the kernel as a second opinion; and,
 * where something is to be different, also what it would have paid. Undefined when there is no such epoch.
 */
export function makeReplayEpoch(ports: {
  readonly store: Store;
  readonly sha256: Sha256;
  readonly functions: Pick<FunctionStore, 'module'>;
  readonly runner: Pick<FunctionRunner, 'run'>;
}): ReplayEpoch {
  const { store, sha256, functions, runner } = ports;
  return async (netuid, index, whatIf) => {
    const epoch = await store.epoch(netuid, index);
    if (epoch === undefined) return undefined;
    const inputs = inputsFromStored(JSON.parse(epoch.inputsJson) as StoredEpochInputs);
    const asked = whatIf === undefined || isNothing(whatIf) ? undefined : whatIf;
    const changed = asked === undefined ? undefined : changedInputs(inputs, asked);
    if (changed !== undefined && 'refusal' in changed) return changed;
    const needed = neededModule(inputs);
    const module = needed === undefined ? undefined : await functions.module(needed);
    if (needed !== undefined && module === undefined) return { missingModule: needed };
    const inputsSha256 = sha256(epoch.inputsJson);
    const compute = (of: ScorableInputs): Promise<ComputedTwice> => computeTwice(of, inputsSha256, { module, runner });
    const reference = await compute(inputs);
    return {
      ...compare(epoch, reference, { inputsSha256, sha256 }),
      evidence: await replayEvidence(ports, netuid, epoch.index),
      counterfactual:
        asked === undefined || changed === undefined
          ? undefined
          : counterfactual(reference.outputs, await compute(changed.inputs), {
              changes: changed.changes,
              withoutValidators: asked.withoutValidators,
              pot: inputs.due.pots.miners + inputs.due.pots.validators,
            }),
    };
  };
}

function isNothing({ overrides, withoutValidators }: WhatIf): boolean {
  return overrides.length === 0 && withoutValidators.length === 0;
}

interface ComputedTwice {
  readonly outputs: EpochOutputs;
  readonly json: string;
  readonly kernelAgrees: boolean;
}

async function computeTwice(
  inputs: ScorableInputs,
  inputsSha256: string,
  { module, runner }: { readonly module: Uint8Array | undefined; readonly runner: Pick<FunctionRunner, 'run'> },
): Promise<ComputedTwice> {
  const computed = async (run: RunMechanism): Promise<EpochOutputs> =>
    scoreEpoch(inputs, inputsSha256, {
      run,
      answers: await askFunctions(runner, { inputs, inputsSha256, run }, module),
    });
  const outputs = await computed(runEpoch);
  const json = canonicalJson(toStored(outputsDocument(outputs)));
  // The kernel is held to the matrices as well, which explanations are drawn up from, whether they are stored or not.
  const kernelAgrees = canonicalJson(toStored(await computed(runKernelEpoch))) === canonicalJson(toStored(outputs));
  return { outputs, json, kernelAgrees };
}

function compare(
  epoch: StoredEpoch,
  { json, kernelAgrees }: ComputedTwice,
  { inputsSha256, sha256 }: { readonly inputsSha256: string; readonly sha256: Sha256 },
): Omit<ReplayResult, 'counterfactual' | 'evidence'> {
  const recomputed = sha256(json);
  const stored = sha256(epoch.outputsJson);
  const inputsIntact = inputsSha256 === epoch.inputsSha256;
  return {
    index: epoch.index,
    storedOutputsSha256: epoch.outputsSha256,
    recomputedOutputsSha256: recomputed,
    equal: inputsIntact && stored === epoch.outputsSha256 && recomputed === stored,
    inputsIntact,
    kernelAgrees,
    differences: recomputed === stored ? [] : differences(epoch.outputsJson, json),
  };
}

/** Outputs that are no JSON any more differ as a whole. */
function differences(stored: string, recomputed: string): OutputDifference[] {
  return firstDifferences(parsed(stored), parsed(recomputed), DIFFERENCES_MAX);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}

function counterfactual(
  before: EpochOutputs,
  after: ComputedTwice,
  question: Pick<CounterfactualResult, 'changes' | 'withoutValidators' | 'pot'>,
): CounterfactualResult {
  return {
    ...question,
    neurons: comparePayouts(before, after.outputs),
    unattributedBefore: before.unattributed,
    unattributedAfter: after.outputs.unattributed,
    kernelAgrees: after.kernelAgrees,
  };
}
