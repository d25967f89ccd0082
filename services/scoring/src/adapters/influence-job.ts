import { type EpochInfluence, epochInfluence } from '#domain/epoch-influence.ts';
import { inputsFromStored, type StoredEpochInputs } from '#domain/stored-inputs.ts';

/** A stored epoch of which it is to be known whose votes decided. */
export interface InfluenceJob {
  readonly work: 'influence';
  readonly inputsJson: string;
  readonly inputsSha256: string;
}

/** Does one job: the stored text is parsed on the thread that computes. */
export function doInfluenceJob({ inputsJson, inputsSha256 }: InfluenceJob): EpochInfluence | undefined {
  return epochInfluence(inputsFromStored(JSON.parse(inputsJson) as StoredEpochInputs), inputsSha256);
}
