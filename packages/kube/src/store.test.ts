import { describe, expect, test } from 'vitest';
import type { KubeObject } from './resource.ts';
import { compareVersions, ObjectStore, ownerIndex, type Change } from './store.ts';

const object = (name: string, version: number, more: Partial<KubeObject['metadata']> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'ns', uid: `uid-${name}`, resourceVersion: String(version), ...more },
});

describe('ObjectStore', () => {
  test('an older version never replaces a newer one', () => {
    const store = new ObjectStore();
    store.put(object('a', 10));
    store.put(object('a', 9));
    expect(store.get('ns/a')?.metadata.resourceVersion).toBe('10');
  });

  test('compares versions as numbers, not as text', () => {
    expect(compareVersions('10', '9')).toBeGreaterThan(0);
    expect(compareVersions('9', '10')).toBeLessThan(0);
    expect(compareVersions('10', '10')).toBe(0);
    expect(compareVersions('abc', '10')).toBeGreaterThan(0);
  });

  test('the answer to an own write does not bring back what was deleted meanwhile', () => {
    const store = new ObjectStore();
    store.put(object('a', 10));
    store.remove(object('a', 12));
    store.put(object('a', 11));
    expect(store.get('ns/a')).toBeUndefined();
    store.put(object('a', 13, { uid: 'another' }));
    expect(store.get('ns/a')?.metadata.uid).toBe('another');
  });

  test('a late deletion of an earlier incarnation leaves the present one', () => {
    const store = new ObjectStore();
    store.put(object('a', 13, { uid: 'second' }));
    store.remove(object('a', 12));
    expect(store.get('ns/a')?.metadata.uid).toBe('second');
  });

  test('replace tells of what is gone and keeps what was written after the list', () => {
    const store = new ObjectStore();
    store.put(object('gone', 5));
    store.put(object('kept', 5));
    store.put(object('newer', 30));
    const changes: Change<KubeObject>[] = [];
    store.subscribe((change) => changes.push(change));
    store.replace([object('kept', 5), object('added', 6)], '20');
    expect(changes.map(({ key, current }) => [key, current !== undefined])).toEqual([
      ['ns/added', true],
      ['ns/gone', false],
    ]);
    expect(store.get('ns/newer')).toBeDefined();
  });

  test('indexes follow changes', () => {
    const store = new ObjectStore({ owner: ownerIndex });
    const owner = (uid: string) => [{ apiVersion: 'v1', kind: 'X', name: 'x', uid, controller: true }];
    store.put(object('a', 1, { ownerReferences: owner('one') }));
    store.put(object('b', 2, { ownerReferences: owner('one') }));
    store.put(object('a', 3, { ownerReferences: owner('two') }));
    expect(store.byIndex('owner', 'one').map((o) => o.metadata.name)).toEqual(['b']);
    expect(store.byIndex('owner', 'two').map((o) => o.metadata.name)).toEqual(['a']);
    expect(() => store.byIndex('colour', 'red')).toThrow('no index colour');
  });

  test('managedFields are not kept', () => {
    const store = new ObjectStore();
    store.put(object('a', 1, { managedFields: [{}] } as object));
    expect(store.get('ns/a')?.metadata).not.toHaveProperty('managedFields');
  });
});
