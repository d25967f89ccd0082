import type { Sha256 } from './sha256.ts';

const WORDS_PER_HASH = 8;
const WORD = 2 ** 32;

/**
 * Numbers that nobody can steer who cannot choose the seed: sha256(label \n counter) cut into words of 32 bits, big endian.
 * `below(n)` is uniform in 0..n-1 for n up to 2^32: words past the last multiple of n are thrown away (no modulo bias).
 */
export class HashStream {
  readonly #label: string;
  readonly #sha256: Sha256;
  #counter = 0;
  #words: number[] = [];

  constructor(label: string, sha256: Sha256) {
    this.#label = label;
    this.#sha256 = sha256;
  }

  below(count: number): number {
    const limit = WORD - (WORD % count);
    let word = this.#next();
    while (word >= limit) word = this.#next();
    return word % count;
  }

  /** Every order equally likely. Source: Fisher and Yates, in Durstenfeld's form (CACM 7, 1964). */
  shuffle<Item>(items: readonly Item[]): Item[] {
    const pool = [...items];
    const result: Item[] = [];
    while (pool.length > 0) {
      const at = this.below(pool.length);
      const last = pool.length - 1;
      const [drawn] = pool.splice(at, 1, ...pool.slice(last));
      pool.length = last;
      if (drawn !== undefined) result.push(drawn);
    }
    return result;
  }

  #next(): number {
    if (this.#words.length === 0) {
      const hash = this.#sha256(new TextEncoder().encode(`${this.#label}\n${this.#counter}`));
      const view = new DataView(hash.buffer, hash.byteOffset, hash.byteLength);
      this.#words = Array.from({ length: WORDS_PER_HASH }, (_, word) => view.getUint32(4 * word));
      this.#counter += 1;
    }
    return this.#words.shift() ?? 0;
  }
}
