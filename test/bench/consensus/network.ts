/** The networks that are measured: 64 validators of different stake rate miners of different quality, with noise. No ties. */
export interface Network {
  readonly validators: number;
  readonly miners: number;
  readonly density: number;
  readonly kappaU16: number;
  readonly neurons: number;
  readonly stake: BigUint64Array;
  readonly lastUpdate: Float64Array;
  readonly registeredAt: Float64Array;
  readonly permit: Uint8Array;
  readonly weightStarts: Uint32Array;
  readonly weightColumns: Uint16Array;
  readonly weightValues: Uint16Array;
}

export const BLOCK = 100_000;
const VALIDATORS = 64;

/** Validators are the first uids, miners the others. `seed` decides everything. */
export function makeNetwork(shape: {
  readonly miners: number;
  readonly density: number;
  readonly kappaU16: number;
  readonly seed: number;
}): Network {
  const { miners, density, kappaU16 } = shape;
  const random = generator(shape.seed);
  const neurons = VALIDATORS + miners;
  const quality = Float64Array.from({ length: miners }, () => 0.05 + random());
  const starts = new Uint32Array(neurons + 1);
  const columns: number[] = [];
  const values: number[] = [];
  for (let uid = 0; uid < neurons; uid += 1) {
    for (let miner = 0; uid < VALIDATORS && miner < miners; miner += 1) {
      if (random() >= density) continue;
      columns.push(VALIDATORS + miner);
      values.push(1 + Math.floor(60_000 * Math.min(1, (quality[miner] ?? 0) * (0.8 + 0.2 * random()))));
    }
    starts[uid + 1] = columns.length;
  }
  const isValidator = (uid: number): boolean => uid < VALIDATORS;
  return {
    validators: VALIDATORS,
    miners,
    density,
    kappaU16,
    neurons,
    stake: BigUint64Array.from({ length: neurons }, (_, uid) =>
      isValidator(uid) ? BigInt(Math.floor(1e12 * (1 + 99 * random()))) : 0n,
    ),
    lastUpdate: new Float64Array(neurons).fill(BLOCK - 50),
    registeredAt: new Float64Array(neurons).fill(1000),
    permit: Uint8Array.from({ length: neurons }, (_, uid) => Number(isValidator(uid))),
    weightStarts: starts,
    weightColumns: Uint16Array.from(columns),
    weightValues: Uint16Array.from(values),
  };
}

/** The generator "mulberry32", 0 to 1. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d_2b_79_f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
