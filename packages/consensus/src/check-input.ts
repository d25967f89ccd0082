import { U16_MAX } from './fixed.ts';
import type { EpochInput, EpochParameters, NeuronInput } from './epoch-types.ts';
import type { Row } from './sparse.ts';

/** Most neurons that an epoch takes. */
export const NEURONS_MAX = 4096;
const UNITS_MAX = 1n << 64n;

/**
 * Holds an input to the ranges within which the arithmetic is the chain's. Throws RangeError naming the field:
 * whoever accepts weights and policies has refused such values long before, so here they are a bug.
 */
export function checkInput(input: EpochInput): void {
  const { neurons, ownerUid } = input;
  check(neurons.length <= NEURONS_MAX, `neurons: ${neurons.length} exceed ${NEURONS_MAX}`);
  checkBlock('block', input.block);
  if (input.lastEpochBlock !== null) checkBlock('lastEpochBlock', input.lastEpochBlock);
  check(ownerUid === null || isBelow(ownerUid, neurons.length), `ownerUid: ${ownerUid} is not registered`);
  checkParameters(input.parameters);
  const totalStake = neurons.reduce((total, { stake }) => total + stake, 0n);
  check(totalStake < UNITS_MAX, 'stake: the sum does not fit in 64 bits');
  for (const [uid, neuron] of neurons.entries()) checkNeuron(uid, neuron, neurons.length);
}

function checkParameters(parameters: EpochParameters): void {
  checkU16('kappaU16', parameters.kappaU16);
  checkU16('bondsPenaltyU16', parameters.bondsPenaltyU16);
  check(isBelow(parameters.bondsMovingAveragePpm, 1_000_001), 'bondsMovingAveragePpm: not within 0..1000000');
  checkBlock('tempo', parameters.tempo);
  checkBlock('activityCutoffBlocks', parameters.activityCutoffBlocks);
  checkBlock('maxValidators', parameters.maxValidators);
  checkUnits('minStake', parameters.minStake);
  const liquid = parameters.liquidAlpha;
  const needsLiquid = parameters.formula === 'yuma2-liquid' || parameters.formula === 'yuma3-liquid';
  check(!needsLiquid || liquid !== undefined, `liquidAlpha: required by ${parameters.formula}`);
  if (liquid === undefined) return;
  checkU16('liquidAlpha.lowU16', liquid.lowU16);
  checkU16('liquidAlpha.highU16', liquid.highU16);
  check(liquid.lowU16 <= liquid.highU16, 'liquidAlpha: low exceeds high');
  check(isBelow(liquid.steepnessHundredths + 32_768, 65_536), 'liquidAlpha.steepnessHundredths: not an i16');
}

function checkNeuron(uid: number, neuron: NeuronInput, count: number): void {
  checkUnits(`neurons[${uid}].stake`, neuron.stake);
  checkBlock(`neurons[${uid}].lastUpdate`, neuron.lastUpdate);
  checkBlock(`neurons[${uid}].registeredAt`, neuron.registeredAt);
  if (neuron.oldestCommit !== null) checkBlock(`neurons[${uid}].oldestCommit`, neuron.oldestCommit);
  checkRow(`neurons[${uid}].weights`, neuron.weights, count);
  checkRow(`neurons[${uid}].bonds`, neuron.bonds, count);
}

function checkRow(field: string, row: Row<number>, count: number): void {
  let previous = -1;
  for (const [uid, value] of row) {
    check(isBelow(uid, count), `${field}: uid ${uid} is not registered`);
    check(uid > previous, `${field}: uid ${uid} does not ascend`);
    checkU16(field, value);
    previous = uid;
  }
}

function checkU16(field: string, value: number): void {
  check(isBelow(value, U16_MAX + 1), `${field}: ${value} is not a u16`);
}

function checkBlock(field: string, value: number): void {
  check(Number.isSafeInteger(value) && value >= 0, `${field}: ${value} is not a whole number from 0`);
}

function checkUnits(field: string, value: bigint): void {
  check(value >= 0n && value < UNITS_MAX, `${field}: ${value} does not fit in 64 bits`);
}

function isBelow(value: number, bound: number): boolean {
  return Number.isSafeInteger(value) && value >= 0 && value < bound;
}

function check(holds: boolean, message: string): void {
  if (!holds) throw new RangeError(`epoch input: ${message}`);
}
