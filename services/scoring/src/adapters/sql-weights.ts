import type { LockedCommit, Store, SubnetTransaction } from '#application/ports.ts';
import type { StoredCommit } from '#domain/commit.ts';
import { saidFaults } from '#domain/faults/fault.ts';
import type { Beacon } from '#domain/policy.ts';
import type { CountedRow, RowSource } from '#domain/weights.ts';
import type { Database, Row, Sql } from '@subnetes/runtime/sql';
import { bytes, count, flag, optionalText, text } from './rows.ts';

export const COMMIT_COLUMNS = `c.netuid::text, c.mechanism_id::text, c.registration_id, c.interval_index::text, c.reveal_interval::text,
  c.kind, c.hash, c.block::text, c.revealed, c.round::text, c.beacon, c.failure`;

type WeightsPart = Pick<SubnetTransaction, 'putBatch' | 'commitsSince' | 'failCommits' | 'emptyRows' | 'rowsInForce'>;

/**
 * Commits and rows of one subnet. Many are written as one statement from a JSON list: a batch must not cost a round trip an
 * item while the subnet's lock is held.
 */
export function weightsPart(sql: Sql, netuid: number): WeightsPart {
  return {
    putBatch: async ({ commits, rows, sequences }) => {
      if (commits.length > 0) await sql.query(INSERT_COMMITS, [netuid, JSON.stringify(commits.map(commitRecord))]);
      if (rows.length > 0) {
        const list = JSON.stringify(rows.map(rowRecord));
        for (const statement of [INSERT_ROWS, MARK_REVEALED, PUT_IN_FORCE]) await sql.query(statement, [netuid, list]);
      }
      if (sequences.length > 0) {
        const list = sequences.map((each) => ({ ...each, sequence: each.sequence.toString() }));
        await sql.query(RAISE_SEQUENCES, [netuid, JSON.stringify(list)]);
      }
    },
    commitsSince: async (interval) => {
      const rows = await sql.query(
        `SELECT ${COMMIT_COLUMNS} FROM commits c WHERE c.netuid = $1 AND c.reveal_interval >= $2
         ORDER BY c.registration_id, c.mechanism_id, c.interval_index`,
        [netuid, interval],
      );
      return rows.map(readCommit);
    },
    failCommits: async (failed) => {
      if (failed.length === 0) return;
      const list = failed.map(({ key, code }) => ({ ...keyRecord(key), interval_index: key.interval, code }));
      await sql.query(FAIL_COMMITS, [netuid, JSON.stringify(list)]);
    },
    emptyRows: async (keys) => {
      if (keys.length > 0) await sql.query(EMPTY_ROWS, [netuid, JSON.stringify(keys.map(keyRecord))]);
    },
    rowsInForce: async () => {
      const rows = await sql.query(
        `SELECT r.registration_id, r.mechanism_id::text, r.interval_index::text, r.source, least(r.block, e.block)::text AS block,
           r.uid::text, coalesce(r.envelope_sequence, c.envelope_sequence)::text AS sequence,
           CASE WHEN f.emptied THEN '[]' ELSE r.weights END AS weights
         FROM rows_in_force f
         JOIN weight_rows r USING (netuid, registration_id, mechanism_id, interval_index, source)
         JOIN registrations n USING (netuid, registration_id)
         LEFT JOIN commits c USING (netuid, registration_id, mechanism_id, interval_index)
         LEFT JOIN epochs e ON e.netuid = f.netuid AND e.epoch_index = f.interval_index -- which sealed the row's interval
         WHERE f.netuid = $1 AND NOT n.ended ORDER BY r.registration_id, r.mechanism_id`,
        [netuid],
      );
      return rows.map(readRow);
    },
  };
}

