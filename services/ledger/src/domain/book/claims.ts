import type { UndoLog, Undoes } from './table.ts';

/** What was done under an idempotency key. */
export interface Claim {
  readonly sequence: number;
  /** Hex hash of what was asked. */
  readonly contentSha256: string;
}

/**
 * Keys that stay in memory at least: whoever settles a hold asks for the one that was taken a moment ago. Of more than live as
 * briefly as an order does, each would be moved twice by whoever clears memory.
 */
export const CLAIMS_REMEMBERED = 4096;

/**
 * Idempotency keys. All are kept for ever in the store; in memory are those that it may not have yet, and the latest of the
 * others, in two generations: the older one is forgotten as a whole. Whoever runs a command looks up the keys that are not here
 * and teaches what the store knows.
 */
export class Claims implements Undoes {
  #young = new Map<string, Claim>();
  #old = new Map<string, Claim>();
  /** The last sequence of each generation. */
  #youngTo = 0;
  #oldTo = 0;
  readonly #undo: UndoLog;

  constructor(undo: UndoLog) {
    this.#undo = undo;
  }

  find(key: string): Claim | undefined {
    return this.#young.get(key) ?? this.#old.get(key);
  }

  /** Teaches what the store knows. */
  learn(found: Iterable<readonly [string, Claim]>): void {
    for (const [key, claim] of found) this.#young.set(key, claim);
  }

  /** Remembers a key that was taken, so that a repeat finds it before the store has it. */
  take(key: string, claim: Claim): void {
    this.#young.set(key, claim);
    this.#youngTo = claim.sequence;
    this.#undo.record(this, key);
  }

  undo(key: string): void {
    this.#young.delete(key);
  }

  /** Forgets the older generation where the younger one is large enough, but no entry after `storedSequence`, which a look-up would not find. */
  forget(storedSequence: number): void {
    if (this.#young.size < CLAIMS_REMEMBERED || this.#oldTo > storedSequence) return;
    [this.#old, this.#oldTo] = [this.#young, this.#youngTo];
    [this.#young, this.#youngTo] = [new Map(), 0];
  }
}
