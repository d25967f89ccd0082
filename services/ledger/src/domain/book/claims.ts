import type { UndoLog, Undoes } from './table.ts';

/** What was done under an idempotency key. */
export interface Claim {
  readonly sequence: number;
  /** Hex hash of what was asked. */
  readonly contentSha256: string;
}

/** Keys that stay in memory: whoever settles a hold asks for the one that was taken a moment ago. */
export const CLAIMS_REMEMBERED = 20_000;

/**
 * Idempotency keys. All are kept for ever in the store; in memory are those that it may not have yet, and the latest of the
 * others. Whoever runs a command looks up the keys that are not here and teaches what the store knows.
 */
export class Claims implements Undoes {
  /** In the order in which they came, oldest first. */
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

  /** Remembers a key that was taken, so that a repeat finds it before the store has it. */
  take(key: string, claim: Claim): void {
    this.#known.set(key, claim);
    this.#undo.record(this, key);
  }

  undo(key: string): void {
    this.#known.delete(key);
  }

  /** Forgets the oldest beyond the limit, but none of an entry after `storedSequence`, which a look-up would not find. */
  forget(storedSequence: number): void {
    for (const [key, { sequence }] of this.#known) {
      if (this.#known.size <= CLAIMS_REMEMBERED || sequence > storedSequence) return;
      this.#known.delete(key);
    }
  }
}
