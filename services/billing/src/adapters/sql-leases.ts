import type { Lease } from '../domain/lease.ts';
import type { Database, Row } from '@subnetes/runtime/sql';
import { isNull, text, whole } from './row.ts';

const COLUMNS = `lease_id, account, instance, asked_rao, granted_rao, expires_at_block, state,
                 last_counter`;

export async function openLease(database: Database, lease: Lease): Promise<Lease> {
  await database.query(
    `INSERT INTO leases (lease_id, account, instance, asked_rao, granted_rao, expires_at_block, state)
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (lease_id) DO NOTHING`,
    [
      lease.leaseId,
      lease.account,
      lease.instance,
      lease.askedRao.toString(),
      lease.grantedRao.toString(),
      lease.expiresAtBlock.toString(),
      lease.state,
    ],
  );
  const [row] = await database.query(`SELECT ${COLUMNS} FROM leases WHERE lease_id = $1`, [lease.leaseId]);
  if (row === undefined) throw new Error(`lease ${lease.leaseId} is gone after it was stored`);
  return leaseOf(row);
}

export async function lowerLease(database: Database, leaseId: string, grantedRao: bigint): Promise<void> {
  await database.query(
    `UPDATE leases SET granted_rao = $2 WHERE lease_id = $1 AND state = 'Granting' AND granted_rao > $2`,
    [leaseId, grantedRao.toString()],
  );
}

export async function finishGrant(
  database: Database,
  leaseId: string,
  state: 'Open' | 'Refused',
): Promise<Lease['state']> {
  await database.query(`UPDATE leases SET state = $2 WHERE lease_id = $1 AND state = 'Granting'`, [leaseId, state]);
  const [row] = await database.query('SELECT state FROM leases WHERE lease_id = $1', [leaseId]);
  if (row === undefined) throw new Error(`lease ${leaseId} is gone while it was granted`);
  return leaseState(row, 'state');
}

export async function completeLeases(database: Database, limit: number): Promise<readonly string[]> {
  const rows = await database.query(
    `SELECT lease_id FROM leases WHERE state IN ('Granting', 'Open') AND last_counter IS NOT NULL
       AND (abandoned OR last_counter <= (SELECT count(*) FROM usage
         WHERE usage.lease_id = leases.lease_id AND usage.state IN ('Posted', 'Empty', 'WrittenOff')
           AND usage.counter <= leases.last_counter))
       AND NOT EXISTS (SELECT 1 FROM usage
         WHERE usage.lease_id = leases.lease_id AND usage.state IN ('Received', 'Rated'))
     ORDER BY expires_at_block LIMIT $1`,
    [limit],
  );
  return rows.map((row) => text(row, 'lease_id'));
}

export async function expiredLeases(database: Database, block: bigint, limit: number): Promise<readonly string[]> {
  const rows = await database.query(
    `SELECT lease_id FROM leases WHERE state IN ('Granting', 'Open') AND expires_at_block <= $1
       AND NOT EXISTS (SELECT 1 FROM usage
         WHERE usage.lease_id = leases.lease_id AND usage.state IN ('Received', 'Rated'))
     ORDER BY expires_at_block LIMIT $2`,
    [block.toString(), limit],
  );
  return rows.map((row) => text(row, 'lease_id'));
}

export async function endLeases(
  database: Database,
  leaseIds: readonly string[],
  state: 'Released' | 'Expired',
): Promise<void> {
  await database.query(
    `UPDATE leases SET state = $2 WHERE lease_id = ANY($1::text[]) AND state IN ('Granting', 'Open')`,
    [[...leaseIds], state],
  );
}

const STATES: ReadonlySet<string> = new Set(['Granting', 'Open', 'Refused', 'Released', 'Expired']);

function isState(value: string): value is Lease['state'] {
  return STATES.has(value);
}

/** The column's CHECK holds the same list. */
export function leaseState(row: Row, column: string): Lease['state'] {
  const state = text(row, column);
  if (!isState(state)) throw new TypeError(`${state} is no state of a lease`);
  return state;
}

function leaseOf(row: Row): Lease {
  return {
    leaseId: text(row, 'lease_id'),
    account: text(row, 'account'),
    instance: text(row, 'instance'),
    askedRao: whole(row, 'asked_rao'),
    grantedRao: whole(row, 'granted_rao'),
    expiresAtBlock: whole(row, 'expires_at_block'),
    state: leaseState(row, 'state'),
    ...(isNull(row, 'last_counter') ? {} : { lastCounter: whole(row, 'last_counter') }),
  };
}
