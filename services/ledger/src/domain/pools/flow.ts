import { U64F64 } from '@subnetes/consensus/number-form';
import { sharesByPower } from '@subnetes/consensus/flow-shares';

/** Flows are rao a block as counts of 2^-64, below zero where more goes out than in. */
const FRACTION_BITS = 64n;
/** Weight of a block in a flow's moving average, of 2^63: half of what a block did has passed after 216,000 blocks. */
const FACTOR = 29_597_889_189_277n;
const FACTOR_BITS = 63n;
const PPM = 1_000_000n;

/** A pool's two flows. */
export interface Flows {
  readonly userFlow: bigint;
  readonly protocolFlow: bigint;
}

/** The next moving average from the last one and the rao of a block. Floored. */
export function followFlow(average: bigint, rao: bigint): bigint {
  return average + ((((rao << FRACTION_BITS) - average) * FACTOR) >> FACTOR_BITS);
}

/**
 * What a pool's users bring it, less its part of what blocks put in, scaled so that blocks cannot outweigh users. A flow of
 * blocks below zero counts unscaled.
 */
export function netFlows(flows: readonly Flows[]): readonly bigint[] {
  const users = flows.reduce((sum, { userFlow }) => sum + positive(userFlow), 0n);
  const protocol = flows.reduce((sum, { protocolFlow }) => sum + positive(protocolFlow), 0n);
  return flows.map(({ userFlow, protocolFlow }) => {
    const scaled = protocolFlow > 0n && users < protocol ? (protocolFlow * users) / protocol : protocolFlow;
    return userFlow - scaled;
  });
}

/** Shares of pools by their flows (U64F64): what lies above the lowest flow below zero, to a power of 1 to 2. */
export function sharesByFlow(flows: readonly bigint[], exponentPpm: number): readonly bigint[] {
  if (flows.length === 0) return [];
  const lowest = flows.reduce((low, flow) => (flow < low ? flow : low), 0n);
  const above = flows.map((flow) => held(flow - lowest));
  return sharesByPower(above, (BigInt(exponentPpm) << U64F64.fractionBits) / PPM);
}

function positive(flow: bigint): bigint {
  return flow > 0n ? flow : 0n;
}

function held(flow: bigint): bigint {
  return flow > U64F64.max ? U64F64.max : flow;
}
