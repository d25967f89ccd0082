import { openNatsBus } from '@subnetes/bus/nats-bus';
import { isOutage } from '@subnetes/proto/rpc-error';
import { startNats } from '@subnetes/testkit/nats';
import { expect, test } from 'vitest';
import { durableServers } from './durable-servers.ts';
import { eventually, type LedgerProcess, startLedger } from './ledger-process.ts';
import { genesis } from './market.ts';
import { balanceOf, fund, FUNDS, send, SHOP } from './retrying-client.ts';

const servers = durableServers();

/** The client's own log: ids that it sent, and those that were acknowledged. */
interface Load {
  readonly sent: string[];
  readonly acknowledged: string[];
  stopped: boolean;
}

/** Sends batches until it is stopped or the ledger is gone. */
async function drive(ledger: LedgerProcess, load: Load, name: string): Promise<void> {
  for (let at = 0; !load.stopped; at += 1) {
    const ids = Array.from({ length: 5 }, (_, index) => `${name}/${at}/${index}`);
    load.sent.push(...ids);
    try {
      const { results } = await send(ledger, ids);
      load.acknowledged.push(...results.filter(({ ok }) => ok).map(({ id }) => id));
    } catch (error) {
      if (!isOutage(error)) throw error;
      return;
    }
  }
}

async function expectWhole(ledger: LedgerProcess): Promise<void> {
  const audit = await ledger.client.audit({ verifyChain: true });
  expect(audit).toMatchObject({ differenceRao: '0', chainVerified: true, findings: [] });
}

test('a ledger that is killed under load loses nothing that it acknowledged, and a retry books nothing twice', async () => {
  const databaseUrl = await servers.postgres.createDatabase();
  const load: Load = { sent: [], acknowledged: [], stopped: false };
  const options = { databaseUrl, natsUrl: servers.nats.url, genesis };
  let block = 0n;
  for (let round = 0; round < 4; round += 1) {
    const ledger = await startLedger(options);
    if (round === 0) await fund(ledger);
    const network = await ledger.client.getNetwork({});
    expect(network.block).toBeGreaterThanOrEqual(block);
    const before = load.acknowledged.length;
    const driven = ['a', 'b', 'c'].map((name) => drive(ledger, load, `${round}${name}`));
    // Each round at another moment of the work, which goes on without a pause.
    await eventually(
      async () => (load.acknowledged.length > before + 50 * (round + 1) ? true : undefined),
      'work is done',
    );
    block = (await ledger.client.getNetwork({})).block;
    await ledger.kill('SIGKILL');
    await Promise.all(driven);
    await ledger[Symbol.asyncDispose]();
  }
  await using ledger = await startLedger(options);
  const booked = await balanceOf(ledger, 'network');
  expect(booked).toBeGreaterThanOrEqual(BigInt(load.acknowledged.length));
  expect(booked).toBeLessThanOrEqual(BigInt(load.sent.length));
  for (let at = 0; at < load.sent.length; at += 500) {
    const { results } = await send(ledger, load.sent.slice(at, at + 500));
    expect(results.every(({ ok }) => ok)).toBe(true);
  }
  expect(await balanceOf(ledger, 'network')).toBe(BigInt(load.sent.length));
  expect(await balanceOf(ledger, SHOP)).toBe(FUNDS - BigInt(load.sent.length));
  await expectWhole(ledger);
});

test('a database that crashes and comes back is an outage; nothing acknowledged is lost and the process stays', async () => {
  const databaseUrl = await servers.postgres.createDatabase();
  await using ledger = await startLedger({ databaseUrl, natsUrl: servers.nats.url, genesis });
  await fund(ledger);
  const load: Load = { sent: [], acknowledged: [], stopped: false };
  const driven = drive(ledger, load, 'a');
  const watched = ledger.client.watchSubnet({ netuid: 1 })[Symbol.asyncIterator]();
  await watched.next();
  await eventually(async () => (load.acknowledged.length > 50 ? true : undefined), 'work is done');
  await servers.postgres.stop('SIGQUIT');
  await driven;
  const readiness = async () => (await fetch(`${ledger.healthUrl}/readyz`)).status;
  await eventually(
    async () => ((await readiness()) === 503 ? true : undefined),
    'the ledger says that it is not ready',
  );
  await expect(ledger.client.getNetwork({})).rejects.toMatchObject({ reason: 'UNAVAILABLE' });
  await servers.postgres.start();
  await eventually(async () => ((await readiness()) === 200 ? true : undefined), 'the ledger is ready again');
  const height = (await ledger.client.getNetwork({})).block;
  await eventually(async () => {
    const { value } = await watched.next();
    return (value?.block ?? 0n) > height ? true : undefined;
  }, 'a watcher sees the blocks that follow');
  await watched.return?.();
  const retried = await send(ledger, load.sent);
  expect(retried.results.every(({ ok }) => ok)).toBe(true);
  expect(await balanceOf(ledger, 'network')).toBe(BigInt(load.sent.length));
  await expectWhole(ledger);
});

test('without the bus the ledger works on, and tells it everything in order when it is back', async () => {
  const databaseUrl = await servers.postgres.createDatabase();
  await using broken = await startNats();
  await using ledger = await startLedger({ databaseUrl, natsUrl: broken.url, genesis });
  await broken.stop('SIGKILL');
  await fund(ledger);
  const block = (await ledger.client.getNetwork({})).block;
  await eventually(
    async () => ((await ledger.client.getNetwork({})).block > block + 5n ? true : undefined),
    'blocks go on',
  );
  await broken.start();
  const sequences: number[] = [];
  const stop = new AbortController();
  await using bus = await openNatsBus({ url: broken.url, name: 'test' });
  const consumed = bus.consume({
    stream: 'LEDGER',
    durable: 'gaps',
    failed: () => {},
    signal: stop.signal,
    handle: async ([message]) => void sequences.push(Number(message!.headers['subnetes-sequence'])),
  });
  await eventually(async () => (sequences.length > 10 ? true : undefined), 'events are told');
  stop.abort();
  await consumed;
  expect(sequences).toEqual(sequences.toSorted((a, b) => a - b));
  const { entries } = await ledger.client.listEntries({ limit: 1000 });
  const silent = new Set(['Genesis', 'OrderTransfer', 'Transfer']);
  const told = entries.filter(({ kind }) => !silent.has(kind)).map(({ sequence }) => Number(sequence));
  expect(sequences).toEqual(told.slice(0, sequences.length));
});

test('a start with another genesis is refused with a message, before any port opens', async () => {
  const databaseUrl = await servers.postgres.createDatabase();
  const options = { databaseUrl, natsUrl: servers.nats.url, genesis };
  const first = await startLedger(options);
  await first[Symbol.asyncDispose]();
  const other = startLedger({ ...options, genesis: { ...genesis, blockReward: '2' } });
  await expect(other).rejects.toThrow(/ended with 64[\s\S]*began as network/);
  await using again = await startLedger({ ...options, genesis: JSON.parse(JSON.stringify(genesis)) as unknown });
  expect((await again.client.getNetwork({})).blockRewardRao).toBe('1000000000');
});
