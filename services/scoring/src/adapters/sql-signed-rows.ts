import type { Database, Row } from '@subnetes/runtime/sql';
import type { RowEvidence, SignedRowStore } from '#application/signed-row-store.ts';
import { bytes, optionalText } from './rows.ts';

/** Evidence of rows on any PostgreSQL. */
export function sqlSignedRows(database: Database): SignedRowStore {
  return {
    evidence: async ({ netuid, index }, rows) => {
      const list = rows.map((row, at) => ({ ...row, at }));
      return (await database.query(EVIDENCE, [netuid, index, JSON.stringify(list)])).map(readEvidence);
    },
  };
}

const EVIDENCE = `SELECT r.envelope AS weights, c.envelope AS commit, b.signature AS round_signature, missed.envelope AS missed,
    before.due_sequence::text AS sealed_before, after.due_sequence::text AS sealed_after
  FROM jsonb_to_recordset($3::jsonb) AS item (at integer, "registrationId" text, "mechanismId" integer, source text, interval bigint)
  JOIN weight_rows r ON r.netuid = $1 AND r.registration_id = item."registrationId" AND r.mechanism_id = item."mechanismId"
    AND r.interval_index = item.interval AND r.source = item.source
  LEFT JOIN commits c ON c.netuid = $1 AND c.registration_id = item."registrationId" AND c.mechanism_id = item."mechanismId"
    AND c.interval_index = item.interval AND c.kind = item.source
  LEFT JOIN beacon_rounds b ON b.public_key = c.beacon::jsonb ->> 'publicKey' AND b.round = c.round
  LEFT JOIN LATERAL (
    SELECT m.envelope FROM commits m WHERE m.netuid = $1 AND m.registration_id = item."registrationId"
      AND m.mechanism_id = item."mechanismId" AND m.reveal_interval = $2 AND NOT m.revealed
    ORDER BY m.interval_index DESC LIMIT 1
  ) missed ON true
  LEFT JOIN epochs before ON before.netuid = $1 AND before.epoch_index = item.interval - 1
  LEFT JOIN epochs after ON after.netuid = $1 AND after.epoch_index = item.interval
  ORDER BY item.at`;

function readEvidence(row: Row): RowEvidence {
  return {
    weights: optionalBytes(row, 'weights'),
    commit: optionalBytes(row, 'commit'),
    roundSignature: optionalBytes(row, 'round_signature'),
    missed: optionalBytes(row, 'missed'),
    sealedBefore: Number(optionalText(row, 'sealed_before') ?? 0),
    sealedAfter: Number(optionalText(row, 'sealed_after') ?? 0),
  };
}

function optionalBytes(row: Row, column: string): Uint8Array | undefined {
  return row[column] === null ? undefined : bytes(row, column);
}
