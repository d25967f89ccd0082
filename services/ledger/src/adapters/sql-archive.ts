import type { Sql as RuntimeSql } from '@subnetes/runtime/sql';
import type { JournalHead } from '#domain/book/journal.ts';
import { Archived } from '#application/ports.ts';
import { field } from './sql.ts';

type Sql = Pick<RuntimeSql, 'query'>;

/** Entries of a range, where nobody says otherwise: some four gigabytes with their indexes. */
export const RANGE_ENTRIES = 10_000_000;

/** The last archived entry. */
export async function readArchive(sql: Sql): Promise<JournalHead> {
  const rows = await sql.query('SELECT sequence::text AS sequence, hash FROM journal_archive');
  return { sequence: Number(field(rows[0], 'sequence')), hash: field(rows[0], 'hash') };
}

/**
 * What a read says that has found nothing or began further back: its range may be gone. Asked after the read, since a range that
 * is detached before it is empty.
 */
export async function assertKept(sql: Sql, afterSequence: number): Promise<void> {
  const archive = await readArchive(sql);
  if (afterSequence < archive.sequence) throw new Archived(archive);
}

export async function readGenesisText(sql: Sql): Promise<string | undefined> {
  const [row] = await sql.query(
    `SELECT coalesce((SELECT genesis_payload FROM journal_archive), (SELECT payload FROM entries WHERE sequence = 1))
       AS payload`,
  );
  return row?.['payload'] === null ? undefined : field(row, 'payload');
}

/** Makes ranges for entries until that one; answers the end of the last range. */
export async function addRanges(sql: Sql, untilSequence: number, rangeEntries: number): Promise<number> {
  const rows = await sql.query('SELECT add_journal_ranges($1::bigint, $2::bigint)::text AS room_end', [
    String(untilSequence),
    String(rangeEntries),
  ]);
  return Number(field(rows[0], 'room_end'));
}

/**
 * At a take-over: what accounts have held is recorded by this version from here on. Where the writer before was one that did the
 * same, it goes on; else what is held now is where it begins.
 */
export async function continueHeldHistory(sql: Sql, epoch: string): Promise<void> {
  const continued = await sql.query(
    'UPDATE held_history SET writer_epoch = $1::bigint WHERE writer_epoch = $1::bigint - 1 RETURNING writer_epoch::text AS epoch',
    [epoch],
  );
  if (continued.length > 0) return;
  await sql.query(`UPDATE held_history SET writer_epoch = $1::bigint, since_sequence = last_sequence FROM writer`, [
    epoch,
  ]);
  await sql.query(
    `INSERT INTO held_changes (sequence, account, asset, held_after)
     SELECT last_sequence, id, asset, held FROM writer, accounts WHERE held > 0 AND last_sequence > 0
     ON CONFLICT (sequence, account, asset) DO UPDATE SET held_after = excluded.held_after`,
  );
}
