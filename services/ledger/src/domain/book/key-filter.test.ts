import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KeyFilter } from './key-filter.ts';

test('a key that was added may be there', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 40 })), (keys) => {
      const filter = new KeyFilter(keys.length);
      for (const key of keys) filter.add(key);
      expect(keys.filter((key) => !filter.mayHave(key))).toEqual([]);
    }),
  );
});

test('of keys that were never added few look as if they had been, as many as the arithmetic says', () => {
  const filter = new KeyFilter(0); // room for 2^20
  for (let key = 0; key < 1 << 20; key += 1) filter.add(`transfer:9f3a/${key}`);
  let mistaken = 0;
  for (let key = 0; key < 100_000; key += 1) if (filter.mayHave(`transfer:9f3b/${key}`)) mistaken += 1;
  // (1 - e^(-5/8))^5 = 2.2 %
  expect(mistaken / 100_000).toBeGreaterThan(0.015);
  expect(mistaken / 100_000).toBeLessThan(0.03);
});

test('a filter that nothing was added to has nothing', () => {
  expect(['', 'transfer:1', 'hold:1'].filter((key) => new KeyFilter(10).mayHave(key))).toEqual([]);
});
