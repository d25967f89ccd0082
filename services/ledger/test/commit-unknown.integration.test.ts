import { createHash } from 'node:crypto';
import { connect, createServer, type Socket } from 'node:net';
import { once } from 'node:events';
import path from 'node:path';
import { startPostgres, type TestPostgres } from '@subnetes/testkit/postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLedger } from '../src/application/open-ledger.ts';
import { openStore } from '../src/adapters/open-store.ts';
import { submitTransfer, transferKey } from '../src/domain/economy/money-orders.ts';
import { testGenesis, testHashes } from '../src/test/ledger-state.ts';
import { CommitUnknown, type JournalStore } from '../src/application/ports.ts';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(async () => {
  await postgres[Symbol.asyncDispose]();
});

/** A wire to the database that breaks while a COMMIT is on it: before the server has it, or before its answer is back. */
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
      const isCommit = next !== undefined && bytes.includes('COMMIT');
      if (isCommit && next === 'before') {
        next = undefined;
        return end();
      }
      if (isCommit) {
        next = undefined;
        cut = true;
      }
      upstream.write(bytes);
    });
    upstream.on('data', (bytes) => (cut ? end() : client.write(bytes)));
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
    breakNextCommit(when: 'before' | 'after') {
      next = when;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

test.for(['before', 'after'] as const)(
  'a wire that breaks %s the database has done a COMMIT loses and doubles nothing',
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
    const hashes = {
      ...testHashes,
      chain: (previous: string, text: string) => createHash('sha256').update(previous).update(text).digest('hex'),
    };
    const halts: unknown[] = [];
    const sequencer = await openLedger({
      store,
      hashes,
      genesis: testGenesis,
      monotonicMs: () => performance.now(),
      retryDelay: () => new Promise((resolve) => setImmediate(resolve)),
      onHalt: (cause) => halts.push(cause),
    });
    for (let at = 0; at < 5; at += 1) {
      wire.breakNextCommit(when);
      const sent = await sequencer.submit({
        keys: [transferKey(`t${at}`)],
        run: (ledger) =>
          submitTransfer(ledger, { id: `t${at}`, from: 'billing:shop', to: 'desk', amount: 1n, code: '' }),
      });
      expect(sent).toMatchObject({ ok: true, value: { repeated: false, sequence: at + 2 } });
    }
    expect(unknown.filter((error) => error instanceof CommitUnknown)).toHaveLength(5);
    expect(halts).toEqual([]);
    const entries = await opened.store.readEntries({ afterSequence: 0, limit: 100 });
    expect(entries.map(({ sequence, kind }) => [sequence, kind])).toEqual([
      [1, 'Genesis'],
      ...[2, 3, 4, 5, 6].map((sequence) => [sequence, 'Transfer']),
    ]);
    expect(await opened.store.findBalanceMismatches(9)).toEqual([]);
  },
);
