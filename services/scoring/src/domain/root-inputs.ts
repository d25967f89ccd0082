import type { NeuronInput } from '@subnetes/consensus/epoch-types';
import {
  type EpochDue,
  type EpochInputs,
  type GatheredWeights,
  rowOrigins,
  type SealedNeuron,
  slotsOf,
  vacantSlot,
} from './epoch-inputs.ts';
import { epochParameters } from './policy.ts';
import type { CountedRow } from './weights.ts';

/**
 * The inputs of an epoch of the root network. Members stand at their uids, as validators do; after the last of them one column
 * a sealed market follows, without stake or weights of its own. There are no bonds: a member earns nothing for having been
 * early.
 */
export function buildRootInputs(networkId: string, due: EpochDue, gathered: GatheredWeights): EpochInputs {
  const { policy, nextPolicy: _begins, ...sealed } = due;
  const members = slotsOf(due.neurons);
  const columns = columnsOf(due, members.length);
  const neurons = [
    ...members.map((member) =>
      member === undefined ? vacantSlot(due.block) : memberInput(member, { due, gathered, columns }),
    ),
    ...(due.subnets ?? []).map(({ startBlock }) => ({ ...vacantSlot(due.block), registeredAt: startBlock })),
  ];
  const epoch = {
    block: due.block,
    lastEpochBlock: gathered.lastEpochBlock,
    ownerUid: null,
    parameters: epochParameters(policy),
    neurons,
  };
  return {
    format: 2,
    networkId,
    due: { ...sealed, policyVersion: policy.version, policySha256: policy.sha256 },
    mechanisms: policy.mechanisms.map(({ id, emissionWeight }) => ({ id, emissionWeight, epoch })),
    reports: rowOrigins(due.neurons, gathered.inForce),
  };
}

/** Column of each sealed market in the consensus, which knows neither netuids nor who is what. */
function columnsOf(due: Pick<EpochDue, 'subnets'>, members: number): ReadonlyMap<number, number> {
  return new Map((due.subnets ?? []).map(({ netuid }, at) => [netuid, members + at]));
}

function memberInput(
  member: SealedNeuron,
  context: {
    readonly due: EpochDue;
    readonly gathered: GatheredWeights;
    readonly columns: ReadonlyMap<number, number>;
  },
): NeuronInput {
  const { due, gathered, columns } = context;
  const row = gathered.inForce.find(({ registrationId }) => registrationId === member.registrationId);
  return {
    ...vacantSlot(due.block),
    stake: member.stake,
    lastUpdate: Math.max(member.registeredAt, row?.block ?? 0),
    registeredAt: member.registeredAt,
    permit: gathered.permits.has(member.registrationId),
    weights: row === undefined ? [] : weightsOnColumns(row, columns),
  };
}

/** Netuids are never given out again, so a weight means what it meant; one on a market that is not sealed counts for nothing. */
function weightsOnColumns({ weights }: CountedRow, columns: ReadonlyMap<number, number>): NeuronInput['weights'] {
  return weights.flatMap(([netuid, value]) => {
    const column = columns.get(netuid);
    return column === undefined ? [] : [[column, value] as const];
  });
}
