import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import pg from 'pg';
import { afterEach, expect, test, vi } from 'vitest';
import { startNats } from '../src/nats.ts';
import { startPostgres, type TestPostgres } from '../src/postgres.ts';
import { startServer, temporaryFolder, waitFor } from '../src/processes.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

test('PostgreSQL keeps its data over a crash and gives each test a database of its own', async () => {
  await using server = await startPostgres({ fsync: true });
  const [first, second] = [await server.createDatabase(), await server.createDatabase()];
  expect(first).not.toBe(second);
  const client = new pg.Client(first);
  client.on('error', () => {});
  await client.connect();
  await client.query('CREATE TABLE kept (id int)');
  await server.stop('SIGQUIT');
  await server.start();
  const again = new pg.Client(first);
  await again.connect();
  expect((await again.query('SELECT count(*)::int AS n FROM kept')).rows).toEqual([{ n: 0 }]);
  await again.end();
});

test('data directories are copies of one, also where several servers are the first', async () => {
  await using cache = await temporaryFolder('cache');
  vi.stubEnv('TESTKIT_CACHE', cache.path);
  for (const count of [2, 1]) {
    await using opened = new AsyncDisposableStack();
    const servers = await Promise.all(Array.from({ length: count }, () => startPostgres({ isLocal: true })));
    for (const server of servers) opened.use(server);
    expect(new Set(await Promise.all(servers.map(identifierOf))).size).toBe(1);
    expect(await readdir(cache.path)).toEqual([expect.stringMatching(/^postgres-[0-9]+$/)]);
  }
});

async function identifierOf(server: TestPostgres): Promise<unknown> {
  const client = new pg.Client(server.url());
  await client.connect();
  const { rows } = await client.query<{ id: string }>('SELECT system_identifier::text AS id FROM pg_control_system()');
  await client.end();
  return rows[0]?.id;
}

test('NATS starts, is killed and starts again on its port', async () => {
  await using server = await startNats();
  await server.stop('SIGKILL');
  await server.start();
  expect(server.url).toMatch(/^nats:\/\/127\.0\.0\.1:\d+$/);
});

test('a server that ends at once is reported with its output', async () => {
  const server = startServer({ command: 'sh', args: ['-c', 'echo no luck; exit 3'], ready: async () => false });
  await expect(server).rejects.toThrow(/no luck/);
});

test('waiting in vain names what was waited for, and folders go', async () => {
  await expect(waitFor('godot', () => undefined, 50)).rejects.toThrow('waited 50 ms in vain for godot');
  const folder = await temporaryFolder('x');
  await folder[Symbol.asyncDispose]();
  expect(existsSync(folder.path)).toBe(false);
});
