import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { takeLock } from '#build-lock.ts';
import { identifyProcess } from '#process-identity.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'subnetes-lock-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

test('a second taker waits until the first has released, and is told for whom', async () => {
  const path = join(folder, 'below', 'lock');
  const order: string[] = [];
  const first = await takeLock(path);
  const waited = Promise.withResolvers<number>();
  const second = takeLock(path, { onWait: waited.resolve }).then((lock) => {
    order.push('second');
    return lock;
  });
  expect(await waited.promise).toBe(process.pid);
  order.push('released');
  await first[Symbol.asyncDispose]();
  await (await second)[Symbol.asyncDispose]();
  expect(order).toEqual(['released', 'second']);
  expect(existsSync(path)).toBe(false);
});

test.for([
  ['whose process has ended', JSON.stringify({ ...identifyProcess(process.pid), startTicks: '1' })],
  ['that was cut short while it was written', '{"pid":'],
  ['that is empty', ''],
] as const)('a lock %s is taken over', async ([, content]) => {
  const path = join(folder, 'lock');
  await writeFile(path, content);
  await using lock = await takeLock(path);
  expect(lock).toBeDefined();
});

test('waiting can be broken off', async () => {
  const path = join(folder, 'lock');
  await using _held = await takeLock(path);
  const stop = new AbortController();
  const waiting = takeLock(path, { signal: stop.signal, onWait: () => stop.abort(new Error('no longer wanted')) });
  await expect(waiting).rejects.toThrow('no longer wanted');
});
