/** Bits for a key: with five of them set for each, two in a hundred keys that were never added look as if they had been. */
const BITS_PER_KEY = 8;
const BITS_SET = 5;

/** Room for a million keys takes a megabyte; for more than thirty-two million the filter only gets less sharp. */
const KEYS_MIN = 1 << 20;
const KEYS_MAX = 1 << 25;

const WORD_BITS = 32;
const UINT32 = 2 ** 32;

/**
 * Says of a key that it was never added for sure, or that it may have been (Bloom, "Space/time trade-offs in hash coding with
 * allowable errors", 1970). Keys are never taken out. Whoever chooses keys that collide makes the answer "may be", no more.
 */
export class KeyFilter {
  readonly #words: Uint32Array;
  readonly #bits: number;

  /** `keys`: how many will be added, about. */
  constructor(keys: number) {
    this.#bits = Math.min(Math.max(keys, KEYS_MIN), KEYS_MAX) * BITS_PER_KEY;
    this.#words = new Uint32Array(Math.ceil(this.#bits / WORD_BITS));
  }

  add(key: string): void {
    const hash = hashOf(key);
    let at = stirred(hash);
    let step = stirred(hash ^ OTHER);
    for (let set = 0; set < BITS_SET; set += 1) {
      const bit = this.#bitOf(at);
      this.#words[bit >>> 5] = (this.#words[bit >>> 5] ?? 0) | (1 << (bit & 31));
      at = (at + step) >>> 0;
      step = (step + set) >>> 0;
    }
  }

  mayHave(key: string): boolean {
    const hash = hashOf(key);
    let at = stirred(hash);
    let step = stirred(hash ^ OTHER);
    for (let set = 0; set < BITS_SET; set += 1) {
      const bit = this.#bitOf(at);
      if (((this.#words[bit >>> 5] ?? 0) & (1 << (bit & 31))) === 0) return false;
      at = (at + step) >>> 0;
      step = (step + set) >>> 0;
    }
    return true;
  }

  #bitOf(hash: number): number {
    return Math.floor((hash / UINT32) * this.#bits);
  }
}

/** FNV-1a. Stirred as it is, and with some bits changed, it gives the two hashes of "double hashing". */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < key.length; at += 1) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  return hash;
}

const OTHER = 0x5bd1e995;

/** MurmurHash3's last step. */
function stirred(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
