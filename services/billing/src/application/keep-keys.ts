import { isSameHash, type KeyHash, type StoredKey } from '../domain/api-key.ts';
import type { KeyBoard, KeyStore } from './ports.ts';

/** Keys that are written to the board at once. */
const WRITES_MAX = 64;
/** Keys that are read from the store at once. */
const PAGE_KEYS = 1000;
/** Longest pause between two looks at the board: it may be lost without anybody telling us. */
const LOOK_MS = 1000;
/** How long whoever changed a key is kept waiting for the board to show it. */
const PATIENCE_MS = 2000;

/** What is to be written: a key's hash, or undefined for a key that is to go. */
type Plan = Map<string, KeyHash | undefined>;

export interface KeepKeysPorts {
  readonly store: KeyStore;
  readonly board: KeyBoard;
  /** Resolves after `ms`; early, without an error, when the signal is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly failed: (error: unknown) => void;
  /** Told when the whole board was compared with the store and how many keys had to be put and removed. */
  readonly compared: (difference: { readonly put: number; readonly removed: number }) => void;
}

/** Keeps the board as the store has it. */
export interface KeyKeeper {
  /**
   * Has the board show how a key now is. False when that failed or takes longer than two seconds: it is done later then.
   * Called after the commit.
   */
  tell(keyId: string): Promise<boolean>;
  /** Runs until the signal ends it. */
  run(signal: AbortSignal): Promise<void>;
}

/**
 * The store is the record and the board a copy. What changes is written at once; the whole board is compared with the
 * store whenever it does not stand as it was left, or a write may have been lost.
 */
export function makeKeepKeys(ports: KeepKeysPorts): KeyKeeper {
  let waiting = new Map<string, PromiseWithResolvers<boolean>>();
  let wake = new AbortController();
  const keep = async (): Promise<void> => {
    const taken: PromiseWithResolvers<boolean>[] = [];
    try {
      const plan = (await ports.board.isAsLeft()) ? new Map() : await differences(ports);
      for (;;) {
        const changed = waiting;
        waiting = new Map();
        taken.push(...changed.values());
        // First: a refill of many keys must not hold up a revocation, nor undo it by what was read before.
        await writeChanged(ports, plan, [...changed.keys()]);
        for (const waiter of changed.values()) waiter.resolve(true);
        const batch = firstOf(plan, WRITES_MAX);
        if (batch.length === 0 && waiting.size === 0) break;
        await write(ports.board, batch);
        for (const [keyId] of batch) plan.delete(keyId);
      }
      await ports.board.complete();
    } catch (error) {
      ports.board.doubt();
      for (const waiter of taken) waiter.resolve(false);
      throw error;
    }
  };
  return {
    async tell(keyId) {
      const waiter = waiting.get(keyId) ?? Promise.withResolvers<boolean>();
      waiting.set(keyId, waiter);
      wake.abort();
      const late = new AbortController();
      const patience = ports.sleep(PATIENCE_MS, late.signal).then(() => false);
      try {
        return await Promise.race([waiter.promise, patience]);
      } finally {
        late.abort();
      }
    },
    async run(signal) {
      while (!signal.aborted) {
        await keep().catch(ports.failed);
        await ports.sleep(LOOK_MS, AbortSignal.any([signal, wake.signal]));
        wake = new AbortController();
      }
      for (const waiter of waiting.values()) waiter.resolve(false);
    },
  };
}

/** What has to be written for the board to hold every valid key, and nothing else. */
async function differences({ store, board, compared }: KeepKeysPorts): Promise<Plan> {
  const standing = await board.read();
  const plan: Plan = new Map([...standing.keys()].map((keyId) => [keyId, undefined]));
  for (let after = ''; ;) {
    const page = await store.validKeys(after, PAGE_KEYS);
    for (const key of page) {
      if (isSameHash(key, standing.get(key.keyId))) plan.delete(key.keyId);
      else plan.set(key.keyId, hashOf(key));
    }
    const last = page.at(-1);
    if (page.length < PAGE_KEYS || last === undefined) break;
    after = last.keyId;
  }
  const removed = [...plan.values()].filter((hash) => hash === undefined).length;
  compared({ put: plan.size - removed, removed });
  return plan;
}

/** Writes keys as the store has them now, whatever was planned for them. */
async function writeChanged({ store, board }: KeepKeysPorts, plan: Plan, keyIds: readonly string[]): Promise<void> {
  for (let at = 0; at < keyIds.length; at += WRITES_MAX) {
    const part = keyIds.slice(at, at + WRITES_MAX);
    const stored = new Map((await store.readKeys(part)).map((key) => [key.keyId, key]));
    const states = part.map((keyId) => [keyId, validHashOf(stored.get(keyId))] as const);
    await write(board, states);
    for (const keyId of part) plan.delete(keyId);
  }
}

/** Writes all at once and waits for every one, also where one fails: nothing may be under way when it is tried again. */
async function write(board: KeyBoard, states: readonly (readonly [string, KeyHash | undefined])[]): Promise<void> {
  const results = await Promise.allSettled(
    states.map(([keyId, hash]) => (hash === undefined ? board.remove(keyId) : board.put(keyId, hash))),
  );
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

/** The plan of a lost bucket is long: copying it for every batch would take its square. */
function firstOf(plan: Plan, count: number): readonly (readonly [string, KeyHash | undefined])[] {
  const first: (readonly [string, KeyHash | undefined])[] = [];
  for (const entry of plan) {
    if (first.length === count) break;
    first.push(entry);
  }
  return first;
}

function validHashOf(key: StoredKey | undefined): KeyHash | undefined {
  return key === undefined || key.revokedAtMs !== undefined ? undefined : hashOf(key);
}

function hashOf({ account, secretSha256 }: StoredKey): KeyHash {
  return { account, secretSha256 };
}
