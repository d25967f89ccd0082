import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hashFolder } from '#image-build.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'subnetes-hash-'));
  await mkdir(join(folder, 'src'));
  await writeFile(join(folder, 'src', 'a.ts'), 'a');
  await writeFile(join(folder, 'src', 'b.ts'), 'b');
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

test.for([
  ['a content', async () => writeFile(join(folder, 'src', 'a.ts'), 'A')],
  ['a new file', async () => writeFile(join(folder, 'src', 'c.ts'), '')],
  ['a new link', async () => symlink('a.ts', join(folder, 'src', 'c.ts'))],
  ['a file that is gone', async () => rm(join(folder, 'src', 'b.ts'))],
  [
    'contents that change places',
    async () => {
      await writeFile(join(folder, 'src', 'a.ts'), 'b');
      await writeFile(join(folder, 'src', 'b.ts'), 'a');
    },
  ],
] as const)('the hash of a folder changes with %s', async ([, change]) => {
  const before = await hashFolder(folder);
  expect(await hashFolder(folder)).toBe(before);
  await change();
  expect(await hashFolder(folder)).not.toBe(before);
});

test('what is left out does not count, nor what lies below it', async () => {
  const keep = (path: string): boolean => path !== 'src/test';
  const before = await hashFolder(folder, keep);
  await mkdir(join(folder, 'src', 'test'));
  await writeFile(join(folder, 'src', 'test', 'c.ts'), 'c');
  expect(await hashFolder(folder, keep)).toBe(before);
  expect(await hashFolder(folder)).not.toBe(before);
});
