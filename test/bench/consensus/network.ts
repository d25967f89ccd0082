/** The networks that are measured: 64 validators of different stake rate miners of different quality, with noise, no ties. */
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
  /** Weights of the epochs before, and last of the one that is measured. */
  readonly weights: readonly Rows[];
}

/** Entries of all rows: those of uid i stand from `starts[i]` to `starts[i + 1]`. */
export interface Rows {
  readonly starts: Uint32Array;
  readonly columns: Uint16Array;
  readonly values: Uint16Array;
}

export interface Shape {
  readonly miners: number;
  readonly density: number;
  readonly kappaU16: number;
}

export const BLOCK = 100_000;
const VALIDATORS = 64;
/** So many epochs have left bonds when measuring begins. */
export const EARLIER_EPOCHS = 4;
/** Share of the pairs that are decided anew from epoch to epoch: whom a validator drops keeps a bond without a weight. */
const DRIFT = 0.02;

/** Validators are the first uids, miners the others. The same on every machine. */
export function makeNetwork({ miners, density, kappaU16 }: Shape): Network {
  const random = generator(7);
  const neurons = VALIDATORS + miners;
  const quality = Float64Array.from({ length: miners }, () => 0.05 + random());
  const rated = Float64Array.from({ length: VALIDATORS * miners }, random);
  const weights = Array.from({ length: EARLIER_EPOCHS + 1 }, () => {
    for (let pair = 0; pair < rated.length; pair += 1) if (random() < DRIFT) rated[pair] = random();
    return rate({ neurons, quality, isRated: (pair) => (rated[pair] ?? 1) < density, random });
  });
  const ofValidators = <Value>(value: () => Value, other: Value): Value[] =>
    Array.from({ length: neurons }, (_, uid) => (uid < VALIDATORS ? value() : other));
  return {
    validators: VALIDATORS,
    miners,
    density,
    kappaU16,
    neurons,
    stake: BigUint64Array.from(ofValidators(() => BigInt(Math.floor(1e12 * (1 + 99 * random()))), 0n)),
    lastUpdate: new Float64Array(neurons).fill(BLOCK - 50),
    registeredAt: new Float64Array(neurons).fill(1000),
    permit: Uint8Array.from(ofValidators(() => 1, 0)),
    weights,
  };
}

function rate(market: {
  readonly neurons: number;
  readonly quality: Float64Array;
  readonly isRated: (pair: number) => boolean;
  readonly random: () => number;
}): Rows {
  const { neurons, quality, isRated, random } = market;
  const starts = new Uint32Array(neurons + 1);
  const columns: number[] = [];
  const values: number[] = [];
  for (let uid = 0; uid < neurons; uid += 1) {
    for (let miner = 0; uid < VALIDATORS && miner < quality.length; miner += 1) {
      const noise = 0.8 + 0.2 * random();
      if (!isRated(uid * quality.length + miner)) continue;
      columns.push(VALIDATORS + miner);
      values.push(1 + Math.floor(60_000 * Math.min(1, (quality[miner] ?? 0) * noise)));
    }
    starts[uid + 1] = columns.length;
  }
  return { starts, columns: Uint16Array.from(columns), values: Uint16Array.from(values) };
}

/** The generator "mulberry32", 0 to 1. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d_2b_79_f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
