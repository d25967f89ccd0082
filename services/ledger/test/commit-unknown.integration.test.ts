import { connect, createServer, type Socket } from 'node:net';
import { once } from 'node:events';
import path from 'node:path';
import { startPostgres, type TestPostgres } from '@subnetes/testkit/postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLedger } from '../src/application/open-ledger.ts';
import { openStore } from '../src/adapters/open-store.ts';
import { submitTransfer, transferKey } from '../src/domain/economy/money-orders.ts';
import type { MoneyOrderDone } from '../src/domain/economy/once.ts';
import { testGenesis, testHashes } from '../src/test/ledger-state.ts';
import { CommitUnknown, type JournalStore } from '../src/application/ports.ts';
import { BATCH_MAX } from '../src/application/sequencer.ts';
import type { Command } from '../src/application/waiting-command.ts';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(async () => {
  await postgres[Symbol.asyncDispose]();
});

/** The message ReadyForQuery of an idle session, which answers a batch as a whole. */
const DONE = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);

/** A wire to the database that breaks while a batch is on it: before the server has it, or before its answer is back. */
async function breakingWire(targetPort: number) {
  let next: 'before' | 'after' | undefined;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(targetPort, '127.0.0.1');
    sockets.add(client).add(upstream);
    let cut = false;
    const end = (): void => {
      client.destroy();
      upstream.destroy();
    };
    client.on('data', (bytes) => {
      const isBatch = next !== undefined && bytes.includes('fence');
      if (isBatch && next === 'before') {
        next = undefined;
        return end();
      }
      if (isBatch) {
        next = undefined;
        cut = true;
      }
      upstream.write(bytes);
    });
    upstream.on('data', (bytes) => (cut && bytes.includes(DONE) ? end() : client.write(bytes)));
    for (const socket of [client, upstream]) {
      socket.on('error', end);
      socket.on('close', end);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the wire has no port');
  return {
    port: address.port,
    breakNextBatch(when: 'before' | 'after') {
      next = when;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function transferOf(id: string): Command<MoneyOrderDone> {
  return {
    keys: [transferKey(id)],
    run: (ledger) => submitTransfer(ledger, { id, from: 'billing:shop', to: 'desk', amount: 1n, code: '' }),
  };
}

test.for(['before', 'after'] as const)(
  'a wire that breaks %s the database has stored a batch loses and doubles nothing, nor of the batch behind it',
  async (when) => {
    const url = new URL(await postgres.createDatabase());
    await using wire = await breakingWire(Number(url.port));
    url.port = String(wire.port);
    url.hostname = '127.0.0.1';
    const migrations = path.join(import.meta.dirname, '../migrations');
    await using opened = await openStore({ url: url.href, migrations });
    const unknown: unknown[] = [];
    const store: JournalStore = {
      ...opened.store,
      append: (batch) =>
        opened.store.append(batch).catch((error: unknown) => {
          unknown.push(error);
          throw error;
        }),
    };
    const halts: unknown[] = [];
    const sequencer = await openLedger({
      store,
      hashes: testHashes,
      genesis: testGenesis,
      monotonicMs: () => performance.now(),
      retryDelay: () => new Promise((resolve) => setImmediate(resolve)),
      onHalt: (cause) => halts.push(cause),
    });
    for (let at = 0; at < 5; at += 1) {
      wire.breakNextBatch(when);
      const sent = await sequencer.submit(transferOf(`t${at}`));
      expect(sent).toMatchObject({ ok: true, value: { repeated: false, sequence: at + 2 } });
    }
    expect(unknown.filter((error) => error instanceof CommitUnknown)).toHaveLength(5);
    wire.breakNextBatch(when);
    const many = Array.from({ length: BATCH_MAX + 90 }, (_, at) => transferOf(`m${at}`));
    const answers = await Promise.all(many.map((command) => sequencer.submit(command)));
    expect(answers.every((answer) => answer.ok && !answer.value.repeated)).toBe(true);
    expect(unknown.filter((error) => error instanceof CommitUnknown).length).toBeGreaterThan(5);
    expect(halts).toEqual([]);
    const entries = await opened.store.readEntries({ afterSequence: 0, limit: 1000 });
    expect(entries.map(({ sequence, kind }) => [sequence, kind])).toEqual([
      [1, 'Genesis'],
      ...Array.from({ length: 5 + many.length }, (_, at) => [at + 2, 'Transfer']),
    ]);
    expect(await opened.store.findBalanceMismatches(9)).toEqual([]);
  },
);
