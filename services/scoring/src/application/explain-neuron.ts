import { type CountedWeight, fixedText, nextBetter, weightsOf, weightsOn } from '@subnetes/consensus/explain';
import { runKernelEpoch } from '@subnetes/consensus/kernel';
import { inputsFromStored, type StoredEpochInputs } from '#domain/stored-inputs.ts';
import type { Store, StoredEpoch } from './ports.ts';

/** Decimals are text with nine digits. */
export interface NeuronExplanation {
  readonly epoch: StoredEpoch;
  readonly consensus: string;
  /** What validators gave this neuron. */
  readonly given: readonly ExplainedWeight[];
  /** What this neuron gave others. */
  readonly gave: readonly ExplainedWeight[];
  readonly nextBetter: { readonly uid: number; readonly distance: string } | undefined;
}

export interface ExplainedWeight {
  readonly validatorUid: number;
  readonly minerUid: number;
  readonly stakeShare: string;
  readonly gave: string;
  readonly counted: string;
  readonly clipped: string;
}

export type ExplainOutcome =
  | { readonly kind: 'explained'; readonly explanation: NeuronExplanation }
  | { readonly kind: 'no-epoch' }
  | { readonly kind: 'no-neuron'; readonly index: number };

export type ExplainNeuron = (request: {
  readonly netuid: number;
  readonly uid: number;
  readonly index: number | undefined;
}) => Promise<ExplainOutcome>;

/** Explains a neuron's epoch by recomputing it from the stored inputs, in the mechanism with the most emission. */
export function makeExplainNeuron({ store }: { readonly store: Store }): ExplainNeuron {
  return async ({ netuid, uid, index }) => {
    const epoch = await store.epoch(netuid, index);
    if (epoch === undefined) return { kind: 'no-epoch' };
    const inputs = inputsFromStored(JSON.parse(epoch.inputsJson) as StoredEpochInputs);
    const [mechanism] = inputs.mechanisms.toSorted((left, right) => right.emissionWeight - left.emissionWeight);
    const isSealed = inputs.due.neurons.some((neuron) => neuron.uid === uid);
    if (mechanism === undefined || !isSealed) return { kind: 'no-neuron', index: epoch.index };
    const output = runKernelEpoch(mechanism.epoch);
    const better = nextBetter(uid, output.incentive);
    return {
      kind: 'explained',
      explanation: {
        epoch,
        consensus: fixedText(output.consensus[uid] ?? 0n),
        given: weightsOn(uid, output).map(explained),
        gave: weightsOf(uid, output).map(explained),
        nextBetter: better === undefined ? undefined : { uid: better.uid, distance: fixedText(better.distance) },
      },
    };
  };
}

function explained(weight: CountedWeight): ExplainedWeight {
  return {
    validatorUid: weight.validatorUid,
    minerUid: weight.minerUid,
    stakeShare: fixedText(weight.stakeShare),
    gave: fixedText(weight.gave),
    counted: fixedText(weight.counted),
    clipped: fixedText(weight.clipped),
  };
}
