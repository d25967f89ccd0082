import { createHash } from 'node:crypto';
import { payPots, type Payout } from '@subnetes/consensus/emission';
import { runEpoch } from '@subnetes/consensus/epoch';
import { canonicalJson, inputFromStored, type StoredEpochInput, toStored } from '@subnetes/consensus/epoch-json';
import type { EpochOutput, EpochOutputU16 } from '@subnetes/consensus/epoch-types';
import { splitByLargestRemainder } from '@subnetes/money/split';
import { z } from 'zod';

/** What this program needs to know of an epoch's stored inputs, the same in formats 1 and 2. The rest is hashed alone. */
const storedInputs = z.looseObject({
  format: z.literal([1, 2]),
  networkId: z.string(),
  due: z.looseObject({
    netuid: z.int(),
    index: z.int(),
    block: z.int(),
    pots: z.looseObject({ miners: z.string(), validators: z.string() }),
    neurons: z.array(z.looseObject({ uid: z.int(), registrationId: z.string(), hotkey: z.string() })),
  }),
  mechanisms: z.array(
    z.looseObject({
      id: z.int(),
      emissionWeight: z.int(),
      epoch: z.custom<StoredEpochInput>((value) => typeof value === 'object' && value !== null),
    }),
  ),
});

/** Inputs of an epoch as scoring publishes them. */
export type EpochInputsDocument = z.infer<typeof storedInputs>;

/** One mechanism recomputed. */
export interface MechanismResult {
  readonly id: number;
  readonly pots: { readonly miners: bigint; readonly validators: bigint };
  readonly output: EpochOutput;
  readonly payout: Payout;
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

/** An epoch recomputed on this machine. */
export interface Recomputed {
  readonly mechanisms: readonly MechanismResult[];
  readonly neurons: readonly NeuronResult[];
  /** Hex sha256 of the outputs' canonical JSON. */
  readonly outputsSha256: string;
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
 * largest remainder, shares averaged by the same weights. Written apart from scoring's own code, so that it checks it:
 * also the epoch itself, which scoring runs in the kernel and this in the readable implementation.
 */
export function recomputeEpoch(document: EpochInputsDocument, inputsSha256: string): Recomputed {
  const { due } = document;
  const weights = document.mechanisms.map(({ emissionWeight }) => BigInt(emissionWeight));
  const pots = { miners: BigInt(due.pots.miners), validators: BigInt(due.pots.validators) };
  const minerPots = splitByLargestRemainder(pots.miners, weights);
  const validatorPots = splitByLargestRemainder(pots.validators, weights);
  const mechanisms = document.mechanisms.map(({ id, epoch }, at): MechanismResult => {
    const own = { miners: minerPots[at] ?? 0n, validators: validatorPots[at] ?? 0n };
    const output = runEpoch(inputFromStored(epoch));
    return { id, pots: own, output, payout: payPots(output, own) };
  });
  const neurons = due.neurons
    .toSorted((left, right) => left.uid - right.uid)
    .map(({ uid, registrationId }) => neuronResult({ uid, registrationId }, mechanisms, weights));
  const paid = neurons.reduce((sum, neuron) => sum + neuron.incentiveRao + neuron.dividendRao, 0n);
  const outputs = {
    format: 1,
    netuid: due.netuid,
    index: due.index,
    inputsSha256,
    mechanisms,
    neurons,
    unattributed: pots.miners + pots.validators - paid,
  };
  return { mechanisms, neurons, outputsSha256: sha256Hex(canonicalJson(toStored(outputs))) };
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

/** Consensus parameters that `--set` can change, with the form of their values. */
const SETTINGS: ReadonlyMap<string, { readonly field: string; readonly read: (text: string) => unknown }> = new Map([
  ['kappa', { field: 'kappaU16', read: (text) => Math.round(decimal(text, 0, 1) * 65_535) }],
  ['kappaU16', { field: 'kappaU16', read: (text) => whole(text, 65_535) }],
  ['bondsPenaltyU16', { field: 'bondsPenaltyU16', read: (text) => whole(text, 65_535) }],
  ['bondsMovingAveragePpm', { field: 'bondsMovingAveragePpm', read: (text) => whole(text, 1_000_000) }],
  ['activityCutoffBlocks', { field: 'activityCutoffBlocks', read: (text) => whole(text, 0xffff_ffff) }],
  ['maxValidators', { field: 'maxValidators', read: (text) => whole(text, 65_535) }],
  ['formula', { field: 'formula', read: formula }],
]);

/** Names that `--set` takes. */
export const SETTING_NAMES: readonly string[] = [...SETTINGS.keys()];

/** The document with parameters changed in every mechanism; throws RangeError that says what is allowed. */
export function withSettings(document: EpochInputsDocument, settings: readonly string[]): EpochInputsDocument {
  const changes = settings.map((setting) => {
    const [, name = '', value = ''] = /^([A-Za-z0-9]+)=(.*)$/.exec(setting) ?? [];
    const known = SETTINGS.get(name);
    if (known === undefined)
      throw new RangeError(`--set ${setting}: write NAME=VALUE, where NAME is one of ${SETTING_NAMES.join(', ')}`);
    return [known.field, known.read(value)] as const;
  });
  const mechanisms = document.mechanisms.map((mechanism) => ({
    ...mechanism,
    epoch: { ...mechanism.epoch, parameters: { ...mechanism.epoch.parameters, ...Object.fromEntries(changes) } },
  }));
  return { ...document, mechanisms };
}

function decimal(text: string, low: number, high: number): number {
  const value = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || value < low || value > high)
    throw new RangeError(`"${text}" is no number from ${low} to ${high}`);
  return value;
}

function whole(text: string, high: number): number {
  if (!/^\d{1,10}$/.test(text) || Number(text) > high)
    throw new RangeError(`"${text}" is no whole number from 0 to ${high}`);
  return Number(text);
}

function formula(text: string): string {
  if (!['yuma2', 'yuma3'].includes(text)) throw new RangeError(`"${text}" is no formula: yuma2 or yuma3`);
  return text;
}
