import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startProcess, temporaryFolder, waitFor } from '@subnetes/testkit/processes';
import { expect, test } from 'vitest';
import { openDatabase } from '../src/postgres.ts';

const PROGRAM = join(import.meta.dirname, 'durable-commits.ts');
const SYNC_COUNTER = join(import.meta.dirname, 'count-syncs.mjs');

test('every PGlite commit is synced to the disk and outlives SIGKILL', async () => {
  await using folder = await temporaryFolder('durable');
  const place = join(folder.path, 'db');
  const counted = join(folder.path, 'syncs');
  await using child = await startProcess({
    command: process.execPath,
    args: ['--import', SYNC_COUNTER, PROGRAM, place, counted],
  });
  await waitFor('50 commits', () => child.output().includes('committed 50'), 60_000);
  await child.stop('SIGKILL');
  expect((await readFile(counted)).length).toBeGreaterThanOrEqual(50);
  await using database = await openDatabase({ url: `pglite:${place}` });
  expect(await database.query('SELECT count(*) AS n FROM commits')).toEqual([{ n: 50n }]);
});