const INSERT_COMMITS = `INSERT INTO commits (netuid, mechanism_id, registration_id, interval_index, reveal_interval, kind, hash, block,
    revealed, round, beacon, envelope_sequence, envelope)
  SELECT $1, mechanism_id, registration_id, interval_index, reveal_interval, kind, hash, block, false, round, beacon,
    sequence, decode(envelope, 'base64')
  FROM jsonb_to_recordset($2::jsonb) AS item (mechanism_id integer, registration_id text, interval_index bigint,
    reveal_interval bigint, kind text, hash text, block bigint, round bigint, beacon text, sequence numeric, envelope text)`;

const ROW_ITEM = `jsonb_to_recordset($2::jsonb) AS item (mechanism_id integer, registration_id text, interval_index bigint, source text,
    block bigint, uid integer, weights text, report text, faults text, hash text, sequence numeric, envelope text)`;

/** A row in the open takes the place of one of the same interval: no epoch has counted that. */
const INSERT_ROWS = `INSERT INTO weight_rows (netuid, mechanism_id, registration_id, interval_index, source, block, uid, weights, report, faults,
    hash, envelope_sequence, envelope)
  SELECT $1, mechanism_id, registration_id, interval_index, source, block, uid, weights, report, faults, hash, sequence,
    decode(envelope, 'base64') FROM ${ROW_ITEM}
  ON CONFLICT (netuid, registration_id, mechanism_id, interval_index, source) DO UPDATE SET block = excluded.block,
    weights = excluded.weights, report = excluded.report, faults = excluded.faults, hash = excluded.hash,
    envelope_sequence = excluded.envelope_sequence, envelope = excluded.envelope
  WHERE weight_rows.source = 'Open'`;

const MARK_REVEALED = `UPDATE commits c SET revealed = true FROM ${ROW_ITEM}
  WHERE c.netuid = $1 AND c.registration_id = item.registration_id AND c.mechanism_id = item.mechanism_id
    AND c.interval_index = item.interval_index AND c.kind = item.source`;

/** The newest row by the block that it was decided on counts; several of one list are put in their order. */
const PUT_IN_FORCE = `INSERT INTO rows_in_force AS f (netuid, registration_id, mechanism_id, interval_index, source, block, emptied)
  SELECT DISTINCT ON (registration_id, mechanism_id) $1::integer, registration_id, mechanism_id, interval_index, source, block, false
  FROM ${ROW_ITEM} ORDER BY registration_id, mechanism_id, block DESC, interval_index DESC
  ON CONFLICT (netuid, registration_id, mechanism_id) DO UPDATE SET interval_index = excluded.interval_index,
    source = excluded.source, block = excluded.block, emptied = false
  WHERE (f.block, f.interval_index) <= (excluded.block, excluded.interval_index)`;

const RAISE_SEQUENCES = `INSERT INTO envelope_sequences AS s (netuid, registration_id, kind, sequence)
  SELECT $1, "registrationId", kind, sequence
  FROM jsonb_to_recordset($2::jsonb) AS item ("registrationId" text, kind text, sequence numeric)
  ON CONFLICT (netuid, registration_id, kind) DO UPDATE SET sequence = greatest(s.sequence, excluded.sequence)`;

const FAIL_COMMITS = `UPDATE commits c SET failure = item.code
  FROM jsonb_to_recordset($2::jsonb) AS item (registration_id text, mechanism_id integer, interval_index bigint, code text)
  WHERE c.netuid = $1 AND c.registration_id = item.registration_id AND c.mechanism_id = item.mechanism_id
    AND c.interval_index = item.interval_index AND NOT c.revealed`;

const EMPTY_ROWS = `UPDATE rows_in_force f SET emptied = true
  FROM jsonb_to_recordset($2::jsonb) AS item (registration_id text, mechanism_id integer)
  WHERE f.netuid = $1 AND f.registration_id = item.registration_id AND f.mechanism_id = item.mechanism_id`;

type AcceptedBatch = Parameters<SubnetTransaction['putBatch']>[0];

