import { expect, test } from 'vitest';
import { startController, type Outcome } from './controller.ts';
import { KubeApiError } from './errors.ts';
import { NO_LOG, NO_METRICS, type KubeMetrics, type ReconcileResult } from './metrics.ts';
import { WorkQueue } from './work-queue.ts';

function harness(reconcile: (key: string) => Promise<Outcome>, workers = 4) {
  const results: ReconcileResult[] = [];
  const settled = Promise.withResolvers<void>();
  let wanted = Number.POSITIVE_INFINITY;
  const metrics: KubeMetrics = {
    ...NO_METRICS,
    reconcile: ({ result }) => {
      results.push(result);
      if (results.length >= wanted) settled.resolve();
    },
  };
  const queue = new WorkQueue({
    name: 'test',
    metrics,
    nowMs: () => Date.now(),
    random: () => 0,
    backoff: { baseMs: 1, capMs: 1 },
  });
  const controller = startController({
    name: 'test',
    queue,
    reconcile,
    workers,
    timeoutMs: 1_000,
    metrics,
    log: NO_LOG,
    nowMs: () => Date.now(),
  });
  const after = async (count: number): Promise<ReconcileResult[]> => {
    wanted = count;
    if (results.length >= count) settled.resolve();
    await settled.promise;
    return results;
  };
  return { queue, controller, after };
}

test('one key is never worked on twice at a time', async () => {
  let inside = 0;
  let most = 0;
  const { queue, controller, after } = harness(async () => {
    inside += 1;
    most = Math.max(most, inside);
    await Promise.resolve();
    queue.add('a');
    await Promise.resolve();
    inside -= 1;
    return { kind: 'done' };
  });
  queue.add('a');
  await after(5);
  await controller[Symbol.asyncDispose]();
  expect(most).toBe(1);
});

test('a thrown error and an error outcome both come back until they succeed', async () => {
  let passes = 0;
  const { queue, controller, after } = harness(async () => {
    passes += 1;
    if (passes === 1) throw new Error('broken');
    if (passes === 2) return { kind: 'error', error: new Error('outage') };
    return { kind: 'done' };
  });
  queue.add('a');
  expect(await after(3)).toEqual(['error', 'error', 'success']);
  await controller[Symbol.asyncDispose]();
});

test('a conflict is tried again without counting as an error', async () => {
  let passes = 0;
  const { queue, controller, after } = harness(async () => {
    passes += 1;
    if (passes === 1) throw new KubeApiError({ status: 409, reason: 'Conflict', message: 'modified' });
    return { kind: 'requeue', afterMs: 60_000 };
  });
  queue.add('a');
  expect(await after(2)).toEqual(['requeue', 'requeue_after']);
  await controller[Symbol.asyncDispose]();
});

test('a poisoned key does not keep others from their turn', async () => {
  const seen = new Set<string>();
  const { queue, controller, after } = harness(async (key) => {
    if (key === 'poison') throw new Error('poison');
    seen.add(key);
    return { kind: 'done' };
  }, 1);
  queue.add('poison');
  queue.add('a');
  queue.add('b');
  await after(4);
  await controller[Symbol.asyncDispose]();
  expect([...seen]).toEqual(['a', 'b']);
});
