import { openNatsBus } from '@subnetes/bus/nats-bus';
import { networkIdOf } from '@subnetes/keys/canonical-hash';
import { openDatabase } from '@subnetes/runtime/postgres';
import { startNats } from '@subnetes/testkit/nats';
import { waitFor } from '@subnetes/testkit/processes';
import { beforeEach, expect, test } from 'vitest';
import { durableServers } from './durable-servers.ts';
import { SEQUENCE_HEADER } from '../src/adapters/bus-outbox.ts';
import { startLedger } from './ledger-process.ts';
import { desk, genesis, mandateOf, owner, putSubnetOf, registerOf } from './market.ts';
import { startSilentWire } from './silent-wire.ts';

/** What the bus hears of a journal that goes on without it: each event once, in order, with the same bytes. */
const servers = durableServers();
let databaseUrl: string;
beforeEach(async () => {
  databaseUrl = await servers.postgres.createDatabase();
});

/** No block comes between: what a test does is the last that there is to tell. */
const slow = { ...genesis, blockTimeMs: 600_000 };
const network = { networkId: networkIdOf(slow) };
const subnet = () => putSubnetOf('sp500', mandateOf(owner, network));
const neuron = (name: string) => registerOf(1, name, { ...network, mandate: mandateOf(desk, network) });

/** Sequences of the journal's events. */
async function journalEvents(): Promise<readonly number[]> {
  await using database = await openDatabase({ url: databaseUrl });
  const rows = await database.query('SELECT sequence FROM entries WHERE event_address IS NOT NULL ORDER BY 1');
  return rows.map((row) => Number(row['sequence']));
}

/** A client of the bus comes back after a pause of its own. */
const HEARD_MS_MAX = 90_000;

/** Hears the stream from its beginning up to so many messages. */
async function hear(
  count: number,
  url = servers.nats.url,
): Promise<readonly (readonly [sequence: number, payload: string])[]> {
  await using bus = await openNatsBus({ url, name: 'test' });
  const heard: (readonly [number, string])[] = [];
  const stop = new AbortController();
  const consumed = bus.consume({
    stream: 'LEDGER',
    durable: `hears-${crypto.randomUUID()}`,
    failed: () => {},
    signal: stop.signal,
    handle: async (messages) => {
      for (const { headers, payload } of messages) {
        heard.push([Number(headers[SEQUENCE_HEADER]), Buffer.from(payload).toString('hex')]);
      }
    },
  });
  await waitFor(`${count} messages`, () => heard.length >= count, HEARD_MS_MAX);
  stop.abort();
  await consumed;
  return heard;
}

test('killed once a commit is done and not told, the next one tells it, once and in order', async () => {
  await using wire = await startSilentWire(Number(new URL(servers.nats.url).port));
  const options = { databaseUrl, natsUrl: `nats://127.0.0.1:${wire.port}`, genesis: slow };
  const dying = await startLedger(options);
  await dying.client.putSubnet(subnet());
  const told = await journalEvents();
  expect((await hear(told.length)).map(([sequence]) => sequence)).toEqual(told);
  wire.silence();
  await dying.client.register(neuron('garch'));
  await dying.client.register(neuron('ewma'));
  await dying.kill('SIGKILL');
  await dying[Symbol.asyncDispose]();
  const all = await journalEvents();
  expect(all.length).toBeGreaterThan(told.length);
  await using next = await startLedger({ ...options, natsUrl: servers.nats.url });
  expect((await hear(all.length)).map(([sequence]) => sequence)).toEqual(all);
  expect(await journalEvents()).toEqual(all);
  expect(await next.client.audit({ verifyChain: true })).toMatchObject({ differenceRao: '0', chainVerified: true });
});

test('a stream that is lost is told everything again, byte for byte, and what came meanwhile', async () => {
  await using own = await startNats();
  await using ledger = await startLedger({ databaseUrl, natsUrl: own.url, genesis: slow });
  await ledger.client.putSubnet(subnet());
  await ledger.client.register(neuron('garch'));
  const first = await hear((await journalEvents()).length, own.url);
  await own.stop('SIGKILL');
  await own.loseData();
  await ledger.client.register(neuron('ewma'));
  await own.start();
  const events = await journalEvents();
  expect(events.length).toBeGreaterThan(first.length);
  const again = await hear(events.length, own.url);
  expect(again.map(([sequence]) => sequence)).toEqual(events);
  expect(again.slice(0, first.length)).toEqual(first);
});
