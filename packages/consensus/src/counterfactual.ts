import type { EpochInput, EpochParameters } from './epoch-types.ts';
import { U16_MAX } from './fixed.ts';

/** Parts of the formula that can be switched off one at a time, to see what each does. */
export const SWITCHES = ['bonds-penalty', 'clipping', 'moving-average'] as const;
export type Switch = (typeof SWITCHES)[number];

/**
 * The parameters without one part of the formula. Each switch is a what-if of its own: parts act on one another, so what
 * they do alone does not add up to what they do together.
 *
 * Without the bonds penalty bonds follow raw weights; without clipping (a kappa of zero) the consensus of a miner is the
 * highest weight on it, for everybody's weights; without the moving average bonds are the newest observation alone.
 */
export function withoutPart(parameters: EpochParameters, part: Switch): EpochParameters {
  switch (part) {
    case 'bonds-penalty':
      return { ...parameters, bondsPenaltyU16: 0 };
    case 'clipping':
      return { ...parameters, kappaU16: 0 };
    case 'moving-average': {
      const { liquidAlpha } = parameters;
      const whole = { lowU16: U16_MAX, highU16: U16_MAX };
      return {
        ...parameters,
        bondsMovingAveragePpm: 0,
        liquidAlpha: liquidAlpha === undefined ? undefined : { ...liquidAlpha, ...whole },
      };
    }
  }
}

/**
 * The epoch as it would have been without a validator: its stake, permit, weights and bonds are gone; as a miner it stays,
 * and its uid keeps its place. An owner's neuron is not treated as the owner's any more. Throws RangeError for a uid that
 * nobody has.
 */
export function withoutValidator(input: EpochInput, uid: number): EpochInput {
  const neuron = input.neurons[uid];
  if (neuron === undefined) throw new RangeError(`uid ${uid} is not registered`);
  const silent = { ...neuron, stake: 0n, permit: false, weights: [], bonds: [] };
  return {
    ...input,
    ownerUid: input.ownerUid === uid ? null : input.ownerUid,
    neurons: input.neurons.with(uid, silent),
  };
}