function commitRecord({ commit, evidence }: AcceptedBatch['commits'][number]) {
  return {
    ...keyRecord(commit),
    interval_index: commit.interval,
    reveal_interval: commit.revealInterval,
    kind: commit.kind,
    hash: commit.hash,
    block: commit.block,
    round: commit.opensAt?.round ?? null,
    beacon: commit.opensAt === undefined ? null : JSON.stringify(commit.opensAt.beacon),
    sequence: evidence.sequence.toString(),
    envelope: Buffer.from(evidence.envelope).toString('base64'),
  };
}

function rowRecord({ row, hash, evidence }: AcceptedBatch['rows'][number]) {
  return {
    ...keyRecord(row),
    interval_index: row.interval,
    source: row.source,
    block: row.block,
    uid: row.uid,
    weights: JSON.stringify(row.weights),
    report: JSON.stringify(row.report),
    faults: JSON.stringify(saidFaults(row.report.miners)),
    hash,
    sequence: evidence?.sequence.toString() ?? null,
    envelope: evidence === undefined ? null : Buffer.from(evidence.envelope).toString('base64'),
  };
}

function keyRecord(key: { readonly registrationId: string; readonly mechanismId: number }) {
  return { registration_id: key.registrationId, mechanism_id: key.mechanismId };
}

export function readCommit(row: Row): StoredCommit {
  const [round, beacon] = [optionalText(row, 'round'), optionalText(row, 'beacon')];
  return {
    netuid: count(row, 'netuid'),
    mechanismId: count(row, 'mechanism_id'),
    registrationId: text(row, 'registration_id'),
    interval: count(row, 'interval_index'),
    revealInterval: count(row, 'reveal_interval'),
    kind: text(row, 'kind') as StoredCommit['kind'],
    hash: text(row, 'hash'),
    block: count(row, 'block'),
    revealed: flag(row, 'revealed'),
    opensAt:
      round === undefined || beacon === undefined
        ? undefined
        : { round: Number(round), beacon: JSON.parse(beacon) as Beacon },
    failure: optionalText(row, 'failure'),
  };
}

function readRow(row: Row): CountedRow {
  return {
    registrationId: text(row, 'registration_id'),
    mechanismId: count(row, 'mechanism_id'),
    source: text(row, 'source') as RowSource,
    interval: count(row, 'interval_index'),
    block: count(row, 'block'),
    uid: count(row, 'uid'),
    sequence: BigInt(text(row, 'sequence')),
    weights: JSON.parse(text(row, 'weights')) as CountedRow['weights'],
  };
}

/** What opening time-locked commits needs, outside of any transaction. */
export function lockedPart(database: Database): Pick<Store, 'lockedCommits' | 'roundSignature' | 'keepRound'> {
  return {
    lockedCommits: async (limit, netuid) => {
      const rows = await database.query(
        `SELECT ${COMMIT_COLUMNS}, c.envelope FROM commits c
         JOIN subnets s ON s.netuid = c.netuid AND s.interval_index = c.reveal_interval
         WHERE c.kind = 'Timelock' AND NOT c.revealed AND c.failure IS NULL AND ($2::integer IS NULL OR c.netuid = $2)
         ORDER BY c.round, c.netuid, c.registration_id, c.mechanism_id LIMIT $1`,
        [limit, netuid ?? null],
      );
      return rows.flatMap(readLocked);
    },
    roundSignature: async ({ publicKey }, round) => {
      const rows = await database.query('SELECT signature FROM beacon_rounds WHERE public_key = $1 AND round = $2', [
        publicKey,
        round,
      ]);
      return rows.map((row) => bytes(row, 'signature')).at(0);
    },
    keepRound: ({ publicKey }, round, signature) =>
      database.transaction(async (sql) => {
        await sql.query(
          'INSERT INTO beacon_rounds (public_key, round, signature) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
          [publicKey, round, signature],
        );
      }),
  };
}

function readLocked(row: Row): LockedCommit[] {
  const commit = readCommit(row);
  return commit.opensAt === undefined ? [] : [{ commit, ...commit.opensAt, envelope: bytes(row, 'envelope') }];
}
