import type { Charge, IntakeEvent, IntakeResult, Posted, Settlement, UnsettledUsage } from '../application/ports.ts';
import type { UsageRecord } from '../domain/usage.ts';
import type { Database, Row, Sql } from '@subnetes/runtime/sql';
import { small, isNull, text, whole } from './row.ts';
import { leaseState } from './sql-leases.ts';
import { unitsJson, unitsOf } from './stored-units.ts';

/** Stores events in order. The unique request id in the same transaction is what makes a repeat harmless, for ever. */
export async function takeIn(sql: Sql, events: readonly IntakeEvent[]): Promise<readonly IntakeResult[]> {
  const results: IntakeResult[] = [];
  for (const event of events) {
    results.push(event.kind === 'usage' ? await store(sql, event.record) : await close(sql, event));
  }
  return results;
}

async function store(sql: Sql, record: UsageRecord): Promise<IntakeResult> {
  const inserted = await sql.query(
    `INSERT INTO usage (request_id, content_sha256, lease_id, counter, account, netuid, model, units, policy_version,
       max_rao, quoted_rao, miner_hotkey, miner_uid, receipt_id, receipt, time_ms, state)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9, $10, $11, $12, $13, $14, $15, $16, 'Received')
     ON CONFLICT (request_id) DO NOTHING RETURNING request_id`,
    [
      record.requestId,
      record.contentSha256,
      record.leaseId,
      record.counter.toString(),
      record.account,
      record.netuid,
      record.model,
      unitsJson(record.units),
      record.policyVersion.toString(),
      record.maxRao.toString(),
      record.quotedRao.toString(),
      record.minerHotkey,
      record.minerUid,
      record.receiptId,
      Buffer.from(record.receipt),
      record.timeMs.toString(),
    ],
  );
  if (inserted.length > 0) return 'stored';
  const [known] = await sql.query('SELECT content_sha256 FROM usage WHERE request_id = $1', [record.requestId]);
  return known !== undefined && text(known, 'content_sha256') === record.contentSha256 ? 'duplicate' : 'conflict';
}

async function close(sql: Sql, event: IntakeEvent & { kind: 'lease-closed' }): Promise<IntakeResult> {
  const rows = await sql.query(
    `UPDATE leases SET last_counter = $2, abandoned = $3 WHERE lease_id = $1 AND last_counter IS NULL RETURNING lease_id`,
    [event.leaseId, event.lastCounter, event.abandoned],
  );
  return rows.length > 0 ? 'lease_closed' : 'duplicate';
}

export async function unsettled(
  database: Database,
  afterArrival: bigint,
  limit: number,
): Promise<readonly UnsettledUsage[]> {
  const rows = await database.query(
    `SELECT usage.arrival, usage.request_id, usage.content_sha256, usage.lease_id, usage.counter,
       usage.account, usage.netuid, usage.model, usage.units::text, usage.policy_version,
       usage.max_rao, usage.quoted_rao, usage.miner_hotkey, usage.miner_uid, usage.receipt_id,
       usage.time_ms, usage.state, usage.amount_rao, usage.miner_rao, usage.owner_rao,
       usage.network_rao, usage.miner_coldkey, usage.owner_coldkey,
       leases.account AS lease_account, leases.state AS lease_state
     FROM usage LEFT JOIN leases ON leases.lease_id = usage.lease_id
     WHERE usage.state IN ('Received', 'Rated') AND usage.arrival > $1 ORDER BY usage.arrival LIMIT $2`,
    [afterArrival.toString(), limit],
  );
  return rows.map(unsettledOf);
}

export async function settle(database: Database, settlements: readonly Settlement[]): Promise<void> {
  if (settlements.length === 0) return;
  await database.transaction(async (sql) => {
    for (const settlement of settlements) await settleOne(sql, settlement);
  });
}

