import { expect, test } from 'vitest';
import { precedence } from './precedence.ts';

/** Sleeps take no time but pass it. */
function clockOf() {
  let nowMs = 1000;
  return {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    sleep: async (ms: number, signal: AbortSignal) => {
      signal.throwIfAborted();
      nowMs += ms;
    },
  };
}

const { signal } = new AbortController();

test('where nothing goes first there is nothing to wait for', async () => {
  const clock = clockOf();
  await precedence(clock).quiet(signal);
  expect(clock.nowMs()).toBe(1000);
});

test('what can wait waits for a moment without any of the rest, whatever became of that', async () => {
  const clock = clockOf();
  const order = precedence(clock);
  await expect(order.first(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  await order.quiet(signal);
  expect(clock.nowMs()).toBeGreaterThan(1000);
  expect(clock.nowMs()).toBeLessThan(1100);
});

test('between two pieces what came meanwhile goes first, for a tenth of a second at most', async () => {
  const clock = clockOf();
  const order = precedence(clock);
  await order.giveWay();
  expect(clock.nowMs()).toBe(1001);
  const { promise, resolve } = Promise.withResolvers<void>();
  const working = order.first(() => promise);
  await order.giveWay();
  expect(clock.nowMs()).toBe(1101);
  resolve();
  await working;
});

test('it waits two seconds at most, and not at all once it is to end', async () => {
  const clock = clockOf();
  const order = precedence(clock);
  const { promise, resolve } = Promise.withResolvers<void>();
  const working = order.first(() => promise);
  await order.quiet(signal);
  expect(clock.nowMs()).toBe(3000);
  await order.quiet(AbortSignal.abort());
  expect(clock.nowMs()).toBe(3000);
  resolve();
  await working;
});
