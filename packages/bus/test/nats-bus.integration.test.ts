import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startNats } from '@subnetes/testkit/nats';
import type { TestNats } from '@subnetes/testkit/nats';
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
  expect(bus.isConnected()).toBe(false);
  await nats.start();
  await expect
    .poll(
      () =>
        publish(2).then(
          () => true,
          () => false,
        ),
      { timeout: 20_000, interval: 200 },
    )
    .toBe(true);
  await expect.poll(() => [...new Set(seen)], { timeout: 60_000 }).toEqual([1, 2]);
  stop.abort();
  await done;
});

test('nobody there is a BusError', async () => {
  await expect(openNatsBus({ url: 'nats://127.0.0.1:1', name: 'test' })).rejects.toMatchObject({ name: 'BusError' });
  expect(epochDueSubject(1)).toBe('ledger.v1.epoch.due.1');
});
