import type { UndoLog } from './table.ts';

/** What was done under an idempotency key. */
export interface Claim {
  readonly sequence: number;
  /** Hex hash of what was asked. */
  readonly contentSha256: string;
}

/**
 * The idempotency keys that matter to the commands at hand. Keys are kept for ever in the store, not in memory: whoever
 * runs commands looks theirs up first and teaches them here.
 */
export class Claims {
  readonly #known = new Map<string, Claim>();
  readonly #undo: UndoLog;

  constructor(undo: UndoLog) {
    this.#undo = undo;
  }

  find(key: string): Claim | undefined {
    return this.#known.get(key);
  }

  /** Teaches what the store knows. */
  learn(found: Iterable<readonly [string, Claim]>): void {
    for (const [key, claim] of found) this.#known.set(key, claim);
  }

  /** Remembers a key that was taken in the batch at hand, so that a repeat in the same batch finds it. */
  take(key: string, claim: Claim): void {
    this.#known.set(key, claim);
    this.#undo.record(() => this.#known.delete(key));
  }

  /** Forgets all; the store has the keys by then. */
  clear(): void {
    this.#known.clear();
  }
}
