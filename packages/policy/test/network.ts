import { sha256 as noble } from '@noble/hashes/sha2.js';
import { runEpoch } from '@subnetes/consensus/epoch';
import type { EpochInput } from '@subnetes/consensus/epoch-types';
import type { Row } from '@subnetes/consensus/sparse';
import { EXAMPLE, exampleNeuron } from '@subnetes/consensus/test/worked-example';
import type { PolicyInput, PolicyMachinery } from '#policy-epoch.ts';

export const MACHINERY: PolicyMachinery = { runEpoch, sha256: (bytes) => noble(bytes) };
export const SOME_HASH = 'ab'.repeat(32);

/** A network of validators (uids from 0) with their scores of the miners that follow them; a score of 0 is no entry. */
export function network(
  votes: readonly { readonly stake: bigint; readonly scores: readonly number[] }[],
  changes: Partial<EpochInput> = {},
): EpochInput {
  const miners = Math.max(0, ...votes.map(({ scores }) => scores.length));
  return {
    ...EXAMPLE,
    neurons: [
      ...votes.map(({ stake, scores }) => exampleNeuron(stake, rowOf(scores, votes.length))),
      ...Array.from({ length: miners }, () => exampleNeuron(0n, [])),
    ],
    ...changes,
  };
}

export function rowOf(scores: readonly number[], firstMiner: number): Row<number> {
  return scores.flatMap((score, miner) => (score > 0 ? [[firstMiner + miner, score] as const] : []));
}

/** Registration ids r0, r1, … for an input. */
export function policyInput(epoch: EpochInput, changes: Partial<PolicyInput> = {}): PolicyInput {
  const registrations = epoch.neurons.map((_, uid) => `r${uid}`);
  return { epoch, index: 7, inputsSha256: SOME_HASH, registrations, ...changes };
}
