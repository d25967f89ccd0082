/** Random numbers that a seed decides, the same on every machine. */
export interface Sequence {
  /** 0 to `bound` - 1; the bound is at most 2^32. */
  below(bound: number): number;
  chance(percent: number): boolean;
  pick<Value>(values: readonly Value[]): Value;
  /** A whole number of up to `bits` bits, 64 at most. */
  wide(bits: number): bigint;
}

/** The generator "mulberry32": small and quick, which is all that a test needs. */
export function sequence(seed: number): Sequence {
  let state = seed >>> 0;
  const u32 = (): number => {
    state = (state + 0x6d_2b_79_f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const below = (bound: number): number => Math.floor((u32() / 2 ** 32) * bound);
  return {
    below,
    chance: (percent) => below(100) < percent,
    pick: (values) => {
      const value = values[below(values.length)];
      if (value === undefined) throw new RangeError('nothing to pick from');
      return value;
    },
    wide: (bits) => BigInt.asUintN(bits, (BigInt(u32()) << 32n) | BigInt(u32())),
  };
}
