import { U16_MAX } from './fixed.ts';
import type { EpochInput, EpochParameters, NeuronInput } from './epoch-types.ts';
import type { Row } from './sparse.ts';

/** Most neurons that an epoch takes. */
export const NEURONS_MAX = 4096;
const UNITS_MAX = 1n << 64n;

/** An epoch's input without its neurons. */
export type EpochSettings = Omit<EpochInput, 'neurons'>;

/**
 * Holds an input to the ranges within which the arithmetic is the chain's. Throws RangeError naming the field:
 * whoever accepts weights and policies has refused such values long before, so here they are a bug.
 */
export function checkInput(input: EpochInput): void {
  const { neurons } = input;
  checkSettings(input, neurons.length);
  const totalStake = neurons.reduce((total, { stake }) => total + stake, 0n);
  if (totalStake >= UNITS_MAX) refuse('stake: the sum does not fit in 64 bits');
  for (const [uid, neuron] of neurons.entries()) checkNeuron(`neurons[${uid}]`, neuron, neurons.length);
}

/** The same for everything but the neurons, of which there are `count`. */
export function checkSettings(settings: EpochSettings, count: number): void {
  const { ownerUid } = settings;
  if (count > NEURONS_MAX) refuse(`neurons: ${count} exceed ${NEURONS_MAX}`);
  checkBlock('block', settings.block);
  if (settings.lastEpochBlock !== null) checkBlock('lastEpochBlock', settings.lastEpochBlock);
  if (ownerUid !== null && !isBelow(ownerUid, count)) refuse(`ownerUid: ${ownerUid} is not registered`);
  checkParameters(settings.parameters);
}

function checkParameters(parameters: EpochParameters): void {
  checkU16('kappaU16', parameters.kappaU16);
  checkU16('bondsPenaltyU16', parameters.bondsPenaltyU16);
  if (!isBelow(parameters.bondsMovingAveragePpm, 1_000_001)) refuse('bondsMovingAveragePpm: not within 0..1000000');
  checkBlock('tempo', parameters.tempo);
  checkBlock('activityCutoffBlocks', parameters.activityCutoffBlocks);
  checkBlock('maxValidators', parameters.maxValidators);
  checkUnits('minStake', parameters.minStake);
  const liquid = parameters.liquidAlpha;
  const needsLiquid = parameters.formula === 'yuma2-liquid' || parameters.formula === 'yuma3-liquid';
  if (needsLiquid && liquid === undefined) refuse(`liquidAlpha: required by ${parameters.formula}`);
  if (liquid === undefined) return;
  checkU16('liquidAlpha.lowU16', liquid.lowU16);
  checkU16('liquidAlpha.highU16', liquid.highU16);
  if (liquid.lowU16 > liquid.highU16) refuse('liquidAlpha: low exceeds high');
  if (!isBelow(liquid.steepnessHundredths + 32_768, 65_536)) refuse('liquidAlpha.steepnessHundredths: not an i16');
}

function checkNeuron(field: string, neuron: NeuronInput, count: number): void {
  checkUnits(`${field}.stake`, neuron.stake);
  checkBlock(`${field}.lastUpdate`, neuron.lastUpdate);
  checkBlock(`${field}.registeredAt`, neuron.registeredAt);
  if (neuron.oldestCommit !== null) checkBlock(`${field}.oldestCommit`, neuron.oldestCommit);
  checkRow(`${field}.weights`, neuron.weights, count);
  checkRow(`${field}.bonds`, neuron.bonds, count);
}

/** Messages are written only when they are needed: a large network has a hundred thousand entries. */
function checkRow(field: string, row: Row<number>, count: number): void {
  let previous = -1;
  for (const [uid, value] of row) {
    if (!isBelow(uid, count)) refuse(`${field}: uid ${uid} is not registered`);
    if (uid <= previous) refuse(`${field}: uid ${uid} does not ascend`);
    checkU16(field, value);
    previous = uid;
  }
}

function checkU16(field: string, value: number): void {
  if (!isBelow(value, U16_MAX + 1)) refuse(`${field}: ${value} is not a u16`);
}

function checkBlock(field: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) refuse(`${field}: ${value} is not a whole number from 0`);
}

function checkUnits(field: string, value: bigint): void {
  if (value < 0n || value >= UNITS_MAX) refuse(`${field}: ${value} does not fit in 64 bits`);
}

function isBelow(value: number, bound: number): boolean {
  return Number.isSafeInteger(value) && value >= 0 && value < bound;
}

function refuse(message: string): never {
  throw new RangeError(`epoch input: ${message}`);
}
