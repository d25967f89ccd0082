import { existsSync } from 'node:fs';
import pg from 'pg';
import { expect, test } from 'vitest';
import { startNats } from '../src/nats.ts';
import { startPostgres } from '../src/postgres.ts';
import { startServer, temporaryFolder, waitFor } from '../src/processes.ts';

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
