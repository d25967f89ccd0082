import { checkInput } from '../src/check-input.ts';
import type { EpochInput, EpochParameters, NeuronInput } from '../src/epoch-types.ts';
import { runEpoch } from '../src/epoch.ts';
import type { ReferenceCheck } from './reference-checks.ts';

const validator: NeuronInput = {
  stake: 1n,
  lastUpdate: 0,
  registeredAt: 0,
  permit: true,
  oldestCommit: null,
  weights: [],
  bonds: [],
};
const parameters: EpochParameters = {
  formula: 'yuma3-liquid',
  kappaU16: 32_767,
  bondsPenaltyU16: 65_535,
  bondsMovingAveragePpm: 900_000,
  liquidAlpha: { lowU16: 45_875, highU16: 58_982, steepnessHundredths: 1000 },
  tempo: 360,
  activityCutoffBlocks: 5000,
  maxValidators: 64,
  minStake: 0n,
  bondMask: 'epoch',
  permitRule: 'nonzero',
  clearBonds: 'without-next-permit',
};
const base: EpochInput = {
  block: 100,
  lastEpochBlock: null,
  ownerUid: null,
  parameters,
  neurons: [validator, { ...validator, stake: 2n }],
};

/** What is said to an input: its refusal, or `accepted`. */
function answer(input: EpochInput, say: (input: EpochInput) => unknown = checkInput): string {
  try {
    say(input);
    return 'accepted';
  } catch (error) {
    return error instanceof RangeError ? error.message.replace('epoch input: ', '') : String(error);
  }
}

const input = (name: string, change: Partial<EpochInput>, expected: string): ReferenceCheck => ({
  name,
  run: () => answer({ ...base, ...change }),
  expected,
});
const rule = (name: string, change: Partial<EpochParameters>, expected: string): ReferenceCheck =>
  input(name, { parameters: { ...parameters, ...change } }, expected);
const liquid = (name: string, change: Partial<NonNullable<EpochParameters['liquidAlpha']>>, expected: string) =>
  rule(name, { liquidAlpha: { lowU16: 1, highU16: 2, steepnessHundredths: 0, ...change } }, expected);
const neuron = (name: string, change: Partial<NeuronInput>, expected: string): ReferenceCheck =>
  input(name, { neurons: [validator, { ...validator, ...change }] }, expected);

const notWhole = (field: string, value: number) => `${field}: ${value} is not a whole number from 0`;
const notU16 = (field: string, value: number) => `${field}: ${value} is not a u16`;
const ACCEPTED = 'accepted';
const UNITS_END = 1n << 64n;

