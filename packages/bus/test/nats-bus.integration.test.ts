import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { startNats } from '@subnetes/testkit/nats';
import type { TestNats } from '@subnetes/testkit/nats';
import { waitFor } from '@subnetes/testkit/processes';
import { BusError, type Bus } from '../src/bus.ts';
import { openNatsBus } from '../src/nats-bus.ts';
import { epochDueSubject } from '../src/subjects.ts';
import { busContract } from './bus.contract.ts';

let nats: TestNats;
beforeAll(async () => {
  nats = await startNats();
});
afterAll(() => nats[Symbol.asyncDispose]());

describe('the bus on a nats-server', () => {
  busContract(() => openNatsBus({ url: nats.url, name: 'test' }));
});

test('a consumer outlives a killed server, and messages that were stored are there', async () => {
  await using bus = await openNatsBus({ url: nats.url, name: 'test' });
  await bus.ensureStream('SCORING');
  const stop = new AbortController();
  const seen: number[] = [];
  const done = bus.consume({
    stream: 'SCORING',
    durable: 'outlives',
    signal: stop.signal,
    failed: () => undefined,
    async handle(messages) {
      seen.push(...messages.map((message) => message.payload[0] ?? 0));
    },
  });
  const publish = (n: number) =>
    bus.publish('scoring.v1.epoch.scored.1', Uint8Array.of(n), { messageId: `scoring/1/${n}` });
  await publish(1);
  await expect.poll(() => seen).toEqual([1]);
  await nats.stop('SIGKILL');
  await expect(publish(2)).rejects.toMatchObject({ name: 'BusError' });
  await expect.poll(() => bus.isConnected()).toBe(false); // a call may fail before the connection says that it is lost
  await nats.start();
  await expect
    .poll(
      () =>
        publish(2).then(
          () => true,
          () => false,
        ),
      { timeout: 60_000, interval: 200 },
    )
    .toBe(true);
  await expect.poll(() => [...new Set(seen)], { timeout: 60_000 }).toEqual([1, 2]);
  stop.abort();
  await done;
});

test('who takes over gets at once, in order, what another process was given and did not acknowledge', async () => {
  await using first = await openNatsBus({ url: nats.url, name: 'first' });
  await using second = await openNatsBus({ url: nats.url, name: 'second' });
  await first.ensureStream('USAGE');
  const publish = (n: number) => first.publish('usage.v1.1', Uint8Array.of(n), { messageId: `usage/takes-over/${n}` });
  const stop = new AbortController();
  const consume = (bus: Bus, handle: (batch: readonly number[]) => Promise<void>) =>
    bus.consume({
      stream: 'USAGE',
      durable: 'takes-over',
      takesOver: true,
      batchMax: 2,
      signal: stop.signal,
      failed: () => undefined,
      handle: (messages) => handle(messages.map(({ payload }) => payload[0] ?? 0)),
    });
  const taken: number[] = [];
  const stuck = Promise.withResolvers<void>();
  const consumers = [
    consume(first, async (batch) => {
      if (!batch.includes(1)) await stuck.promise;
      taken.push(...batch);
    }),
  ];
  await publish(1);
  await waitFor('the first message', () => taken.length === 1);
  for (const n of [2, 3, 4, 5]) await publish(n);
  await waitFor('messages to be on their way', async () => {
    const connection = await connect({ servers: nats.url });
    const { num_ack_pending: pending } = await (
      await jetstreamManager(connection)
    ).consumers.info('USAGE', 'takes-over');
    await connection.close();
    return pending === 4;
  });
  const seen: number[] = [];
  consumers.push(
    consume(second, async (batch) => {
      seen.push(...batch);
    }),
  );
  await waitFor('the unacknowledged ones', () => seen.length >= 4, 25_000); // the stream's own patience is 30 s
  expect(seen).toEqual([2, 3, 4, 5]);
  stop.abort();
  stuck.resolve();
  await Promise.all(consumers);
});

/** What a follower of the bucket knows; it watches again whenever its watch breaks, as followers do. */
function follow(bus: Bus) {
  const stop = new AbortController();
  const seen = new Map<string, number | undefined>();
  let breaks = 0;
  const done = (async () => {
    while (!stop.signal.aborted) {
      try {
        const bucket = await bus.bucket('prices');
        for await (const { key, value } of bucket.watch(stop.signal)) seen.set(key, value?.[0]);
      } catch (error) {
        if (!(error instanceof BusError)) throw error;
        breaks += 1;
      }
    }
  })();
  return {
    seen,
    breaks: () => breaks,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await done;
    },
  };
}

async function putUntilTaken(bus: Bus, key: string, value: number): Promise<void> {
  const put = async (): Promise<true> => {
    await (await bus.bucket('prices', { create: true })).put(key, Uint8Array.of(value));
    return true;
  };
  await waitFor(`bucket to take ${key}`, () => put().catch(() => false as const));
}

test('a watch breaks when the server lost its volume, and a new one sees the new bucket from its beginning', async () => {
  await using bus = await openNatsBus({ url: nats.url, name: 'test' });
  for (const key of ['a', 'b', 'c', 'd']) await putUntilTaken(bus, key, 1);
  await using follower = follow(bus);
  await waitFor('the first bucket', () => follower.seen.get('d') === 1);
  await nats.stop('SIGKILL');
  await nats.loseData();
  await nats.start();
  await putUntilTaken(bus, 'a', 2);
  await waitFor('the second bucket', () => follower.seen.get('a') === 2);
  expect(follower.breaks()).toBeGreaterThan(0);
  await putUntilTaken(bus, 'b', 2);
  await waitFor('changes of the second bucket', () => follower.seen.get('b') === 2);
});

test('a watch breaks when somebody removes its bucket under a connection that stands', async () => {
  await using bus = await openNatsBus({ url: nats.url, name: 'test' });
  await putUntilTaken(bus, 'a', 3);
  await putUntilTaken(bus, 'b', 3);
  await using follower = follow(bus);
  await waitFor('the first bucket', () => follower.seen.get('b') === 3);
  const connection = await connect({ servers: nats.url });
  await (await jetstreamManager(connection)).streams.delete('KV_prices');
  await connection.close();
  await putUntilTaken(bus, 'a', 4);
  await waitFor('the second bucket', () => follower.seen.get('a') === 4);
  expect(follower.breaks()).toBeGreaterThan(0);
});

test('nobody there is a BusError', async () => {
  await expect(openNatsBus({ url: 'nats://127.0.0.1:1', name: 'test' })).rejects.toMatchObject({ name: 'BusError' });
  expect(epochDueSubject(1)).toBe('ledger.v1.epoch.due.1');
});
