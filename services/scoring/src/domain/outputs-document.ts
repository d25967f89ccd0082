import { type EpochVectors, epochVectors } from '@subnetes/consensus/epoch-vectors';
import type { EpochOutputs, MechanismOutput } from './score-epoch.ts';

/** Outputs as they are stored and hashed. Format 1 held the matrices as well, nine tenths of its text. */
export type OutputsDocument = Omit<EpochOutputs, 'mechanisms'> & {
  readonly mechanisms: readonly (Omit<MechanismOutput, 'output'> & { readonly output: EpochVectors })[];
};

export function outputsDocument(outputs: EpochOutputs): OutputsDocument {
  if (outputs.format === 1) return outputs;
  return {
    ...outputs,
    mechanisms: outputs.mechanisms.map((mechanism) => ({ ...mechanism, output: epochVectors(mechanism.output) })),
  };
}
