import { inputFromStored, type Stored } from '@subnetes/consensus/epoch-json';
import type { EpochInputs, ScorableInputs } from './epoch-inputs.ts';

/** Inputs as they stand in the store: bigints as decimal strings. What else those of format 1 hold is hashed alone. */
export type StoredEpochInputs = Stored<Omit<ScorableInputs, 'format'>> &
  ({ readonly format: 1 } | Pick<EpochInputs, 'format' | 'reports'>);

/** Inputs as they were before they were stored. Only what this service wrote is read here, so nothing is checked. */
export function inputsFromStored(stored: StoredEpochInputs): ScorableInputs & Partial<Pick<EpochInputs, 'reports'>> {
  const { due, mechanisms, mechanismSplit, countermeasures, opened, functionMissing } = stored;
  const { pots } = due;
  return {
    format: stored.format,
    ...(stored.format === 1 ? {} : { reports: stored.reports }),
    due: {
      ...due,
      pots: { owner: BigInt(pots.owner), miners: BigInt(pots.miners), validators: BigInt(pots.validators) },
      neurons: due.neurons.map((neuron) => ({ ...neuron, stake: BigInt(neuron.stake) })),
    },
    mechanisms: mechanisms.map((mechanism) => ({ ...mechanism, epoch: inputFromStored(mechanism.epoch) })),
    ...(mechanismSplit === undefined ? {} : { mechanismSplit }),
    ...(countermeasures === undefined ? {} : { countermeasures }),
    ...(opened === undefined ? {} : { opened }),
    ...(functionMissing === undefined ? {} : { functionMissing }),
  };
}
