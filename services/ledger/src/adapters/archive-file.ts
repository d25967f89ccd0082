import { createHash } from 'node:crypto';
import { open, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { jsonOf } from '#domain/book/canonical-json.ts';
import type { JournalRange } from '#domain/archive/archivable.ts';
import type { RangeFile } from '#application/archive-range.ts';
import type { StoredEntry } from '#application/ports.ts';

/** Twenty digits: names of files stand in the order of their entries. */
const DIGITS = 20;
const FILE_NAME = new RegExp(`^journal-([0-9]{${DIGITS}})-([0-9]{${DIGITS}})\\.jsonl$`);

/** Where a range is exported to, an entry a line. */
export function archivePath(folder: string, { firstSequence, endSequence }: JournalRange): string {
  const [first, last] = [firstSequence, endSequence - 1].map((sequence) => String(sequence).padStart(DIGITS, '0'));
  return path.join(folder, `journal-${first}-${last}.jsonl`);
}

/** A new file; it has its name once it is whole and on the disk. Left unfinished it is removed. */
export async function openArchiveFile(folder: string, range: JournalRange): Promise<RangeFile & AsyncDisposable> {
  const name = archivePath(folder, range);
  const file = await open(`${name}.part`, 'w', 0o640);
  const digest = createHash('sha256');
  let isFinished = false;
  return {
    async add(entries) {
      const lines = entries.map((entry) => `${JSON.stringify(jsonOf(entry))}\n`).join('');
      digest.update(lines);
      await file.appendFile(lines);
    },
    async finish() {
      await file.sync();
      await rename(`${name}.part`, name);
      const directory = await open(folder, 'r');
      await directory.sync();
      await directory.close();
      isFinished = true;
      return digest.digest('hex');
    },
    async [Symbol.asyncDispose]() {
      await file.close();
      if (!isFinished) await rm(`${name}.part`, { force: true });
    },
  };
}

/** The entries of a folder's files after a sequence, in order and in pages; ends where the files do. */
export async function* readArchiveFiles(
  folder: string,
  afterSequence: number,
): AsyncGenerator<StoredEntry, void, undefined> {
  const names = (await readdir(folder)).filter((name) => FILE_NAME.test(name)).toSorted();
  for (const name of names) {
    if (Number(FILE_NAME.exec(name)?.[2]) <= afterSequence) continue;
    await using file = await open(path.join(folder, name));
    for await (const line of file.readLines()) {
      const entry = entryOf(line);
      if (entry.sequence > afterSequence) yield entry;
    }
  }
}

type Written = Omit<StoredEntry, 'postings'> & {
  readonly postings: readonly Readonly<Record<'account' | 'asset' | 'delta' | 'balanceAfter', string>>[];
};

function entryOf(line: string): StoredEntry {
  const { postings, ...entry } = JSON.parse(line) as Written;
  return {
    ...entry,
    postings: postings.map(({ account, asset, delta, balanceAfter }) => ({
      account,
      asset,
      delta: BigInt(delta),
      balanceAfter: BigInt(balanceAfter),
    })),
  };
}
