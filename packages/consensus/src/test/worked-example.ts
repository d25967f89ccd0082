import type { EpochInput, EpochParameters, NeuronInput } from '../epoch-types.ts';

/** A neuron that registered long before and gave weights in the block before the epoch. */
export const exampleNeuron = (stake: bigint, weights: NeuronInput['weights']): NeuronInput => ({
  stake,
  lastUpdate: 99,
  registeredAt: 1,
  permit: stake > 0n,
  oldestCommit: null,
  weights,
  bonds: [],
});

export const EXAMPLE_PARAMETERS: EpochParameters = {
  formula: 'yuma3',
  kappaU16: 32_767,
  bondsPenaltyU16: 65_535,
  bondsMovingAveragePpm: 900_000,
  liquidAlpha: undefined,
  tempo: 20,
  activityCutoffBlocks: 5000,
  maxValidators: 64,
  minStake: 0n,
  bondMask: 'epoch',
  permitRule: 'nonzero',
  clearBonds: 'without-next-permit',
};

/** The example of the protocol: four validators with stakes 4:3:2:1 rate two miners under Yuma 3, no earlier bonds. */
export const EXAMPLE: EpochInput = {
  block: 100,
  lastEpochBlock: 80,
  ownerUid: null,
  parameters: EXAMPLE_PARAMETERS,
  neurons: [
    exampleNeuron(400n, [
      [4, 65_535],
      [5, 65_535],
    ]),
    exampleNeuron(300n, [
      [4, 65_535],
      [5, 32_768],
    ]),
    exampleNeuron(200n, [
      [4, 32_768],
      [5, 65_535],
    ]),
    exampleNeuron(100n, [[5, 65_535]]),
    exampleNeuron(0n, []),
    exampleNeuron(0n, []),
  ],
};
