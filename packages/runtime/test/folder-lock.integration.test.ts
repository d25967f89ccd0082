import { readFile, readdir, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder, waitFor } from '@subnetes/testkit/processes';
import { expect, test } from 'vitest';
import { lockFolder } from '../src/folder-lock.ts';

const ELSEWHERE = '7 12345 another-boot/pid:[1]';

async function seenBefore(path: string, seconds: number): Promise<void> {
  const then = new Date(Date.now() - seconds * 1000);
  await utimes(path, then, then);
}

test('one holds a folder, whoever else asks is refused, and the next one gets it', async () => {
  await using folder = await temporaryFolder('lock');
  const first = await lockFolder(folder.path);
  await expect(lockFolder(folder.path)).rejects.toThrow(/is open in process/);
  await first[Symbol.asyncDispose]();
  await using _second = await lockFolder(folder.path);
  expect(await readdir(folder.path)).toEqual(['subnetes.lock']);
});

test.for([
  ['a dead process', async (): Promise<string> => `4194304 12345 ${await placeText()}`],
  ['a pid that another program has now', async (): Promise<string> => `1 12345 ${await placeText()}`],
  ['an earlier version', async (): Promise<string> => '4194304 12345'],
] as const)('the lock of %s is taken over at once', async ([, text]) => {
  await using folder = await temporaryFolder('stale');
  const path = join(folder.path, 'subnetes.lock');
  await writeFile(path, await text());
  await using _lock = await lockFolder(folder.path);
  const files = await readdir(folder.path);
  expect(files).toHaveLength(1);
  expect(await readFile(join(folder.path, files[0] ?? ''), 'utf8')).toMatch(new RegExp(`^${process.pid} `));
});

/** What this machine calls itself in a lock. */
async function placeText(): Promise<string> {
  await using folder = await temporaryFolder('place');
  await using _lock = await lockFolder(folder.path);
  return (await readFile(join(folder.path, 'subnetes.lock'), 'utf8')).split(' ')[2] ?? '';
}

test('a holder in another pod counts as alive while it shows itself, and as dead after half a minute', async () => {
  await using folder = await temporaryFolder('elsewhere');
  const path = join(folder.path, 'subnetes.lock');
  await writeFile(path, ELSEWHERE);
  await seenBefore(path, 5);
  await expect(lockFolder(folder.path)).rejects.toThrow(/showed itself ([5-9]|1\d) s ago/);
  await seenBefore(path, 31);
  await using _lock = await lockFolder(folder.path);
});

test('a holder shows itself all the time', async () => {
  await using folder = await temporaryFolder('shows');
  await using _lock = await lockFolder(folder.path);
  const path = join(folder.path, 'subnetes.lock');
  await seenBefore(path, 600);
  const shown = await waitFor('a sign of life', async () => {
    const { mtimeMs } = await stat(path);
    return Date.now() - mtimeMs < 60_000 && mtimeMs;
  });
  expect(shown).toBeGreaterThan(0);
});

test('of many that find the same stale lock one gets it', async () => {
  await using folder = await temporaryFolder('race');
  for (let round = 0; round < 200; round += 1) {
    await writeFile(join(folder.path, 'subnetes.lock'), '4194304 12345');
    const outcomes = await Promise.allSettled(Array.from({ length: 12 }, () => lockFolder(folder.path)));
    const taken = outcomes.filter((outcome) => outcome.status === 'fulfilled');
    expect(taken).toHaveLength(1);
    await taken[0]?.value[Symbol.asyncDispose]();
    expect(await readdir(folder.path)).toEqual([]);
  }
});
