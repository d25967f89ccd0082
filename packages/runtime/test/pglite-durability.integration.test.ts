import { randomInt } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startProcess, temporaryFolder, waitFor } from '@subnetes/testkit/processes';
import { expect, test } from 'vitest';
import { openPglite } from '../src/pglite.ts';
import { openDatabase } from '../src/postgres.ts';

const at = (file: string): string => join(import.meta.dirname, file);

/** Kills of one run, three seconds for two of them; set it to 200 for a long one. */
const KILLS = Number(process.env['PGLITE_KILLS'] ?? 30);
const COMMITS_MAX = 60;

/** Runs a script of which nobody else sees the mounts; answers the lines of JSON that it printed. */
async function linesWithMounts(script: string): Promise<readonly Record<string, unknown>[]> {
  const asUser = process.getuid?.() === 0 ? [] : ['--map-root-user'];
  await using child = await startProcess({
    command: 'unshare',
    args: ['--mount', ...asUser, '--', 'sh', '-euc', script],
  });
  const code = await child.exited;
  if (code !== 0) throw new Error(`the script ended with ${code}:\n${child.output()}`);
  const lines = child.output().trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** Where a start would begin to replay the log, as the folder's control file has it. */
async function redoOf(place: string): Promise<bigint> {
  const control = await readFile(join(place, 'data', 'global', 'pg_control'));
  return control.readBigUInt64LE(REDO_OFFSET);
}

/** In PostgreSQL's `ControlFileData`: identity, versions, state, time and place of the last checkpoint come before. */
const REDO_OFFSET = 40;

test('every PGlite commit is synced to the disk and outlives SIGKILL', async () => {
  await using folder = await temporaryFolder('durable');
  const place = join(folder.path, 'db');
  const counted = join(folder.path, 'syncs');
  await using child = await startProcess({
    command: process.execPath,
    args: ['--import', at('count-syncs.mjs'), at('durable-commits.ts'), place, counted],
  });
  await waitFor('50 commits', () => child.output().includes('committed 50'), 60_000);
  await child.stop('SIGKILL');
  expect((await readFile(counted)).length).toBeGreaterThanOrEqual(50);
  await using database = await openDatabase({ url: `pglite:${place}` });
  expect(await database.query('SELECT count(*) AS n FROM commits')).toEqual([{ n: 50n }]);
});

test('the kernel sees a sync for every commit', async () => {
  await using folder = await temporaryFolder('strace');
  const trace = join(folder.path, 'trace');
  const program = [process.execPath, at('durable-commits.ts'), join(folder.path, 'db'), 'once'];
  const calls = async (): Promise<number> => (await readFile(trace, 'utf8')).split('fdatasync(').length - 1;
  await using child = await startProcess({
    command: 'strace',
    args: ['--follow-forks', '--seccomp-bpf', '--trace=fdatasync', `--output=${trace}`, ...program],
  });
  // It ends by itself: who stops strace lets go of the program and leaves it behind.
  await waitFor('50 commits', () => child.output().includes('committed 50'), 100_000);
  expect(await child.exited).toBe(0);
  expect(await calls()).toBeGreaterThanOrEqual(50);
});

test(
  'killed at any moment, while it starts and while it checkpoints too, it has all that it acknowledged and no half',
  { timeout: 900_000 },
  async () => {
    await using folder = await temporaryFolder('killed');
    const place = join(folder.path, 'db');
    let acknowledged = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      await using child = await startProcess({
        command: process.execPath,
        args: [at('killed-commits.ts'), place, String(acknowledged)],
      });
      let ended: number | string | undefined;
      void child.exited.then((code) => (ended = code));
      const told = (): number => Number([...child.output().matchAll(/^committed ([0-9]+)$/gm)].at(-1)?.[1] ?? 0);
      // Every fifth one does not live to see its first commit.
      const commits = kill % 5 === 4 ? 0 : randomInt(1, COMMITS_MAX);
      await waitFor(
        `kill ${kill} after ${commits} commits`,
        () => ended !== undefined || commits === 0 || told() >= acknowledged + commits,
        60_000,
      );
      await child.stop('SIGKILL');
      expect([kill, await child.exited, child.output().match(/broken.*/)?.[0]]).toEqual([kill, 'SIGKILL', undefined]);
      acknowledged = Math.max(acknowledged, told());
    }
    await using last = await startProcess({
      command: process.execPath,
      args: [at('killed-commits.ts'), place, String(acknowledged)],
    });
    await waitFor('the last one to open', () => last.output().includes('opened'), 60_000);
    expect(acknowledged).toBeGreaterThan(KILLS);
  },
);

test.for([
  ['SIGTERM', true],
  ['SIGKILL', false],
] as const)('ended by %s, it has made a checkpoint of all that it committed: %s', async ([signal, isMade]) => {
  await using folder = await temporaryFolder('ended');
  const place = join(folder.path, 'db');
  await using child = await startProcess({ command: process.execPath, args: [at('service-on-folder.ts'), place] });
  const end = await waitFor('its commits', () => /^log ends at ([0-9]+)$/m.exec(child.output())?.[1], 60_000);
  await child.stop(signal);
  expect((await redoOf(place)) >= BigInt(end)).toBe(isMade);
});

test('a disk that is full refuses commits and not reads, loses nothing, and goes on when there is room', async () => {
  await using folder = await temporaryFolder('full');
  const mount = join(folder.path, 'disk');
  const [full, after] = await linesWithMounts(`mkdir ${mount}
    mount -t tmpfs -o size=170m tmpfs ${mount}
    head -c 30000000 /dev/zero > ${mount}/ballast
    exec ${process.execPath} ${at('full-disk.ts')} ${mount}/db ${mount}/ballast`);
  expect(full).toMatchObject({ refused: expect.stringMatching(/^OutageError: .*disk is full/) });
  expect(full?.['acknowledged']).toBeGreaterThan(0);
  expect(full?.['stored']).toBe(String(full?.['acknowledged']));
  expect(after).toMatchObject({ afterwards: 'committed', stored: String(Number(full?.['acknowledged']) + 1) });
});

test('a volume that has turned read-only is refused with a word, and has all of it when it is writable again', async () => {
  await using folder = await temporaryFolder('read-only');
  const mount = join(folder.path, 'disk');
  const open = `${process.execPath} ${at('open-folder.ts')} ${mount}/db`;
  const lines = await linesWithMounts(`mkdir ${mount}
    mount -t tmpfs tmpfs ${mount}
    ${open}
    mount -o remount,ro ${mount}
    ${open}
    mount -o remount,rw ${mount}
    ${open}`);
  const refused = expect.stringMatching(/^OutageError: .*db cannot be written: .*read-only file system/i);
  expect(lines).toEqual([{ opened: '1' }, { refused }, { opened: '2' }]);
});

test('the log is cut by a checkpoint when it is long, without being asked', async () => {
  await using folder = await temporaryFolder('log');
  const limits = { logBytes: 2 << 20, everyMs: 600_000, lookMs: 20, reserveBytes: 0 };
  await using database = await openPglite(join(folder.path, 'db'), limits);
  const redo = async () =>
    (await database.query('SELECT redo_lsn::text AS redo FROM pg_control_checkpoint()'))[0]?.['redo'];
  const before = await redo();
  await database.script('CREATE TABLE filled AS SELECT n, md5(n::text) AS text FROM generate_series(1, 60000) AS n');
  await waitFor('a checkpoint', async () => (await redo()) !== before);
  expect(await database.query('SELECT count(*)::int AS n FROM filled')).toEqual([{ n: 60_000 }]);
});
