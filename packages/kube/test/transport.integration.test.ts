import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CONFIG_MAPS, collectionPath, DEPLOYMENTS, EVENTS } from '#resource.ts';
import { openTransport, type Transport } from '#transport.ts';
import { NO_METRICS } from '#metrics.ts';
import { adminConnection, openKube } from './harness.ts';

let opened: Awaited<ReturnType<typeof openKube>>;
beforeAll(async () => {
  opened = await openKube();
});
afterAll(() => opened[Symbol.asyncDispose]());

/** Reads a watch until it ends. Answers how many events it had. */
async function drain(transport: Transport, path: string, signal: AbortSignal): Promise<number> {
  let events = 0;
  for await (const _event of transport.watch(path, {}, signal)) events += 1;
  return events;
}

// An error that nobody waits for ends a process, and here the run of all tests.
test('watches that are given up while they open, are answered or are read end by themselves, and throw nothing later', async () => {
  const paths = [CONFIG_MAPS, DEPLOYMENTS, EVENTS].map((resource) => collectionPath(resource));
  for (let waitMs = 0; waitMs < 40; waitMs += 1) {
    const connection = adminConnection(opened.kube);
    const transport = openTransport({ connection, metrics: NO_METRICS, random: Math.random, userAgent: 'test' });
    const stop = new AbortController();
    const watches = paths.map((path) => drain(transport, path, stop.signal));
    await delay(waitMs);
    stop.abort();
    await transport[Symbol.asyncDispose]();
    const ended = await Promise.all(watches);
    expect(ended).toHaveLength(3);
  }
});
