import { type FileHandle, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { checkFailed } from './command-context.ts';
import { EXIT, Failure, usageFailure } from './failure.ts';
import type { ListedEntry } from './journal-verifier.ts';

/** As `archive` of the ledger names its files: first and last entry, in twenty digits. */
const FILE_NAME = /^journal-([0-9]{20})-([0-9]{20})\.jsonl$/;

/** Missing ranges that a message names at most. */
const NAMED_MAX = 10;

const digits = z.string().regex(/^-?[0-9]{1,40}$/);

/** What is read of a line. Anything else in it is not under the hash, and nobody's business here. */
const lineSchema = z.object({
  sequence: z.int().positive(),
  block: z.int().nonnegative(),
  kind: z.string(),
  payloadText: z.string(),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  postings: z.array(z.object({ account: z.string(), asset: z.string(), delta: digits, balanceAfter: digits })),
});

/** Entries of a journal, both ends included. */
export interface EntryRange {
  readonly first: bigint;
  readonly last: bigint;
}

interface ArchiveFile extends EntryRange {
  readonly path: string;
}

/** The files that hold entries which the ledger does not keep any more. */
export class ArchiveFiles {
  readonly #folder: string;
  readonly #files: readonly ArchiveFile[];

  private constructor(folder: string, files: readonly ArchiveFile[]) {
    this.#folder = folder;
    this.#files = files;
  }

  /** @throws Failure for a folder that cannot be read */
  static async in(folder: string): Promise<ArchiveFiles> {
    let names: readonly string[];
    try {
      names = await readdir(folder);
    } catch (error) {
      throw usageFailure(`--archives ${folder} cannot be read: ${error instanceof Error ? error.message : ''}`);
    }
    const files = names.toSorted().flatMap((name) => {
      const [, first, last] = FILE_NAME.exec(name) ?? [];
      if (first === undefined || last === undefined) return [];
      return [{ path: join(folder, name), first: BigInt(first), last: BigInt(last) }];
    });
    return new ArchiveFiles(folder, files);
  }

  /**
   * Entries of a range, in order. What they say is for the journal's own check to judge.
   * @throws Failure ARCHIVES_NEEDED before the first one where files are missing; ARCHIVE_BROKEN where a file does not hold, entry
   * by entry, what its name says
   */
  async *entries(range: EntryRange): AsyncGenerator<ListedEntry, void, undefined> {
    const missing = missingRanges(this.#files, range);
    if (missing.length > 0) throw archivesNeeded(missing, `no file in ${this.#folder} has them`);
    let next = range.first;
    for (const file of this.#files) {
      if (next > range.last) return;
      if (file.last < next) continue;
      for await (const entry of readEntries(file)) {
        // A file may have more than is archived yet, and two files may have the same entries.
        if (entry.sequence === next && next <= range.last) {
          yield entry;
          next += 1n;
        }
      }
    }
  }
}

/** Ends a verification that would have to begin in the middle. */
export function archivesNeeded(missing: readonly EntryRange[], why: string): Failure {
  const named = missing.slice(0, NAMED_MAX).map(({ first, last }) => `${first} to ${last}`);
  const others = missing.length > NAMED_MAX ? ` and ${missing.length - NAMED_MAX} more ranges` : '';
  return new Failure({
    code: 'ARCHIVES_NEEDED',
    message: `entries ${named.join(', ')}${others} are archived, and ${why}`,
    exitCode: EXIT.refused,
    remedy: 'give --archives FOLDER with the files that were exported of them, see docs/guides/backup.md',
  });
}

function missingRanges(files: readonly ArchiveFile[], range: EntryRange): readonly EntryRange[] {
  const missing: EntryRange[] = [];
  let next = range.first;
  for (const { first, last } of files) {
    if (last < next || next > range.last) continue;
    if (first > next) missing.push({ first: next, last: first - 1n < range.last ? first - 1n : range.last });
    next = last + 1n;
  }
  if (next <= range.last) missing.push({ first: next, last: range.last });
  return missing;
}

async function* readEntries({ path, first, last }: ArchiveFile): AsyncGenerator<ListedEntry, void, undefined> {
  await using file = await opened(path);
  let expected = first;
  for await (const line of file.readLines()) {
    const entry = entryOf(line);
    const at = `${path}, line ${expected - first + 1n}`;
    if (entry === undefined) throw archiveBroken(`${at} is no entry`);
    if (entry.sequence !== expected || expected > last)
      throw archiveBroken(`${at} holds entry ${entry.sequence}, where the file's name promises ${first} to ${last}`);
    yield entry;
    expected += 1n;
  }
  if (expected <= last) throw archiveBroken(`${path} ends before entry ${expected}, its name promises ${last}`);
}

async function opened(path: string): Promise<FileHandle> {
  try {
    return await open(path);
  } catch (error) {
    throw usageFailure(`${path} cannot be read: ${error instanceof Error ? error.message : ''}`);
  }
}

function archiveBroken(message: string): Failure {
  return checkFailed(
    'ARCHIVE_BROKEN',
    message,
    'take another copy of the file, with the SHA-256 that the database keeps',
  );
}

/** Undefined for a line that is none. */
function entryOf(line: string): ListedEntry | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  const parsed = lineSchema.safeParse(value);
  if (!parsed.success) return undefined;
  const { sequence, block, kind, payloadText, hash, postings } = parsed.data;
  return {
    sequence: BigInt(sequence),
    block: BigInt(block),
    kind,
    payloadJson: payloadText,
    hash: Buffer.from(hash, 'hex'),
    postings,
  };
}