async function settleOne(sql: Sql, settlement: Settlement): Promise<void> {
  const arrival = settlement.arrival.toString();
  switch (settlement.outcome) {
    case 'empty':
      await sql.query(`UPDATE usage SET state = 'Empty' WHERE arrival = $1 AND state = 'Received'`, [arrival]);
      return;
    case 'written-off':
      await sql.query(
        `UPDATE usage SET state = 'WrittenOff', reason = $2 WHERE arrival = $1 AND state IN ('Received', 'Rated')`,
        [arrival, settlement.reason],
      );
      return;
    case 'rated': {
      const { amountRao, minerRao, ownerRao, networkRao, minerColdkey, ownerColdkey } = settlement.charge;
      await sql.query(
        `UPDATE usage SET state = 'Rated', amount_rao = $2, miner_rao = $3, owner_rao = $4, network_rao = $5,
           miner_coldkey = $6, owner_coldkey = $7 WHERE arrival = $1 AND state = 'Received'`,
        [arrival, ...[amountRao, minerRao, ownerRao, networkRao].map(String), minerColdkey, ownerColdkey],
      );
    }
  }
}

export async function markPosted(sql: Sql, posted: readonly Posted[]): Promise<void> {
  const days = Map.groupBy(posted, ({ account, period }) => `${account}/${period}`);
  for (const lines of days.values()) {
    const [first] = lines;
    if (first === undefined) continue;
    const number = await invoiceNumber(sql, first);
    const marked = await sql.query(
      `UPDATE usage SET state = 'Posted', invoice_number = $3, ledger_sequence = line.sequence
       FROM unnest($1::bigint[], $2::bigint[]) AS line (arrival, sequence)
       WHERE usage.arrival = line.arrival AND usage.state = 'Rated' RETURNING usage.amount_rao AS amount`,
      [lines.map((line) => line.arrival.toString()), lines.map((line) => line.ledgerSequence.toString()), number],
    );
    const total = marked.reduce((sum, row) => sum + whole(row, 'amount'), 0n);
    await sql.query('UPDATE invoices SET total_rao = total_rao + $2, line_count = line_count + $3 WHERE number = $1', [
      number,
      total.toString(),
      marked.length,
    ]);
  }
}

/** The account's invoice of the day. The counter's row is locked first, so numbers follow each other without a gap. */
async function invoiceNumber(sql: Sql, { account, period }: Posted): Promise<bigint> {
  const [counter = {}] = await sql.query('SELECT last_number FROM invoice_counter FOR UPDATE');
  const [known] = await sql.query('SELECT number FROM invoices WHERE account = $1 AND period = $2', [account, period]);
  if (known !== undefined) return whole(known, 'number');
  const number = whole(counter, 'last_number') + 1n;
  await sql.query('INSERT INTO invoices (number, account, period) VALUES ($1, $2, $3)', [number, account, period]);
  await sql.query('UPDATE invoice_counter SET last_number = $1', [number]);
  return number;
}

function unsettledOf(row: Row): UnsettledUsage {
  const record: UsageRecord = {
    requestId: text(row, 'request_id'),
    contentSha256: text(row, 'content_sha256'),
    leaseId: text(row, 'lease_id'),
    counter: whole(row, 'counter'),
    account: text(row, 'account'),
    netuid: small(row, 'netuid'),
    model: text(row, 'model'),
    units: unitsOf(row, 'units'),
    policyVersion: whole(row, 'policy_version'),
    maxRao: whole(row, 'max_rao'),
    quotedRao: whole(row, 'quoted_rao'),
    minerHotkey: text(row, 'miner_hotkey'),
    minerUid: small(row, 'miner_uid'),
    receiptId: text(row, 'receipt_id'),
    receipt: new Uint8Array(), // not read back: settling does not need it
    timeMs: Number(whole(row, 'time_ms')),
  };
  return {
    arrival: whole(row, 'arrival'),
    record,
    ...(text(row, 'state') === 'Rated' ? { charge: chargeOf(row) } : {}),
    ...(isNull(row, 'lease_state')
      ? {}
      : { lease: { account: text(row, 'lease_account'), state: leaseState(row, 'lease_state') } }),
  };
}

function chargeOf(row: Row): Charge {
  return {
    amountRao: whole(row, 'amount_rao'),
    minerRao: whole(row, 'miner_rao'),
    ownerRao: whole(row, 'owner_rao'),
    networkRao: whole(row, 'network_rao'),
    minerColdkey: text(row, 'miner_coldkey'),
    ownerColdkey: text(row, 'owner_coldkey'),
  };
}
