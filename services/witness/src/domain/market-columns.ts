import type { Seal, SealedNeuron } from './seal.ts';

/** Places that neurons of a seal take in the consensus: those without a neuron count. */
export function slotCount(neurons: readonly SealedNeuron[]): number {
  return Math.max(-1, ...neurons.map(({ uid }) => uid)) + 1;
}

/** In which column of the consensus the root network's members weigh each sealed market: after their own places. */
export function marketColumns({
  neurons,
  subnets = [],
}: Pick<Seal, 'neurons' | 'subnets'>): ReadonlyMap<number, number> {
  const first = slotCount(neurons);
  return new Map(subnets.map(({ netuid }, at) => [netuid, first + at]));
}
