import { expect, test } from 'vitest';
import { StoreUnavailable } from './ports.ts';
import { learnTakenKeys, TakenKeys } from './taken-keys.ts';

const KEYS = Array.from({ length: 4500 }, (_, at) => `transfer:${String(at).padStart(5, '0')}`);

function storeOf(keys: readonly string[], outages = 0) {
  let left = outages;
  return {
    readClaimKeys: async (after: string, limit: number) => {
      if (left > 0) {
        left -= 1;
        throw new StoreUnavailable('away');
      }
      return keys.filter((key) => key > after).slice(0, limit);
    },
  };
}

async function learn(options: Partial<Parameters<typeof learnTakenKeys>[0]>) {
  const taken = new TakenKeys(0);
  const told: number[] = [];
  const pauses: boolean[] = [];
  await learnTakenKeys({
    store: storeOf(KEYS),
    taken,
    signal: new AbortController().signal,
    pause: async (afterFailure) => void pauses.push(afterFailure),
    onLearnt: (keys) => told.push(keys),
    ...options,
  });
  return { taken, told, pauses };
}

test('until all were read every key may be stored', () => {
  expect(new TakenKeys(0).mayBeStored('transfer:new')).toBe(true);
});

test('all pages are learnt, and then what was never taken is not looked for', async () => {
  const { taken, told, pauses } = await learn({});
  expect(told).toEqual([4500]);
  expect(pauses).toEqual([false, false]);
  expect(KEYS.filter((key) => !taken.mayBeStored(key))).toEqual([]);
  expect(taken.mayBeStored('transfer:new')).toBe(false);
  taken.add('transfer:new');
  expect(taken.mayBeStored('transfer:new')).toBe(true);
});

test('an outage is waited for, and no page is left out', async () => {
  const { taken, told, pauses } = await learn({ store: storeOf(KEYS, 2) });
  expect(pauses).toEqual([true, true, false, false]);
  expect(told).toEqual([4500]);
  expect(KEYS.filter((key) => !taken.mayBeStored(key))).toEqual([]);
});

test('a ledger that ends while it learns leaves every key to be looked up', async () => {
  const ending = new AbortController();
  const { taken, told } = await learn({ signal: ending.signal, pause: async () => ending.abort() });
  expect(told).toEqual([]);
  expect(taken.mayBeStored('transfer:new')).toBe(true);
});

test('a bug in the store is not taken for an outage', async () => {
  const readClaimKeys = () => Promise.reject(new TypeError('no such column'));
  await expect(learn({ store: { readClaimKeys } })).rejects.toThrow('no such column');
});
