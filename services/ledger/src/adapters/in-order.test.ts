import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { inOrder } from './in-order.ts';

/** Work that is finished by hand, in any order. */
function byHand() {
  const running = new Map<number, PromiseWithResolvers<string>>();
  const work = (item: number): Promise<string> => {
    const one = Promise.withResolvers<string>();
    running.set(item, one);
    return one.promise;
  };
  return { running, work };
}

test('answers come in the order of the items, whichever is done first, and no more than the limit run', async () => {
  const { running, work } = byHand();
  let asked = 0;
  async function* items() {
    for (; asked < 9; asked += 1) yield asked;
  }
  const answers = inOrder(items(), 3, work);
  const first = answers.next();
  await turn();
  expect([...running.keys()]).toEqual([0, 1, 2]);
  running.get(2)?.resolve('c');
  running.get(1)?.resolve('b');
  await turn();
  expect([...running.keys()]).toEqual([0, 1, 2]);
  running.get(0)?.resolve('a');
  expect((await first).value).toBe('a');
  await turn();
  expect([...running.keys()], 'nothing is asked for while nobody reads answers').toEqual([0, 1, 2]);
  expect([(await answers.next()).value, (await answers.next()).value]).toEqual(['b', 'c']);
});

test('an answer does not wait for an item that has not come', async () => {
  async function* items() {
    yield 1;
    await new Promise(() => {}); // the sender is silent from here on
  }
  const answers = inOrder(items(), 3, async (item) => `done ${item}`);
  expect((await answers.next()).value).toBe('done 1');
});

test('it ends with its items', async () => {
  async function* items() {
    yield* [1, 2, 3];
  }
  const heard: string[] = [];
  for await (const answer of inOrder(items(), 2, async (item) => String(item))) heard.push(answer);
  expect(heard).toEqual(['1', '2', '3']);
});

test('a failure is told in its turn, and one that comes after it is no crash', async () => {
  async function* items() {
    yield* [1, 2, 3];
  }
  const work = async (item: number): Promise<number> => {
    if (item > 1) throw new Error(`no ${item}`);
    return item;
  };
  const answers = inOrder(items(), 3, work);
  expect((await answers.next()).value).toBe(1);
  await expect(answers.next()).rejects.toThrow('no 2');
});
