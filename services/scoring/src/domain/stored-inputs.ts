import { inputFromStored, type Stored } from '@subnetes/consensus/epoch-json';
import type { ScorableInputs } from './epoch-inputs.ts';

/** Inputs of format 1 or 2 as they stand in the store: bigints as decimal strings. What they hold besides is hashed alone. */
export type StoredEpochInputs = Stored<ScorableInputs>;

/** Inputs as they were before they were stored. Only what this service wrote is read here, so nothing is checked. */
export function inputsFromStored({ due, mechanisms, countermeasures }: StoredEpochInputs): ScorableInputs {
  const { pots } = due;
  return {
    due: {
      ...due,
      pots: { owner: BigInt(pots.owner), miners: BigInt(pots.miners), validators: BigInt(pots.validators) },
      neurons: due.neurons.map((neuron) => ({ ...neuron, stake: BigInt(neuron.stake) })),
    },
    mechanisms: mechanisms.map((mechanism) => ({ ...mechanism, epoch: inputFromStored(mechanism.epoch) })),
    ...(countermeasures === undefined ? {} : { countermeasures }),
  };
}
