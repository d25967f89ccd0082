import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type CommandLine, openCommandLine } from './command-line.ts';
import type { Entry } from './fake-journal.ts';

/** `ledger verify` of a journal of 2503 entries whose first 2000 are in two files. */
const RANGES = [
  [1, 1000],
  [1001, 2000],
] as const;

let line: CommandLine;
let folder: string;
let first: string;
let second: string;
beforeEach(async () => {
  line = await openCommandLine();
  folder = join(line.folder, 'archives');
  mkdirSync(folder);
  const archived = line.market.archive(2000);
  [first, second] = RANGES.map((range) => fileOf(range, archived)) as [string, string];
});
afterEach(() => line[Symbol.asyncDispose]());

function nameOf(range: readonly [number, number]): string {
  return `journal-${range.map((sequence) => String(sequence).padStart(20, '0')).join('-')}.jsonl`;
}

/** As the ledger writes it: what is hashed, and two members more. */
function fileOf(range: readonly [number, number], archived: readonly Entry[]): string {
  const lines = archived.slice(range[0] - 1, range[1]).map(({ sequence, block, hash, payloadJson, ...entry }) =>
    JSON.stringify({
      ...entry,
      sequence: Number(sequence),
      block: Number(block),
      payloadText: payloadJson,
      hash: hash.toString('hex'),
      previousEventSequence: 0,
      eventAddress: 'block',
    }),
  );
  const file = join(folder, nameOf(range));
  writeFileSync(file, lines.map((each) => `${each}\n`).join(''));
  return file;
}

const verify = (...args: readonly string[]) => line.run('ledger', 'verify', ...args);

/** Changes what the file says. */
function edit(file: string, change: (lines: readonly string[]) => readonly string[]): void {
  const lines = change(readFileSync(file, 'utf8').trimEnd().split('\n'));
  writeFileSync(file, lines.map((each) => `${each}\n`).join(''));
}

type Edit = Parameters<typeof edit>[1];

test('with the files the journal is followed from its first entry, and has the root that was signed', async () => {
  const told = await verify('--archives', folder, '--log-key', line.market.logKey);
  expect(told).toMatchObject({ exitCode: 0 });
  expect(told.out).toContain('2503, followed from the first');
  expect(told.out).toContain('2000 of them, out of files');
  expect(told.out).toContain('the tree of 2503 entries has the signed root');
  expect((await verify('--archives', folder, '--json')).json()).toMatchObject({
    ok: true,
    entries: 2503,
    archivedEntries: 2000,
    issuedRao: '2600000000000',
  });
});

test('other files in the folder, and entries that the ledger keeps as well, make no difference', async () => {
  writeFileSync(join(folder, 'journal-1.jsonl'), 'nothing');
  writeFileSync(join(folder, `${nameOf([2001, 3000])}.part`), 'half of it');
  line.market.archive(1500);
  expect((await verify('--archives', folder, '--json')).json()).toMatchObject({ ok: true, archivedEntries: 1500 });
});

test.for([
  ['no folder', () => {}, [], 'entries 1 to 2000 are archived, and the ledger does not keep them any more'],
  ['an absent file', () => rmSync(second), ['--archives'], 'entries 1001 to 2000 are archived, and no file in'],
  ['an absent first file', () => rmSync(first), ['--archives'], 'entries 1 to 1000 are archived, and no file in'],
] as const)('%s is asked for by what it has to hold', async ([, spoil, flags, message]) => {
  spoil();
  const told = await verify(...flags.flatMap((flag) => [flag, folder]));
  expect(told).toMatchObject({ exitCode: 2 });
  expect(told.err).toContain(message);
  expect(told.err).toContain('ARCHIVES_NEEDED');
  expect(told.err).toContain('--archives FOLDER');
});

test('a folder that is not there is a wrong command line', async () => {
  expect(await verify('--archives', join(folder, 'none'))).toMatchObject({ exitCode: 64 });
});

test.for([
  ['an amount', (text: string) => text.replace('"delta":"1000000000"', '"delta":"1000000001"'), 'UNBALANCED'],
  ['a block', (text: string) => text.replace(/"block":[0-9]+/, '"block":7'), 'HASH_MISMATCH'],
  ['a payload', (text: string) => text.replace('number', 'member'), 'HASH_MISMATCH'],
  ['a hash', (text: string) => text.replace(/"hash":"[0-9a-f]{8}/, '"hash":"00000000'), 'HASH_MISMATCH'],
] as const)('%s that was changed in a file is found at its entry', async ([, change, code]) => {
  edit(second, (lines) => lines.with(700, change(lines[700] ?? '')));
  const told = await verify('--archives', folder);
  expect(told).toMatchObject({ exitCode: 1 });
  expect(told.out).toMatch(new RegExp(`✘ entry 1701: .*\\(${code}\\)`));
});

test.for<readonly [string, Edit, string]>([
  ['a line that is no entry', (lines) => lines.with(4, '{}'), 'line 5 is no entry'],
  ['a line that is no JSON', (lines) => lines.with(4, '{"sequence":'), 'line 5 is no entry'],
  ['a removed line', (lines) => lines.toSpliced(4, 1), 'line 5 holds entry 1006, where the file'],
  ['a cut end', (lines) => lines.slice(0, -1), 'ends before entry 2000'],
  ['a line too many', (lines) => [...lines, ...lines.slice(0, 1)], 'line 1001 holds entry 1001'],
  ['two lines in the other order', ([one = '', two = '', ...lines]) => [two, one, ...lines], 'line 1 holds entry 1002'],
])('%s is found', async ([, spoil, message]) => {
  edit(second, spoil);
  const told = await verify('--archives', folder);
  expect(told).toMatchObject({ exitCode: 1 });
  expect(told.err).toContain(message);
  expect(told.err).toContain('ARCHIVE_BROKEN');
});

test('two files that were exchanged are found, and one of another range under a name that fits as well', async () => {
  const aside = join(line.folder, 'aside');
  renameSync(first, aside);
  renameSync(second, first);
  renameSync(aside, second);
  const told = await verify('--archives', folder);
  expect(told).toMatchObject({ exitCode: 1 });
  expect(told.err).toContain('line 1 holds entry 1001, where the file');
  copyFileSync(second, first);
  expect((await verify('--archives', folder)).err).toContain('line 1 holds entry 1, where the file');
});

test('a file of another journal with the same numbers does not fit', async () => {
  // Whether its own hashes are whole or not: what stands before it, and the root, tell.
  edit(second, (lines) => lines.map((text) => text.replace(/"hash":"[0-9a-f]{8}/, '"hash":"00000000')));
  const told = await verify('--archives', folder);
  expect(told).toMatchObject({ exitCode: 1 });
  expect(told.out).toContain('✘ entry 1001:');
  expect(told.out).toContain('CHECKPOINT_BROKEN');
});
