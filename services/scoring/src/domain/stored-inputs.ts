import { inputFromStored, type Stored } from '@subnetes/consensus/epoch-json';
import type { EpochInputs } from './epoch-inputs.ts';

/** Inputs as they stand in the store: bigints as decimal strings. */
export type StoredEpochInputs = Stored<EpochInputs>;

/** Inputs as they were before they were stored. Only what this service wrote is read here, so nothing is checked. */
export function inputsFromStored(stored: StoredEpochInputs): EpochInputs {
  const { pots } = stored.due;
  return {
    ...stored,
    due: {
      ...stored.due,
      pots: { owner: BigInt(pots.owner), miners: BigInt(pots.miners), validators: BigInt(pots.validators) },
      neurons: stored.due.neurons.map((neuron) => ({ ...neuron, stake: BigInt(neuron.stake) })),
    },
    mechanisms: stored.mechanisms.map((mechanism) => ({ ...mechanism, epoch: inputFromStored(mechanism.epoch) })),
    reports: stored.reports.map((weighed) => ({ ...weighed, stake: BigInt(weighed.stake) })),
  };
}
