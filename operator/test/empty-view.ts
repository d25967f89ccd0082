import type { SubnetView } from '#domain/market.ts';

const TAO = 1_000_000_000n;

/** A subnet of which nothing is known but that it is there. */
export function emptyView(netuid: number, handle: string): SubnetView {
  return {
    netuid,
    handle,
    registrationId: '01'.repeat(32),
    block: 12,
    tempo: 20,
    maxUids: 256,
    policy: {},
    epoch: { index: 0, block: 0, nextBlock: 32, lastPaid: 0 },
    emission: 'Started',
    registrationCostRao: TAO,
    neurons: new Map(),
  };
}
