import type { Account } from '../domain/lease.ts';
import type { BillingStore, SubnetTerms } from '../application/ports.ts';
import { OutageError } from '@subnetes/runtime/errors';
import type { Database } from '@subnetes/runtime/sql';
import { text, whole } from './row.ts';
import { listInvoices } from './sql-invoices.ts';
import { sqlKeys } from './sql-keys.ts';
import { completeLeases, endLeases, expiredLeases, finishGrant, lowerLease, openLease } from './sql-leases.ts';
import { pricesOf, linesJson } from './sql-prices.ts';
import { markPosted, settle, takeIn, unsettled } from './sql-usage.ts';

/** Billing's tables on PostgreSQL, in a server or in this process. */
export function sqlStore(database: Database): BillingStore {
  return {
    createAccount: (account) => createAccount(database, account),
    readAccount: (account) => readAccount(database, account),
    openLease: (lease) => openLease(database, lease),
    lowerLease: (leaseId, grantedRao) => lowerLease(database, leaseId, grantedRao),
    finishGrant: (leaseId, state) => finishGrant(database, leaseId, state),
    completeLeases: (limit) => completeLeases(database, limit),
    expiredLeases: (block, limit) => expiredLeases(database, block, limit),
    endLeases: (leaseIds, state) => endLeases(database, leaseIds, state),
    takeIn: (events) => database.transaction((sql) => takeIn(sql, events)),
    unsettled: (afterArrival, limit) => unsettled(database, afterArrival, limit),
    settle: (settlements) => settle(database, settlements),
    markPosted: (posted) => database.transaction((sql) => markPosted(sql, posted)),
    counts: () => counts(database),
    putPrices: (terms) => putPrices(database, terms),
    latestPrices: () => latestPrices(database),
    readPrices: (netuid, policyVersion) => readPrices(database, netuid, policyVersion),
    putPayees: (owners) => putPayees(database, owners),
    readPayee: (hotkey) => readPayee(database, hotkey),
    listInvoices: (account, page) => listInvoices(database, account, page),
    isReachable: () => isReachable(database),
    ...sqlKeys(database),
  };
}

async function createAccount(database: Database, { account, owner, displayName }: Account): Promise<Account> {
  await database.query(
    'INSERT INTO accounts (account, owner, display_name) VALUES ($1, $2, $3) ON CONFLICT (account) DO NOTHING',
    [account, owner, displayName],
  );
  const stored = await readAccount(database, account);
  if (stored === undefined) throw new Error(`account ${account} is gone after it was stored`);
  return stored;
}

async function readAccount(database: Database, account: string): Promise<Account | undefined> {
  const [row] = await database.query('SELECT account, owner, display_name FROM accounts WHERE account = $1', [account]);
  return row === undefined
    ? undefined
    : { account: text(row, 'account'), owner: text(row, 'owner'), displayName: text(row, 'display_name') };
}

async function counts(database: Database): Promise<{ openLeases: number; unsettled: number }> {
  const [row = {}] = await database.query(
    `SELECT (SELECT count(*) FROM leases WHERE state IN ('Granting', 'Open')) AS leases,
            (SELECT count(*) FROM usage WHERE state IN ('Received', 'Rated')) AS unsettled`,
  );
  return { openLeases: Number(whole(row, 'leases')), unsettled: Number(whole(row, 'unsettled')) };
}

async function putPrices(database: Database, terms: SubnetTerms): Promise<void> {
  await database.query(
    `INSERT INTO prices (netuid, policy_version, owner_coldkey, lines) VALUES ($1, $2, $3, $4::jsonb)
     ON CONFLICT (netuid, policy_version) DO NOTHING`,
    [terms.netuid, terms.policyVersion.toString(), terms.ownerColdkey, linesJson(terms.models)],
  );
}

const PRICES = 'netuid, policy_version, owner_coldkey, lines::text';

async function latestPrices(database: Database): Promise<readonly SubnetTerms[]> {
  const rows = await database.query(
    `SELECT DISTINCT ON (prices.netuid) ${PRICES} FROM prices ORDER BY prices.netuid, prices.policy_version DESC`,
  );
  return rows.map(pricesOf);
}

async function readPrices(database: Database, netuid: number, policyVersion: bigint): Promise<SubnetTerms | undefined> {
  const [row] = await database.query(`SELECT ${PRICES} FROM prices WHERE netuid = $1 AND policy_version = $2`, [
    netuid,
    policyVersion.toString(),
  ]);
  return row === undefined ? undefined : pricesOf(row);
}

async function putPayees(database: Database, owners: ReadonlyMap<string, string>): Promise<void> {
  if (owners.size === 0) return;
  await database.query(
    `INSERT INTO payees (hotkey, coldkey) SELECT * FROM unnest($1::text[], $2::text[])
     ON CONFLICT (hotkey) DO NOTHING`,
    [[...owners.keys()], [...owners.values()]],
  );
}

async function readPayee(database: Database, hotkey: string): Promise<string | undefined> {
  const [row] = await database.query('SELECT coldkey FROM payees WHERE hotkey = $1', [hotkey]);
  return row === undefined ? undefined : text(row, 'coldkey');
}

async function isReachable(database: Database): Promise<boolean> {
  try {
    await database.query('SELECT 1');
    return true;
  } catch (error) {
    if (error instanceof OutageError) return false;
    throw error;
  }
}
