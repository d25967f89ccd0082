import { array, assert, constantFrom, oneof, property, record, constant } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Caller, FairQueue, type QueueLimits } from './fair-queue.ts';

const at = (address: string, port = 1): Caller => ({ address, connection: `${address}:${port}` });

/** All that waits, in the order in which it is served. */
function drained<T>(queue: FairQueue<T>): readonly T[] {
  const items: T[] = [];
  for (let item = queue.shift(); item !== undefined; item = queue.shift()) items.push(item);
  return items;
}

describe('turns', () => {
  test('addresses take turns, however long their lines are', () => {
    const queue = new FairQueue<string>({ all: 100, connection: 10 });
    for (const item of ['a1', 'a2', 'a3']) queue.push(at('a'), item);
    for (const item of ['b1', 'b2']) queue.push(at('b'), item);
    expect(queue.shift()).toBe('a1');
    queue.push(at('c'), 'c1');
    expect(drained(queue)).toEqual(['b1', 'a2', 'c1', 'b2', 'a3']);
  });

  test('connections of one address share its turns', () => {
    const queue = new FairQueue<string>({ all: 100, connection: 10 });
    for (const port of [1, 2]) for (const item of ['x', 'y']) queue.push(at('a', port), `a${port}${item}`);
    for (const item of ['x', 'y', 'z']) queue.push(at('b'), `b${item}`);
    expect(drained(queue)).toEqual(['a1x', 'bx', 'a2x', 'by', 'a1y', 'bz', 'a2y']);
  });
});

describe('limits', () => {
  test('a full line takes no more, and others go on', () => {
    const queue = new FairQueue<string>({ all: 100, connection: 2 });
    expect(['1', '2', '3'].map((item) => queue.push(at('a'), item))).toEqual([undefined, undefined, '3']);
    expect(queue.push(at('a', 2), '4')).toBeUndefined();
    expect(drained(queue)).toEqual(['1', '4', '2']);
  });

  test.for<readonly [string, readonly Caller[], Caller, string | undefined]>([
    ['whoever has none gets the place of the longest line’s last', [at('a'), at('a'), at('b')], at('c'), '1'],
    ['the longest is refused itself', [at('a'), at('a'), at('b')], at('a'), 'new'],
    ['of equal lines the new one is refused', [at('a'), at('b'), at('c')], at('a'), 'new'],
    ['one item each is what all get', [at('a'), at('b'), at('c')], at('d'), 'new'],
    ['a longer line of another address gives way', [at('a'), at('a'), at('a')], at('b'), '2'],
    ['it is the address that counts, not its ports', [at('a', 1), at('a', 2), at('a', 3)], at('b'), '0'],
    ['within an address the longest line gives way', [at('a', 1), at('a', 1), at('a', 1)], at('a', 2), '2'],
  ])('where all is full %s', ([, before, caller, dropped]) => {
    const queue = new FairQueue<string>({ all: 3, connection: 3 });
    before.forEach((each, index) => queue.push(each, String(index)));
    expect(queue.push(caller, 'new')).toBe(dropped);
    const expected = ['0', '1', '2', 'new'].filter((item) => item !== dropped);
    expect(drained(queue).toSorted()).toEqual(expected);
  });
});

type Step = { readonly caller: Caller } | 'shift';

const step = oneof(
  record({ address: constantFrom('a', 'b', 'c'), port: constantFrom(1, 2, 3) }).map(({ address, port }): Step => ({
    caller: at(address, port),
  })),
  constant<Step>('shift'),
);

/** Runs the steps beside a plain model of what waits, and answers what went wrong. */
function faultsOf(steps: readonly Step[], limits: QueueLimits): readonly string[] {
  const queue = new FairQueue<{ readonly id: number; readonly address: string }>(limits);
  const waiting = new Map<number, Caller>();
  /** Of each address that waits: who was served since it came, or since its own last turn. */
  const passed = new Map<string, string[]>();
  const faults: string[] = [];
  const demand = (holds: boolean, fault: string): void => void (holds || faults.push(fault));
  for (const [id, each] of steps.entries()) {
    if (each === 'shift') {
      const served = queue.shift();
      demand(served === undefined ? waiting.size === 0 : waiting.delete(served.id), 'what is served did not wait');
      for (const turns of passed.values()) turns.push(served?.address ?? '');
      if (served !== undefined) passed.set(served.address, []);
    } else {
      const { address, connection } = each.caller;
      const own = [...waiting.values()].filter((caller) => caller.connection === connection).length;
      const isFull = waiting.size === limits.all || own === limits.connection;
      waiting.set(id, each.caller);
      const dropped = queue.push(each.caller, { id, address });
      demand((dropped !== undefined) === isFull, 'something is dropped where it is not full, or nothing where it is');
      demand(dropped === undefined || waiting.delete(dropped.id), 'what is dropped did not wait');
    }
    const addresses = new Set([...waiting.values()].map(({ address }) => address));
    for (const address of passed.keys()) if (!addresses.has(address)) passed.delete(address);
    for (const address of addresses) if (!passed.has(address)) passed.set(address, []);
    for (const turns of passed.values()) demand(new Set(turns).size === turns.length, 'somebody was served twice');
    const lines = Map.groupBy(waiting.values(), ({ connection }) => connection);
    demand(waiting.size <= limits.all, 'too many wait');
    demand(
      [...lines.values()].every(({ length }) => length <= limits.connection),
      'a line is too long',
    );
  }
  demand(drained(queue).length === waiting.size, 'something is left, or was lost');
  return faults;
}

test('each item is served once or dropped once, and while an address waits no other one is served twice', () => {
  assert(
    property(array(step, { maxLength: 120, size: 'max' }), (steps) => {
      expect(faultsOf(steps, { all: 8, connection: 3 })).toEqual([]);
    }),
  );
});
