import { type CountedWeight, fixedText, nextBetter, weightsOf, weightsOn } from '@subnetes/consensus/explain';
import { runKernelEpoch } from '@subnetes/consensus/kernel';
import {
  type MechanismAccount,
  mechanismAccount,
  type OpenedMechanism,
  openMechanisms,
} from '#domain/mechanism-account.ts';
import { answersIn } from '#domain/function-calls.ts';
import { inputsFromStored, type StoredEpochInputs } from '#domain/stored-inputs.ts';
import type { EpochListing, Store } from './ports.ts';

/** Of an epoch, what an explanation of it names. Its documents, which may be megabytes, are not kept with it. */
export type ExplainedEpoch = EpochListing;

/** Decimals are text with nine digits; weights and standing are of the mechanism with the most emission. */
export interface NeuronExplanation {
  readonly epoch: ExplainedEpoch;
  readonly consensus: string;
  /** What validators gave this neuron. */
  readonly given: readonly ExplainedWeight[];
  /** What this neuron gave others. */
  readonly gave: readonly ExplainedWeight[];
  readonly nextBetter: { readonly uid: number; readonly distance: string } | undefined;
  /** One a mechanism, that with the most emission first. */
  readonly accounts: readonly MechanismAccount[];
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

/** Explanations kept: a page is read again with every block, and its epoch does not change. */
const EXPLANATIONS_KEPT = 64;
/** Computed epochs kept, of some megabytes each: people go from one neuron of an epoch to the next. */
const EPOCHS_KEPT = 2;

/** An epoch computed again. */
interface OpenedEpoch {
  readonly epoch: ExplainedEpoch;
  readonly uids: ReadonlySet<number>;
  readonly mechanisms: readonly OpenedMechanism[];
}

/**
 * Explains a neuron's epoch by recomputing it from the stored inputs, and looks for what would lift it. What was computed
 * last is kept by the hash of the inputs, since an epoch that is stored never changes.
 */
export function makeExplainNeuron({ store }: { readonly store: Store }): ExplainNeuron {
  const explanations = new Map<string, NeuronExplanation>();
  const epochs = new Map<string, OpenedEpoch>();
  return async ({ netuid, uid, index }) => {
    const [listed] = await store.listEpochs(netuid, { before: index === undefined ? undefined : index + 1, limit: 1 });
    if (listed === undefined || (index !== undefined && listed.index !== index)) return { kind: 'no-epoch' };
    const key = `${netuid}/${listed.index}/${listed.inputsSha256}`;
    const known = explanations.get(`${key}/${uid}`);
    if (known !== undefined) return { kind: 'explained', explanation: keep(explanations, `${key}/${uid}`, known) };
    const opened = epochs.get(key) ?? (await openEpoch(store, netuid, listed.index));
    if (opened === undefined) return { kind: 'no-epoch' };
    keep(epochs, key, opened, EPOCHS_KEPT);
    if (!opened.uids.has(uid)) return { kind: 'no-neuron', index: listed.index };
    return { kind: 'explained', explanation: keep(explanations, `${key}/${uid}`, explain(uid, opened)) };
  };
}

/** Puts what was used last at the end, and forgets from the front. */
function keep<Value>(kept: Map<string, Value>, key: string, value: Value, most = EXPLANATIONS_KEPT): Value {
  kept.delete(key);
  kept.set(key, value);
  for (const oldest of kept.keys()) {
    if (kept.size <= most) break;
    kept.delete(oldest);
  }
  return value;
}

async function openEpoch(store: Store, netuid: number, index: number): Promise<OpenedEpoch | undefined> {
  const stored = await store.epoch(netuid, index);
  if (stored === undefined) return undefined;
  const { inputsJson, outputsJson, scored: _scored, standings: _standings, ...epoch } = stored;
  const inputs = inputsFromStored(JSON.parse(inputsJson) as StoredEpochInputs);
  return {
    epoch,
    uids: new Set(inputs.due.neurons.map(({ uid }) => uid)),
    mechanisms: openMechanisms(inputs, epoch.inputsSha256, {
      run: runKernelEpoch,
      answers: answersIn(inputs, outputsJson),
    }),
  };
}

function explain(uid: number, { epoch, mechanisms }: OpenedEpoch): NeuronExplanation {
  const output = mechanisms[0]?.output;
  const better = nextBetter(uid, mechanisms[0]?.paid.incentive ?? []);
  return {
    epoch,
    consensus: fixedText(output?.consensus[uid] ?? 0n),
    given: output === undefined ? [] : weightsOn(uid, output).map(explained),
    gave: output === undefined ? [] : weightsOf(uid, output).map(explained),
    nextBetter: better === undefined ? undefined : { uid: better.uid, distance: fixedText(better.distance) },
    accounts: mechanisms.map((mechanism) => mechanismAccount(uid, mechanism)),
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
