import { expect, test } from 'vitest';
import { turnstile } from './turnstile.ts';

test('so many pass at once, one more is turned away, and a place is free again whatever became of the work', async () => {
  const gate = turnstile(2);
  const first = Promise.withResolvers<string>();
  const second = Promise.withResolvers<string>();
  const passing = [first, second].map(({ promise }) => gate.pass(() => promise) ?? Promise.reject(new Error('shut')));
  expect(gate.pass(async () => 'third')).toBeUndefined();
  first.resolve('done');
  second.reject(new Error('broken'));
  expect((await Promise.allSettled(passing)).map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  expect(await gate.pass(async () => 'fourth')).toBe('fourth');
  expect(await gate.pass(async () => 'fifth')).toBe('fifth');
});
