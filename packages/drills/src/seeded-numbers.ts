/** One whole in the 16.16 integers of the simulation. */
export const UNIT = 65_536;

/**
 * Pseudo-random integers from a seed and a name: the same on every machine, independent for different names. For
 * simulations only, never where somebody could gain from guessing.
 *
 * Source: SplitMix32, Steele, Lea & Flood (OOPSLA 2014), with murmur3's finaliser; names are mixed in by FNV-1a.
 */
export class SeededNumbers {
  #state: number;

  constructor(seed: number, name: string) {
    let hash = 0x811c9dc5 ^ seed;
    for (const character of name) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
    this.#state = hash | 0;
  }

  /** 0 to 2^32 - 1. */
  next(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return (mixed ^ (mixed >>> 16)) >>> 0;
  }

  /**
   * A normal deviate in 16.16: the sum of twelve uniform ones less six, of mean 0, variance 1 and within ±6 (Irwin and
   * Hall). Integers alone, so no library's logarithm or cosine decides what a seed means.
   */
  normal(): number {
    let sum = 0;
    for (let index = 0; index < 12; index += 1) sum += this.next() >>> 16;
    return sum - 6 * UNIT;
  }
}
