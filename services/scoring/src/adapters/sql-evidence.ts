import type { Database, Row } from '@subnetes/runtime/sql';
import type { EvidenceOutcome, EvidenceStore, StoredEvidence } from '#application/evidence-store.ts';
import type { FaultType } from '#domain/faults/fault.ts';
import { count, optionalText, text } from './rows.ts';
import { readFaultRows, readTerms } from './sql-faults.ts';

/** Evidence on any PostgreSQL. Every change is a transaction, so that a leader's can be fenced. */
export function sqlEvidence(database: Database): EvidenceStore {
  return {
    faultTerms: () => readTerms(database),
    keepFaultTerms: (terms) =>
      database.transaction(async (sql) => {
        await sql.query(
          `INSERT INTO fault_terms (terms) VALUES ($1)
           ON CONFLICT (one) DO UPDATE SET terms = excluded.terms WHERE fault_terms.terms <> excluded.terms`,
          [JSON.stringify(terms)],
        );
      }),
    evidence: async (sha256) => {
      const rows = await database.query(`SELECT ${COLUMNS}, document FROM evidence WHERE sha256 = $1`, [sha256]);
      return rows.map(readStored).at(0);
    },
    evidenceEpoch: async (sha256, index) => {
      const rows = await database.query('SELECT said FROM evidence_epochs WHERE sha256 = $1 AND epoch_index = $2', [
        sha256,
        index,
      ]);
      return rows.map((row) => text(row, 'said')).at(0);
    },
    listEvidence: async (netuid, { before, limit }) => {
      const rows = await database.query(
        `SELECT ${COLUMNS} FROM evidence WHERE netuid = $1 AND ($2::bigint IS NULL OR to_epoch < $2)
         ORDER BY evidence.to_epoch DESC, evidence.sha256 LIMIT $3`,
        [netuid, before ?? null, limit],
      );
      return rows.map(readListed);
    },
    evidenceOfEpoch: async (netuid, index) => {
      const rows = await database.query(
        `SELECT ${COLUMNS}, document FROM evidence WHERE netuid = $1 AND to_epoch = $2 ORDER BY evidence.sha256`,
        [netuid, index],
      );
      return rows.map(readStored);
    },
    waitingEvidence: async (limit) => {
      const rows = await database.query(
        `SELECT ${COLUMNS}, document FROM evidence WHERE outcome IS NULL
         ORDER BY evidence.to_epoch, evidence.sha256 LIMIT $1`,
        [limit],
      );
      return rows.map(readStored);
    },
    settleEvidence: (sha256, outcome) =>
      database.transaction(async (sql) => {
        const detail = outcome.kind === 'reported' ? outcome.slashId : outcome.code;
        await sql.query('UPDATE evidence SET outcome = $2, outcome_detail = $3 WHERE sha256 = $1', [
          sha256,
          outcome.kind,
          detail,
        ]);
      }),
    reportedFaultRows: (netuid, index, rows) => readFaultRows(database, { netuid, index, rows, from: 'reports' }),
  };
}

const COLUMNS = `sha256, netuid::text, type, registration_id, hotkey, from_epoch::text, to_epoch::text, offence_block::text,
  measured::text, outcome, outcome_detail`;

function readListed(row: Row): Omit<StoredEvidence, 'document'> {
  return {
    sha256: text(row, 'sha256'),
    netuid: count(row, 'netuid'),
    type: text(row, 'type') as FaultType,
    registrationId: text(row, 'registration_id'),
    hotkey: text(row, 'hotkey'),
    fromEpoch: count(row, 'from_epoch'),
    toEpoch: count(row, 'to_epoch'),
    offenceBlock: count(row, 'offence_block'),
    measured: count(row, 'measured'),
    outcome: readOutcome(row),
  };
}

function readStored(row: Row): StoredEvidence {
  return { ...readListed(row), document: text(row, 'document') };
}

function readOutcome(row: Row): EvidenceOutcome {
  const outcome = optionalText(row, 'outcome');
  if (outcome === undefined) return { kind: 'waiting' };
  const detail = text(row, 'outcome_detail');
  return outcome === 'reported' ? { kind: 'reported', slashId: detail } : { kind: 'refused', code: detail };
}
