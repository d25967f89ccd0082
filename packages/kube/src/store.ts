import { keyOf, type Key, type KubeObject } from './resource.ts';

/** What happened to one key: `current` is absent when it was deleted, `previous` when it is new. */
export interface Change<T extends KubeObject> {
  readonly key: Key;
  readonly previous?: T;
  readonly current?: T;
}

export type Listener<T extends KubeObject> = (change: Change<T>) => void;
export type IndexFunction<T extends KubeObject> = (object: T) => readonly string[];

const TOMBSTONES_MAX = 1000;

/**
 * Objects of one kind as last seen, with indexes. `put` also takes the answers to our own writes,
 * so a reconciler reads what it wrote: an older version never replaces a newer one.
 */
export class ObjectStore<T extends KubeObject> {
  readonly #objects = new Map<Key, T>();
  readonly #indexes = new Map<string, Map<string, Set<Key>>>();
  readonly #indexFunctions: Readonly<Record<string, IndexFunction<T>>>;
  readonly #deletedVersions = new Map<Key, string>();
  readonly #keep: (object: T) => T;
  readonly #listeners = new Set<Listener<T>>();

  /** @param keep what is kept of an object; the rest never takes memory */
  constructor(indexFunctions: Readonly<Record<string, IndexFunction<T>>> = {}, keep: (object: T) => T = (o) => o) {
    this.#indexFunctions = indexFunctions;
    this.#keep = keep;
    for (const name of Object.keys(indexFunctions)) this.#indexes.set(name, new Map());
  }

  get size(): number {
    return this.#objects.size;
  }

  get(key: Key): T | undefined {
    return this.#objects.get(key);
  }

  list(): readonly T[] {
    return [...this.#objects.values()];
  }

  /** Objects whose index `name` contains `value`. Throws for an index that was never declared: a bug. */
  byIndex(name: string, value: string): readonly T[] {
    const index = this.#indexes.get(name);
    if (index === undefined) throw new Error(`the store has no index ${name}`);
    const keys = index.get(value);
    if (keys === undefined) return [];
    return [...keys].flatMap((key) => this.#objects.get(key) ?? []);
  }

  /** Listeners must not throw; they usually add a key to a queue. */
  subscribe(listener: Listener<T>): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Takes a new version unless what is here is as new or newer. */
  put(object: T): void {
    const key = keyOf(object);
    const previous = this.#objects.get(key);
    if (previous !== undefined && !isNewer(object, previous.metadata.resourceVersion)) return;
    const deletedAt = this.#deletedVersions.get(key);
    if (deletedAt !== undefined && !isNewer(object, deletedAt)) return;
    this.#set(key, previous, this.#keep(pruned(object)));
  }

  /** Drops an object; an event about an older incarnation of the name changes nothing. */
  remove(object: T): void {
    const key = keyOf(object);
    const previous = this.#objects.get(key);
    if (previous === undefined || previous.metadata.uid !== object.metadata.uid) return;
    this.#rememberDeletion(key, object.metadata.resourceVersion);
    this.#set(key, previous, undefined);
  }

  /**
   * Takes a whole list at once. What is not in it is gone, unless it was written after the list
   * was made.
   */
  replace(objects: readonly T[], listResourceVersion: string): void {
    const present = new Set<Key>();
    for (const object of objects) {
      present.add(keyOf(object));
      this.put(object);
    }
    for (const [key, object] of this.#objects) {
      if (present.has(key)) continue;
      if (compareVersions(object.metadata.resourceVersion, listResourceVersion) > 0) continue;
      this.#set(key, object, undefined);
    }
  }

  /** The answer to a write of ours may arrive after the news that the object is gone. */
  #rememberDeletion(key: Key, version: string | undefined): void {
    if (version === undefined) return;
    this.#deletedVersions.delete(key);
    this.#deletedVersions.set(key, version);
    if (this.#deletedVersions.size <= TOMBSTONES_MAX) return;
    const oldest = this.#deletedVersions.keys().next();
    if (oldest.done !== true) this.#deletedVersions.delete(oldest.value);
  }

  #set(key: Key, previous: T | undefined, current: T | undefined): void {
    if (previous !== undefined) this.#reindex(key, previous, 'delete');
    if (current === undefined) {
      this.#objects.delete(key);
    } else {
      this.#objects.set(key, current);
      this.#reindex(key, current, 'add');
    }
    const change: Change<T> = {
      key,
      ...(previous === undefined ? {} : { previous }),
      ...(current === undefined ? {} : { current }),
    };
    for (const listener of this.#listeners) listener(change);
  }

  #reindex(key: Key, object: T, how: 'add' | 'delete'): void {
    for (const [name, indexFunction] of Object.entries(this.#indexFunctions)) {
      const index = this.#indexes.get(name);
      if (index === undefined) continue;
      for (const value of indexFunction(object)) {
        const keys = index.get(value) ?? new Set<Key>();
        if (how === 'add') {
          keys.add(key);
          index.set(value, keys);
        } else {
          keys.delete(key);
          if (keys.size === 0) index.delete(value);
        }
      }
    }
  }
}

/** managedFields are up to half of an object and nobody here reads them. */
function pruned<T extends KubeObject>(object: T): T {
  if (!('managedFields' in object.metadata)) return object;
  const { managedFields: _dropped, ...metadata } = object.metadata as T['metadata'] & { managedFields: unknown };
  return { ...object, metadata };
}

function isNewer(object: KubeObject, version: string | undefined): boolean {
  return compareVersions(object.metadata.resourceVersion, version) > 0;
}

/** Resource versions compare as integers (KEP-5504); one that is no number counts as newer. */
export function compareVersions(left: string | undefined, right: string | undefined): number {
  if (left === undefined || right === undefined || !/^\d+$/.test(left) || !/^\d+$/.test(right)) return 1;
  return left.length === right.length ? (left < right ? -1 : left > right ? 1 : 0) : left.length - right.length;
}

/** Index by the uid of the controlling owner: `byIndex('owner', uid)`. */
export function ownerIndex(object: KubeObject): readonly string[] {
  return (object.metadata.ownerReferences ?? []).filter((owner) => owner.controller === true).map((owner) => owner.uid);
}
