import type { Network, Rows } from './network.ts';

/** Shares of the float64 yardstick that are compared with the kernel's. */
export type ShareName =
  | 'stake'
  | 'activeStake'
  | 'consensus'
  | 'prerank'
  | 'rank'
  | 'trust'
  | 'validatorTrust'
  | 'incentive'
  | 'dividends';

/** Everything that the yardstick reads and writes, laid out once. */
export interface FloatArrays extends Readonly<Record<ShareName, Float64Array>> {
  readonly network: Network;
  readonly weights: Rows;
  /** Bonds of the epoch before; `next` is what this one leaves. */
  bonds: Rows;
  next: Rows;
  readonly units: Float64Array;
  readonly votes: Float64Array;
  readonly permits: Uint8Array;
  readonly quantised: readonly (readonly [from: Float64Array, to: Uint16Array])[];
  readonly rows: FloatRows;
  readonly pairs: FloatRows;
  readonly pairSums: Float64Array;
  /** Old bonds of the row at work, by column; zero between rows. */
  readonly held: Float64Array;
  readonly slots: {
    readonly starts: Uint32Array;
    readonly ends: Uint32Array;
    readonly scores: Float64Array;
    readonly stakes: Float64Array;
  };
  /** Votes below and above a pivot. */
  readonly low: Votes;
  readonly high: Votes;
}

export interface FloatRows {
  readonly starts: Uint32Array;
  readonly columns: Uint16Array;
  readonly values: Float64Array;
}

export interface Votes {
  readonly scores: Float64Array;
  readonly stakes: Float64Array;
}

export function floatArrays(network: Network, weights: Rows, bondCapacity: number): FloatArrays {
  const { neurons } = network;
  const entries = weights.columns.length;
  const vector = (): Float64Array => new Float64Array(neurons + 1);
  const rows = (count: number): FloatRows => ({
    starts: new Uint32Array(neurons + 1),
    columns: new Uint16Array(count + 1),
    values: new Float64Array(count + 1),
  });
  const bonds = (): Rows => ({ ...rows(entries + bondCapacity), values: new Uint16Array(entries + bondCapacity + 1) });
  const shares = {
    stake: vector(),
    activeStake: vector(),
    consensus: vector(),
    prerank: vector(),
    rank: vector(),
    trust: vector(),
    validatorTrust: vector(),
    incentive: vector(),
    dividends: vector(),
  };
  const stored = [
    shares.stake,
    shares.consensus,
    shares.trust,
    shares.validatorTrust,
    shares.incentive,
    shares.dividends,
  ];
  return {
    ...shares,
    network,
    weights,
    bonds: bonds(),
    next: bonds(),
    units: Float64Array.from(network.stake, Number),
    votes: vector(),
    permits: new Uint8Array(neurons),
    quantised: stored.map((from) => [from, new Uint16Array(neurons + 1)] as const),
    rows: rows(entries),
    pairs: rows(entries + bondCapacity),
    pairSums: vector(),
    held: vector(),
    slots: {
      starts: new Uint32Array(neurons),
      ends: new Uint32Array(neurons),
      scores: new Float64Array(entries + 1),
      stakes: new Float64Array(entries + 1),
    },
    low: { scores: vector(), stakes: vector() },
    high: { scores: vector(), stakes: vector() },
  };
}
