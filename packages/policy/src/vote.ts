import { quantiseBonds } from '@subnetes/consensus/bonds';
import type { EpochInput, EpochOutput } from '@subnetes/consensus/epoch-types';

/**
 * The same epoch in which some validators have no vote: their rows are empty and their stake is not counted, so that the
 * others decide as if they were not there. An owner without a vote is no owner in this epoch: below the minimum its stake
 * counts as none.
 */
export function withoutVotes(input: EpochInput, uids: ReadonlySet<number>): EpochInput {
  return {
    ...input,
    ownerUid: input.ownerUid !== null && uids.has(input.ownerUid) ? null : input.ownerUid,
    neurons: input.neurons.map((neuron, uid) => (uids.has(uid) ? { ...neuron, permit: false, weights: [] } : neuron)),
  };
}

/** The same epoch in which some validators are silent: their rows are empty, their stake counts against every miner. */
export function withoutRows(input: EpochInput, uids: ReadonlySet<number>): EpochInput {
  return {
    ...input,
    neurons: input.neurons.map((neuron, uid) => (uids.has(uid) ? { ...neuron, weights: [] } : neuron)),
  };
}

/** An owner's next permit does not depend on its vote in this epoch, nor do the bonds that come with it. */
export function keepOwner(output: EpochOutput, ownerUid: number | null): EpochOutput {
  if (ownerUid === null || output.permits[ownerUid] === true) return output;
  return {
    ...output,
    permits: output.permits.with(ownerUid, true),
    bonds: output.bonds.with(ownerUid, quantiseBonds(output.bondsKept)[ownerUid] ?? []),
  };
}
