import { expect, test } from 'vitest';
import { exampleBytes, functionOf, sha256 } from '../test/example-input.ts';
import { FunctionCache } from './function-cache.ts';

test('a module is compiled once, a refusal remembered, and the one used least recently goes first', () => {
  const cache = new FunctionCache(sha256, 2);
  const identity = cache.prepare(exampleBytes('identity'));
  expect(cache.prepare(exampleBytes('identity'))).toBe(identity);
  const refused = cache.prepare(Uint8Array.of(1));
  expect(refused).toMatchObject({ refusal: { code: 'MODULE_MALFORMED' } });
  expect(cache.prepare(Uint8Array.of(1))).toBe(refused);
  expect(cache.find(functionOf(exampleBytes('identity')).digest)).toBe(identity);
  cache.prepare(exampleBytes('smoothing'));
  expect(cache.size).toBe(2);
  expect(cache.prepare(exampleBytes('identity'))).toBe(identity);
  expect(cache.prepare(Uint8Array.of(1))).not.toBe(refused);
  expect(cache.find('ab'.repeat(32))).toBeUndefined();
});

test('a cache of nothing is a mistake', () => {
  expect(() => new FunctionCache(sha256, 0)).toThrow(RangeError);
});
