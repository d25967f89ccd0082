import { openDatabase } from '@subnetes/runtime/postgres';
import { runService } from '@subnetes/runtime/run-service';
import { archivePath, openArchiveFile } from '#adapters/archive-file.ts';
import { sqlRangeArchive } from '#adapters/sql-range-archive.ts';
import { archiveOldestRange } from '#application/archive-range.ts';
import { ledgerHashes } from '#application/open-ledger.ts';
import { readArchiveOptions } from './archive-options.ts';

const EXIT_REFUSED = 1;
/** A range is read in pages; what its accounts have held is one statement over all of it. */
const STATEMENT_MS_MAX = 600_000;

const { chain } = ledgerHashes(() => {
  throw new Error('an archive computes no registrations');
});

await runService('ledger-archive', async () => {
  const { folder, database } = readArchiveOptions(process.argv.slice(3), process.env);
  await using opened = await openDatabase({
    ...database,
    applicationName: 'subnetes-ledger-archive',
    poolMax: 2,
    statementTimeoutMs: STATEMENT_MS_MAX,
  });
  const outcome = await archiveOldestRange({
    store: sqlRangeArchive(opened),
    chainHash: chain,
    openFile: (range) => openArchiveFile(folder, range),
  });
  if (!outcome.ok) {
    process.stderr.write(`${outcome.reason}\n`);
    process.exit(EXIT_REFUSED);
  }
  const { number, firstSequence, endSequence, exportSha256 } = outcome.archived;
  process.stdout.write(
    `entries ${firstSequence} to ${endSequence - 1} are in ${archivePath(folder, outcome.archived)}, SHA-256 ${exportSha256}\n` +
      `their tables entries_${number}, postings_${number} and held_changes_${number} are detached: drop them when the file is kept\n`,
  );
});
