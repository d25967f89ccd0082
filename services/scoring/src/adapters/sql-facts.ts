import {
  commitName,
  rowName,
  sequenceName,
  type CommitKey,
  type EnvelopeKind,
  type SubmissionFacts,
} from '#application/ports.ts';
import type { StoredCommit } from '#domain/commit.ts';
import { ROOT_NETUID } from '#domain/root-network.ts';
import type { Registration } from '#domain/sender.ts';
import type { RowHead } from '#domain/set-weights.ts';
import type { RowSource } from '#domain/weights.ts';
import type { Row, Sql } from '@subnetes/runtime/sql';
import { count, flag, optionalText, text } from './rows.ts';
import { readSubnet } from './sql-position.ts';
import { COMMIT_COLUMNS, readCommit } from './sql-weights.ts';

/** Reads at once all that a batch of submissions is judged by. */
export async function readFacts(
  sql: Sql,
  netuid: number,
  wanted: { readonly registrationIds: readonly string[]; readonly commits: readonly CommitKey[] },
): Promise<SubmissionFacts> {
  const ids = [...wanted.registrationIds];
  const subnet = await readSubnet(sql, netuid);
  return {
    subnet,
    block: await readBlock(sql),
    registrations: await readRegistrations(sql, netuid, ids),
    permits: await readPermits(sql, netuid, (subnet?.interval ?? 1) - 1),
    commits: await readCommits(sql, netuid, wanted.commits),
    rows: await readRowHeads(sql, netuid, ids),
    sequences: await readSequences(sql, netuid, ids),
    knownUids: await readKnownUids(sql, netuid),
  };
}

export async function readPermits(sql: Sql, netuid: number, epochIndex: number): Promise<ReadonlySet<string>> {
  const rows = await sql.query('SELECT registration_id FROM permits WHERE netuid = $1 AND epoch_index = $2', [
    netuid,
    epochIndex,
  ]);
  return new Set(rows.map((row) => text(row, 'registration_id')));
}

async function readBlock(sql: Sql): Promise<number> {
  const rows = await sql.query('SELECT block::text FROM ledger_position');
  return rows[0] === undefined ? 0 : count(rows[0], 'block');
}

async function readRegistrations(
  sql: Sql,
  netuid: number,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Registration>> {
  const rows = await sql.query(
    `SELECT registration_id, uid::text, hotkey, coldkey, registered_at::text, stake::text, ended
     FROM registrations WHERE netuid = $1 AND registration_id = ANY ($2)`,
    [netuid, ids],
  );
  return new Map(rows.map((row) => [text(row, 'registration_id'), readRegistration(netuid, row)]));
}

async function readCommits(
  sql: Sql,
  netuid: number,
  keys: readonly CommitKey[],
): Promise<ReadonlyMap<string, StoredCommit>> {
  if (keys.length === 0) return new Map();
  const list = keys.map((key) => ({ id: key.registrationId, mechanism: key.mechanismId, at: key.interval }));
  const rows = await sql.query(
    `SELECT ${COMMIT_COLUMNS} FROM commits c
     JOIN jsonb_to_recordset($2::jsonb) AS item (id text, mechanism bigint, at bigint)
       ON c.registration_id = item.id AND c.mechanism_id = item.mechanism AND c.interval_index = item.at
     WHERE c.netuid = $1`,
    [netuid, JSON.stringify(list)],
  );
  return new Map(rows.map(readCommit).map((commit) => [commitName(commit), commit]));
}

async function readRowHeads(sql: Sql, netuid: number, ids: readonly string[]): Promise<ReadonlyMap<string, RowHead>> {
  const rows = await sql.query(
    `SELECT r.registration_id, r.mechanism_id::text, r.source, r.interval_index::text, r.block::text, r.hash,
       r.envelope_sequence::text
     FROM rows_in_force f JOIN weight_rows r USING (netuid, registration_id, mechanism_id, interval_index, source)
     WHERE f.netuid = $1 AND f.registration_id = ANY ($2)`,
    [netuid, ids],
  );
  return new Map(
    rows.map((row) => {
      const key = { registrationId: text(row, 'registration_id'), mechanismId: count(row, 'mechanism_id') };
      const sequence = optionalText(row, 'envelope_sequence');
      const head: RowHead = {
        source: text(row, 'source') as RowSource,
        interval: count(row, 'interval_index'),
        block: count(row, 'block'),
        sequence: sequence === undefined ? undefined : BigInt(sequence),
        hash: text(row, 'hash'),
      };
      return [rowName(key), head];
    }),
  );
}

async function readSequences(sql: Sql, netuid: number, ids: readonly string[]): Promise<ReadonlyMap<string, bigint>> {
  const rows = await sql.query(
    'SELECT registration_id, kind, sequence::text FROM envelope_sequences WHERE netuid = $1 AND registration_id = ANY ($2)',
    [netuid, ids],
  );
  return new Map(
    rows.map((row) => [
      sequenceName(text(row, 'registration_id'), text(row, 'kind') as EnvelopeKind),
      BigInt(text(row, 'sequence')),
    ]),
  );
}

async function readKnownUids(sql: Sql, netuid: number): Promise<ReadonlySet<number>> {
  if (netuid === ROOT_NETUID) {
    const subnets = await sql.query('SELECT netuid::text FROM subnets WHERE netuid <> $1', [ROOT_NETUID]);
    return new Set(subnets.map((row) => count(row, 'netuid')));
  }
  const rows = await sql.query('SELECT DISTINCT uid::text FROM registrations WHERE netuid = $1', [netuid]);
  return new Set(rows.map((row) => count(row, 'uid')));
}

function readRegistration(netuid: number, row: Row): Registration {
  return {
    netuid,
    registrationId: text(row, 'registration_id'),
    uid: count(row, 'uid'),
    hotkey: text(row, 'hotkey'),
    coldkey: text(row, 'coldkey'),
    registeredAt: count(row, 'registered_at'),
    stake: BigInt(text(row, 'stake')),
    ended: flag(row, 'ended'),
  };
}
