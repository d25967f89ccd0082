import { type Prepared, prepareFunction } from './prepare-function.ts';
import { hexOf, type Sha256 } from './sha256.ts';

/** Subnets whose functions stay compiled; of each some 100 kB, ten times the module's size at worst. */
export const CACHED_FUNCTIONS_MAX = 64;

/** Remembers what became of modules, by digest, refusals too; the one used least recently goes first. */
export class FunctionCache {
  readonly #sha256: Sha256;
  readonly #entriesMax: number;
  readonly #entries = new Map<string, Prepared>();

  constructor(sha256: Sha256, entriesMax: number = CACHED_FUNCTIONS_MAX) {
    if (!Number.isSafeInteger(entriesMax) || entriesMax < 1) throw new RangeError(`${entriesMax} cached functions`);
    this.#sha256 = sha256;
    this.#entriesMax = entriesMax;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** As `prepareFunction`. */
  prepare(bytes: Uint8Array): Prepared {
    const digest = hexOf(this.#sha256(bytes));
    const prepared = this.find(digest) ?? prepareFunction(bytes, this.#sha256);
    this.#entries.set(digest, prepared);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#entriesMax) break;
      this.#entries.delete(oldest);
    }
    return prepared;
  }

  /** What became of the module of this name, if that is still known: its bytes need not be fetched again. */
  find(digest: string): Prepared | undefined {
    const found = this.#entries.get(digest);
    if (found === undefined) return undefined;
    this.#entries.delete(digest);
    this.#entries.set(digest, found);
    return found;
  }
}
