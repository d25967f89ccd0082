import type { Row, Sql } from '@subnetes/runtime/sql';
import type { FaultRun, FaultTerms, FaultTransaction } from '#application/evidence-store.ts';
import { faultyEpochFromText, faultyEpochToText, type RunEpoch } from '#domain/faults/evidence.ts';
import { type FaultRow, type FaultRowName, type SaidFault, saidFaults } from '#domain/faults/fault.ts';
import type { Report } from '#domain/report.ts';
import type { RowSource } from '#domain/weights.ts';
import { count, text } from './rows.ts';

/** Faults of one subnet, within the transaction that scores its epoch. */
export function faultsPart(sql: Sql, netuid: number): FaultTransaction {
  return {
    faultTerms: () => readTerms(sql),
    faultRows: (index, rows) => readFaultRows(sql, { netuid, index, rows, from: 'rows' }),
    continueRuns: async ({ type, index, epochs }, measured) => {
      const ids = measured.map(({ registrationId }) => registrationId);
      await sql.query(END_RUNS, [netuid, type, ids, index, index - epochs]);
      const list = measured.map(({ registrationId, epoch }) => ({
        registration_id: registrationId,
        faults: epoch.count,
        said: faultyEpochToText(epoch),
      }));
      if (list.length > 0) await sql.query(ADD_EPOCHS, [netuid, type, index, JSON.stringify(list)]);
      const runs = await sql.query(
        `SELECT registration_id, count(*)::text AS epochs, sum(faults)::text AS total FROM fault_epochs
         WHERE netuid = $1 AND type = $2 GROUP BY registration_id ORDER BY registration_id`,
        [netuid, type],
      );
      return runs.map(readRun);
    },
    run: async (type, registrationId) => {
      const rows = await sql.query(RUN, [netuid, type, registrationId]);
      const [first] = rows;
      return {
        offenceBlock: first === undefined ? 0 : faultyEpochFromText(text(first, 'said')).block,
        epochs: rows.map(readRunEpoch),
      };
    },
    putEvidence: async ({ type, registrationId, ...evidence }) => {
      await sql.query(
        `INSERT INTO evidence (sha256, netuid, type, registration_id, hotkey, from_epoch, to_epoch, offence_block, measured, document)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
        [
          evidence.sha256,
          netuid,
          type,
          registrationId,
          evidence.hotkey,
          evidence.fromEpoch,
          evidence.toEpoch,
          evidence.offenceBlock,
          evidence.measured,
          evidence.document,
        ],
      );
      await sql.query(
        `INSERT INTO evidence_epochs (sha256, epoch_index, said) SELECT $4, f.epoch_index, f.said FROM fault_epochs f
         WHERE f.netuid = $1 AND f.type = $2 AND f.registration_id = $3`,
        [netuid, type, registrationId, evidence.sha256],
      );
      await sql.query('DELETE FROM fault_epochs WHERE netuid = $1 AND type = $2 AND registration_id = $3', [
        netuid,
        type,
        registrationId,
      ]);
    },
  };
}

export async function readTerms(sql: Sql): Promise<FaultTerms | undefined> {
  const rows = await sql.query('SELECT terms FROM fault_terms');
  return rows.map((row) => JSON.parse(text(row, 'terms')) as FaultTerms).at(0);
}

/** Of who had no fault now, or none in the epoch before, which may have been scored where nobody measured. */
const END_RUNS = `DELETE FROM fault_epochs f WHERE f.netuid = $1 AND f.type = $2 AND (f.epoch_index <= $5
    OR NOT f.registration_id = ANY($3::text[])
    OR NOT EXISTS (SELECT 1 FROM fault_epochs b WHERE b.netuid = $1 AND b.type = $2
      AND b.registration_id = f.registration_id AND b.epoch_index = $4::bigint - 1))`;

const ADD_EPOCHS = `INSERT INTO fault_epochs (netuid, type, registration_id, epoch_index, faults, said)
  SELECT $1, $2, registration_id, $3, faults, said
  FROM jsonb_to_recordset($4::jsonb) AS item (registration_id text, faults bigint, said text)`;

/** Hashed there: of a long run all texts together are more than this process should hold. The first tells when it began. */
const RUN = `SELECT f.epoch_index::text AS index, f.faults::text, encode(sha256(convert_to(f.said, 'UTF8')), 'hex') AS sha256,
    CASE WHEN row_number() OVER (ORDER BY f.epoch_index) = 1 THEN f.said END AS said
  FROM fault_epochs f WHERE f.netuid = $1 AND f.type = $2 AND f.registration_id = $3 ORDER BY f.epoch_index`;

function readRunEpoch(row: Row): RunEpoch {
  return { index: count(row, 'index'), count: count(row, 'faults'), sha256: text(row, 'sha256') };
}

function readRun(row: Row): FaultRun {
  return {
    registrationId: text(row, 'registration_id'),
    epochs: count(row, 'epochs'),
    total: count(row, 'total'),
  };
}

/**
 * Of the given rows those that the epoch is the first to count: revealed or opened in its interval, or set in the open in it. What
 * is in force from before was counted before.
 */
export async function readFaultRows(
  sql: Sql,
  wanted: {
    readonly netuid: number;
    readonly index: number;
    readonly rows: readonly FaultRowName[];
    /** `rows`: as it was taken out of each report when the row was taken; `reports`: out of the reports. */
    readonly from: 'rows' | 'reports';
  },
): Promise<readonly FaultRow[]> {
  const { netuid, index, from } = wanted;
  if (wanted.rows.length === 0) return [];
  const column = from === 'rows' ? 'faults' : 'report';
  const rows = await sql.query(
    `SELECT item.uid::text, item.mechanism::text, item.source, item.interval::text, item.sequence, r.${column} AS said
     FROM jsonb_to_recordset($3::jsonb) AS item (at integer, registration text, uid integer, mechanism integer, source text,
       interval bigint, sequence text)
     JOIN weight_rows r ON r.netuid = $1 AND r.registration_id = item.registration AND r.mechanism_id = item.mechanism
       AND r.interval_index = item.interval AND r.source = item.source
     LEFT JOIN commits c ON c.netuid = $1 AND c.registration_id = item.registration AND c.mechanism_id = item.mechanism
       AND c.interval_index = item.interval AND c.kind = item.source
     WHERE CASE WHEN item.source = 'Open' THEN item.interval = $2 ELSE c.reveal_interval = $2 END
       ${from === 'rows' ? "AND r.faults <> '[]'" : ''}
     ORDER BY item.at`,
    [
      netuid,
      index,
      JSON.stringify(
        wanted.rows.map((row, at) => ({
          at,
          registration: row.registrationId,
          uid: row.validatorUid,
          mechanism: row.mechanismId,
          source: row.source,
          interval: row.interval,
          sequence: row.sequence,
        })),
      ),
    ],
  );
  return rows.map((row) => readFaultRow(row, from));
}

function readFaultRow(row: Row, from: 'rows' | 'reports'): FaultRow {
  const said = JSON.parse(text(row, 'said')) as unknown;
  return {
    validatorUid: count(row, 'uid'),
    mechanismId: count(row, 'mechanism'),
    source: text(row, 'source') as RowSource,
    interval: count(row, 'interval'),
    sequence: text(row, 'sequence'),
    faults: from === 'rows' ? (said as readonly SaidFault[]) : saidFaults((said as Report).miners),
  };
}