/** Every range of `check-input.ts`: the last value inside it and the first outside. */
export const REFUSAL_CHECKS: readonly ReferenceCheck[] = [
  input('an input as it should be', {}, ACCEPTED),
  { name: 'an epoch of it', run: () => answer(base, runEpoch), expected: ACCEPTED },
  { name: 'no epoch of another', run: () => answer({ ...base, block: -1 }, runEpoch), expected: notWhole('block', -1) },
  input('no neurons', { neurons: [] }, ACCEPTED),
  input('as many neurons as there may be', { neurons: Array.from({ length: 4096 }, () => validator) }, ACCEPTED),
  input('one too many', { neurons: Array.from({ length: 4097 }, () => validator) }, 'neurons: 4097 exceed 4096'),
  input('block 0', { block: 0 }, ACCEPTED),
  input('a block before it', { block: -1 }, notWhole('block', -1)),
  input('half a block', { block: 1.5 }, notWhole('block', 1.5)),
  input('a last epoch before block 0', { lastEpochBlock: -1 }, notWhole('lastEpochBlock', -1)),
  input('an owner', { ownerUid: 1 }, ACCEPTED),
  input('an owner that is not there', { ownerUid: 2 }, 'ownerUid: 2 is not registered'),
  input('half an owner', { ownerUid: 0.5 }, 'ownerUid: 0.5 is not registered'),
  input('an owner below 0', { ownerUid: -1 }, 'ownerUid: -1 is not registered'),
  rule('all of kappa', { kappaU16: 65_535 }, ACCEPTED),
  rule('more of it', { kappaU16: 65_536 }, notU16('kappaU16', 65_536)),
  rule('more penalty than there is', { bondsPenaltyU16: 65_536 }, notU16('bondsPenaltyU16', 65_536)),
  rule('all old bonds', { bondsMovingAveragePpm: 1_000_000 }, ACCEPTED),
  rule('more than all', { bondsMovingAveragePpm: 1_000_001 }, 'bondsMovingAveragePpm: not within 0..1000000'),
  rule('a tempo below 0', { tempo: -1 }, notWhole('tempo', -1)),
  rule('a cut-off below 0', { activityCutoffBlocks: -1 }, notWhole('activityCutoffBlocks', -1)),
  rule('validators below 0', { maxValidators: -1 }, notWhole('maxValidators', -1)),
  rule('the largest least stake', { minStake: UNITS_END - 1n }, ACCEPTED),
  rule('a larger one', { minStake: UNITS_END }, `minStake: ${UNITS_END} does not fit in 64 bits`),
  rule('one below 0', { minStake: -1n }, 'minStake: -1 does not fit in 64 bits'),
  rule('Yuma 3 liquid without bounds', { liquidAlpha: undefined }, 'liquidAlpha: required by yuma3-liquid'),
  rule(
    'Yuma 2 liquid without bounds',
    { formula: 'yuma2-liquid', liquidAlpha: undefined },
    'liquidAlpha: required by yuma2-liquid',
  ),
  rule('Yuma 3 without bounds', { formula: 'yuma3', liquidAlpha: undefined }, ACCEPTED),
  liquid('equal bounds', { lowU16: 2 }, ACCEPTED),
  liquid('bounds the wrong way round', { lowU16: 3 }, 'liquidAlpha: low exceeds high'),
  liquid('a low bound below 0', { lowU16: -1 }, notU16('liquidAlpha.lowU16', -1)),
  liquid('a high bound that is no u16', { highU16: 65_536 }, notU16('liquidAlpha.highU16', 65_536)),
  liquid('the steepest', { steepnessHundredths: 32_767 }, ACCEPTED),
  liquid('steeper', { steepnessHundredths: 32_768 }, 'liquidAlpha.steepnessHundredths: not an i16'),
  liquid('the steepest downwards', { steepnessHundredths: -32_768 }, ACCEPTED),
  liquid('steeper downwards', { steepnessHundredths: -32_769 }, 'liquidAlpha.steepnessHundredths: not an i16'),
  neuron('all stake there is', { stake: UNITS_END - 2n }, ACCEPTED),
  neuron('a unit more', { stake: UNITS_END - 1n }, 'stake: the sum does not fit in 64 bits'),
  neuron('stake below 0', { stake: -1n }, 'neurons[1].stake: -1 does not fit in 64 bits'),
  neuron('an update before block 0', { lastUpdate: -1 }, notWhole('neurons[1].lastUpdate', -1)),
  neuron('a registration before block 0', { registeredAt: -1 }, notWhole('neurons[1].registeredAt', -1)),
  neuron('a commit in block 0', { oldestCommit: 0 }, ACCEPTED),
  neuron('a commit before it', { oldestCommit: -1 }, notWhole('neurons[1].oldestCommit', -1)),
  neuron(
    'a weight on everybody',
    {
      weights: [
        [0, 65_535],
        [1, 0],
      ],
    },
    ACCEPTED,
  ),
  neuron('a weight on nobody', { weights: [[2, 1]] }, 'neurons[1].weights: uid 2 is not registered'),
  neuron(
    'a weight twice',
    {
      weights: [
        [0, 1],
        [0, 1],
      ],
    },
    'neurons[1].weights: uid 0 does not ascend',
  ),
  neuron(
    'weights downwards',
    {
      weights: [
        [1, 1],
        [0, 1],
      ],
    },
    'neurons[1].weights: uid 0 does not ascend',
  ),
  neuron('a weight that is no u16', { weights: [[0, 65_536]] }, notU16('neurons[1].weights', 65_536)),
  neuron('half a weight', { weights: [[0, 0.5]] }, notU16('neurons[1].weights', 0.5)),
  neuron('a bond on nobody', { bonds: [[2, 1]] }, 'neurons[1].bonds: uid 2 is not registered'),
];
