import { appendFileSync, mkdtempSync, readdirSync, rmSync, truncateSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SpoolFile } from './spool-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'spool-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const text = (value: string): Uint8Array => new Uint8Array(Buffer.from(value));
const textsOf = (records: readonly { readonly bytes: Uint8Array }[]) =>
  records.map(({ bytes }) => Buffer.from(bytes).toString());

test('what was appended is there for the next process, in order, until it is done', () => {
  const first = SpoolFile.open(folder);
  for (const value of ['one', 'two', 'three']) first.spool.append(text(value));
  first.spool[Symbol.dispose]();
  const second = SpoolFile.open(folder);
  expect(textsOf(second.left)).toEqual(['one', 'two', 'three']);
  second.left[0]?.done();
  second.left[1]?.done();
  expect(textsOf(SpoolFile.open(folder).left)).toEqual(['one', 'two', 'three']);
  second.left[2]?.done();
  expect(readdirSync(folder)).toEqual([]);
});

test('a torn or damaged end is cut off, and what stands before it stays', () => {
  const { spool } = SpoolFile.open(folder);
  for (const value of ['one', 'two']) spool.append(text(value));
  spool[Symbol.dispose]();
  const path = join(folder, readdirSync(folder)[0]!);
  truncateSync(path, statSync(path).size - 1);
  expect(textsOf(SpoolFile.open(folder).left)).toEqual(['one']);
  appendFileSync(path, 'garbage');
  expect(textsOf(SpoolFile.open(folder).left)).toEqual(['one']);
});

test('segments that are done go while the log grows', () => {
  const { spool } = SpoolFile.open(folder);
  for (let record = 0; record < 40; record += 1) spool.append(new Uint8Array(100_000)).done();
  expect(readdirSync(folder)).toHaveLength(1);
  expect(spool.bytes).toBeLessThan(1_200_000);
  expect(() => spool.append(new Uint8Array(2_000_000))).toThrow(RangeError);
  spool[Symbol.dispose]();
});
