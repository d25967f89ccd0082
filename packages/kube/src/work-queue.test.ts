import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { NO_METRICS } from './metrics.ts';
import { WorkQueue } from './work-queue.ts';

const makeQueue = (): WorkQueue =>
  new WorkQueue({ name: 'test', metrics: NO_METRICS, nowMs: () => Date.now(), random: () => 1 });

describe('WorkQueue', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  test('holds a key once and hands keys out in order', async () => {
    const queue = makeQueue();
    for (const key of ['a', 'b', 'a', 'a']) queue.add(key);
    expect(queue.depth).toBe(2);
    expect([await queue.take(), await queue.take()]).toEqual(['a', 'b']);
  });

  test('a key added while it is worked on comes back after done, and only then', async () => {
    const queue = makeQueue();
    queue.add('a');
    await queue.take();
    queue.add('a');
    queue.add('a');
    expect(queue.depth).toBe(0);
    queue.done('a');
    expect(queue.depth).toBe(1);
    expect(await queue.take()).toBe('a');
    queue.done('a');
    expect(queue.depth).toBe(0);
  });

  test('a taker that came first gets the next key', async () => {
    const queue = makeQueue();
    const taken = queue.take();
    queue.add('a');
    expect(await taken).toBe('a');
  });

  test('failures back off and forget starts again', () => {
    const queue = makeQueue();
    const delays = [1, 2, 3, 4].map(() => queue.addRateLimited('a'));
    expect(delays).toEqual([50, 100, 200, 400]);
    queue.forget('a');
    expect(queue.addRateLimited('a')).toBe(50);
  });

  test('of several delays the earliest counts', () => {
    const queue = makeQueue();
    queue.addAfter('a', 500);
    queue.addAfter('a', 100);
    queue.addAfter('a', 900);
    vi.advanceTimersByTime(99);
    expect(queue.depth).toBe(0);
    vi.advanceTimersByTime(1);
    expect(queue.depth).toBe(1);
    vi.advanceTimersByTime(1_000);
    expect(queue.depth).toBe(1);
  });

  test('close wakes takers and drops what waits', async () => {
    const queue = makeQueue();
    const taken = queue.take();
    queue.close();
    queue.add('a');
    expect(await taken).toBeUndefined();
    expect(queue.depth).toBe(0);
  });
});
