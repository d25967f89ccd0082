import type { Charge, IntakeEvent, IntakeResult, Posted, Settlement, UnsettledUsage } from '../application/ports.ts';
import type { UsageRecord } from '../domain/usage.ts';
import type { Database, Row, Sql } from '@subnetes/runtime/sql';
import { small, isNull, text, whole } from './row.ts';
import { leaseState } from './sql-leases.ts';
import { unitsJson, unitsOf } from './stored-units.ts';

/**
 * Stores a batch: records in one statement, in their order, then what closes leases. The unique request id in the same
 * transaction is what makes a repeat harmless, for ever.
 */
export async function takeIn(sql: Sql, events: readonly IntakeEvent[]): Promise<readonly IntakeResult[]> {
  const records = events.flatMap((event) => (event.kind === 'usage' ? [event.record] : []));
  const stored = (await store(sql, records)).values();
  const results: IntakeResult[] = [];
  for (const event of events) {
    results.push(event.kind === 'usage' ? (stored.next().value ?? missing(event.record)) : await close(sql, event));
  }
  return results;
}

function missing({ requestId }: UsageRecord): never {
  throw new Error(`no result for usage ${requestId}`);
}

async function store(sql: Sql, records: readonly UsageRecord[]): Promise<readonly IntakeResult[]> {
  if (records.length === 0) return [];
  const inserted = await sql.query(
    `INSERT INTO usage (request_id, content_sha256, lease_id, counter, account, netuid, model, units, policy_version,
       max_rao, quoted_rao, miner_hotkey, miner_uid, receipt_id, receipt, time_ms, state)
     SELECT request_id, content_sha256, lease_id, counter, account, netuid, model, units::jsonb, policy_version,
       max_rao, quoted_rao, miner_hotkey, miner_uid, receipt_id, receipt, time_ms, 'Received'
     FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::integer[], $7::text[], $8::text[],
       $9::bigint[], $10::numeric[], $11::numeric[], $12::text[], $13::integer[], $14::text[], $15::bytea[],
       $16::bigint[]) WITH ORDINALITY AS record (request_id, content_sha256, lease_id, counter, account, netuid, model,
       units, policy_version, max_rao, quoted_rao, miner_hotkey, miner_uid, receipt_id, receipt, time_ms, place)
     ORDER BY place ON CONFLICT (request_id) DO NOTHING RETURNING request_id`,
    COLUMNS_OF_RECORD.map((valueOf) => records.map(valueOf)),
  );
  const fresh = new Set(inserted.map((row) => text(row, 'request_id')));
  if (fresh.size === records.length) return records.map(() => 'stored');
  const rows = await sql.query('SELECT request_id, content_sha256 FROM usage WHERE request_id = ANY($1::text[])', [
    records.map(({ requestId }) => requestId),
  ]);
  const contentOf = new Map(rows.map((row) => [text(row, 'request_id'), text(row, 'content_sha256')]));
  return records.map(({ requestId, contentSha256 }) => {
    // A set gives each request up once: what comes again within the batch is a repeat of the first.
    if (fresh.delete(requestId)) return 'stored';
    return contentOf.get(requestId) === contentSha256 ? 'duplicate' : 'conflict';
  });
}

/** In the order of the statement's parameters. */
const COLUMNS_OF_RECORD: readonly ((record: UsageRecord) => string | number | Uint8Array)[] = [
  (record) => record.requestId,
  (record) => record.contentSha256,
  (record) => record.leaseId,
  (record) => record.counter.toString(),
  (record) => record.account,
  (record) => record.netuid,
  (record) => record.model,
  (record) => unitsJson(record.units),
  (record) => record.policyVersion.toString(),
  (record) => record.maxRao.toString(),
  (record) => record.quotedRao.toString(),
  (record) => record.minerHotkey,
  (record) => record.minerUid,
  (record) => record.receiptId,
  (record) => Buffer.from(record.receipt),
  (record) => record.timeMs.toString(),
];

async function close(sql: Sql, event: IntakeEvent & { kind: 'lease-closed' }): Promise<IntakeResult> {
  const { leaseId, account, lastCounter, abandoned } = event;
  // A gateway may close what it asked for and never heard of, before the question gets here: that must find it ended.
  const ended = await sql.query(
    `INSERT INTO leases (lease_id, account, instance, asked_rao, granted_rao, expires_at_block, state, last_counter,
       abandoned)
     SELECT $1, account, '', 1, 1, 0, 'Released', $3, $4 FROM accounts WHERE account = $2
     ON CONFLICT (lease_id) DO NOTHING RETURNING lease_id`,
    [leaseId, account, lastCounter, abandoned],
  );
  if (ended.length > 0) return 'lease_closed';
  const closed = await sql.query(
    `UPDATE leases SET last_counter = $2, abandoned = $3 WHERE lease_id = $1 AND last_counter IS NULL RETURNING lease_id`,
    [leaseId, lastCounter, abandoned],
  );
  return closed.length > 0 ? 'lease_closed' : 'duplicate';
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
  const empty = settlements.filter(({ outcome }) => outcome === 'empty');
  const lost = settlements.filter((one) => one.outcome === 'written-off');
  const rated = settlements.filter((one) => one.outcome === 'rated');
  await database.transaction(async (sql) => {
    if (empty.length > 0) {
      await sql.query(`UPDATE usage SET state = 'Empty' WHERE arrival = ANY($1::bigint[]) AND state = 'Received'`, [
        empty.map(arrivalOf),
      ]);
    }
    if (lost.length > 0) {
      await sql.query(
        `UPDATE usage SET state = 'WrittenOff', reason = lost.reason
         FROM unnest($1::bigint[], $2::text[]) AS lost (arrival, reason)
         WHERE usage.arrival = lost.arrival AND usage.state IN ('Received', 'Rated')`,
        [lost.map(arrivalOf), lost.map(({ reason }) => reason)],
      );
    }
    if (rated.length > 0) await rate(sql, rated);
  });
}

async function rate(sql: Sql, rated: readonly (Settlement & { readonly outcome: 'rated' })[]): Promise<void> {
  const charges = rated.map(({ charge }) => charge);
  await sql.query(
    `UPDATE usage SET state = 'Rated', amount_rao = rated.amount, miner_rao = rated.miner, owner_rao = rated.owner,
       network_rao = rated.network, miner_coldkey = rated.miner_coldkey, owner_coldkey = rated.owner_coldkey
     FROM unnest($1::bigint[], $2::numeric[], $3::numeric[], $4::numeric[], $5::numeric[], $6::text[], $7::text[])
       AS rated (arrival, amount, miner, owner, network, miner_coldkey, owner_coldkey)
     WHERE usage.arrival = rated.arrival AND usage.state = 'Received'`,
    [
      rated.map(arrivalOf),
      charges.map(({ amountRao }) => amountRao.toString()),
      charges.map(({ minerRao }) => minerRao.toString()),
      charges.map(({ ownerRao }) => ownerRao.toString()),
      charges.map(({ networkRao }) => networkRao.toString()),
      charges.map(({ minerColdkey }) => minerColdkey),
      charges.map(({ ownerColdkey }) => ownerColdkey),
    ],
  );
}

function arrivalOf({ arrival }: Settlement): string {
  return arrival.toString();
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
