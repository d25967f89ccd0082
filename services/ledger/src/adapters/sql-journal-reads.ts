import type { Row, Sql as RuntimeSql } from '@subnetes/runtime/sql';
import { BURNED, MINT } from '#domain/book/account.ts';
import type { Posting } from '#domain/book/journal.ts';
import {
  Archived,
  type BalanceMismatch,
  type BalanceSums,
  type JournalStore,
  type JournalSums,
  type StoredEntry,
} from '#application/ports.ts';
import { field } from './sql.ts';
import { assertKept } from './sql-archive.ts';

type Sql = Pick<RuntimeSql, 'query'>;

/** When an entry was written, in Unix milliseconds. */
export const RECORDED_AT_MS = 'floor(extract(epoch FROM recorded_at) * 1000)::bigint::text AS recorded_at_ms';

/** Entries after a sequence, with their postings. Throws Archived where the next one is not kept any more. */
export async function readEntries(
  sql: Sql,
  query: Parameters<JournalStore['readEntries']>[0],
): Promise<readonly StoredEntry[]> {
  const values: (string | number)[] = [String(query.afterSequence), query.limit];
  const conditions = ['sequence > $1::bigint'];
  if (query.eventsOnly === true) conditions.push('event_address IS NOT NULL');
  if (query.account !== undefined) {
    values.push(query.account);
    conditions.push(`sequence IN (${sequencesOfAccount(query.eventsOnly === true ? '' : 'LIMIT $2')})`);
  }
  const rows = await sql.query(
    `SELECT sequence::text AS sequence, block::text AS block, kind, payload, hash, event_address,
            previous_event_sequence::text AS previous_event_sequence, from_account, to_account, asset,
            amount::text AS amount, from_after::text AS from_after, to_after::text AS to_after, ${RECORDED_AT_MS}
     FROM entries WHERE ${conditions.join(' AND ')} ORDER BY entries.sequence LIMIT $2`,
    values,
  );
  const isNext = query.account === undefined && query.eventsOnly !== true && rows.length > 0;
  if (!isNext || field(rows[0], 'sequence') !== String(query.afterSequence + 1)) {
    await assertKept(sql, query.afterSequence);
  }
  const others = rows.filter((row) => row['from_account'] === null).map((row) => field(row, 'sequence'));
  const postings = await readPostings(sql, others);
  return rows.map((row) => ({
    sequence: Number(field(row, 'sequence')),
    block: Number(field(row, 'block')),
    kind: field(row, 'kind'),
    payloadText: field(row, 'payload'),
    hash: field(row, 'hash'),
    eventAddress: row['event_address'] === null ? undefined : field(row, 'event_address'),
    previousEventSequence: Number(field(row, 'previous_event_sequence')),
    recordedAtMs: Number(field(row, 'recorded_at_ms')),
    postings: row['from_account'] === null ? (postings.get(field(row, 'sequence')) ?? []) : legsOf(row),
  }));
}

/** Each of three indexes gives its next ones in order. Without a limit where more conditions leave some of them out. */
function sequencesOfAccount(limit: string): string {
  return ['entries WHERE from_account', 'entries WHERE to_account', 'postings WHERE account']
    .map((place) => `(SELECT sequence FROM ${place} = $3 AND sequence > $1::bigint ORDER BY sequence ${limit})`)
    .join(' UNION ');
}

function legsOf(row: Row): readonly Posting[] {
  const [asset, amount] = [field(row, 'asset'), BigInt(field(row, 'amount'))];
  return [
    { account: field(row, 'from_account'), asset, delta: -amount, balanceAfter: BigInt(field(row, 'from_after')) },
    { account: field(row, 'to_account'), asset, delta: amount, balanceAfter: BigInt(field(row, 'to_after')) },
  ];
}

async function readPostings(sql: Sql, sequences: readonly string[]): Promise<ReadonlyMap<string, readonly Posting[]>> {
  const bySequence = new Map<string, Posting[]>();
  if (sequences.length === 0) return bySequence;
  const rows = await sql.query(
    `SELECT sequence::text AS sequence, account, asset, delta::text AS delta, balance_after::text AS balance_after
     FROM postings WHERE sequence = ANY($1::text[]::bigint[]) ORDER BY postings.sequence, position`,
    [sequences],
  );
  for (const row of rows) {
    const sequence = field(row, 'sequence');
    const legs = bySequence.get(sequence) ?? [];
    legs.push({
      account: field(row, 'account'),
      asset: field(row, 'asset'),
      delta: BigInt(field(row, 'delta')),
      balanceAfter: BigInt(field(row, 'balance_after')),
    });
    bySequence.set(sequence, legs);
  }
  return bySequence;
}

/** Few accounts have something held, and no more are compared. */
const HELD_APART = `(SELECT count(*) FROM (SELECT asset, id, held FROM balances WHERE held <> 0) AS a
  FULL JOIN (SELECT asset, account AS id, sum(remaining) AS reserved FROM holds GROUP BY asset, account) AS h USING (asset, id)
  WHERE coalesce(held, 0) <> coalesce(reserved, 0))::text`;

/** Sums of new postings and of all balances. One statement, so that both are of one moment. Archived ones count from 0 on. */
export async function readSums(
  sql: Sql,
  query: { readonly asset: string; readonly afterSequence: number },
): Promise<{ readonly journal: JournalSums; readonly balances: BalanceSums }> {
  const rows = await sql.query(
    `WITH balances AS MATERIALIZED (SELECT asset, id, posted, held, floor FROM accounts)
     SELECT
       (SELECT last_sequence FROM writer)::text AS last_sequence,
       (SELECT sequence FROM journal_archive)::text AS archived,
       (coalesce(-sum(delta) FILTER (WHERE account = $3 AND kind = 'Genesis'), 0) + ${archivedSum('genesis')})::text AS genesis,
       (coalesce(-sum(delta) FILTER (WHERE account = $3 AND kind = 'Block'), 0) + ${archivedSum('rewards')})::text AS rewards,
       (coalesce(sum(delta) FILTER (WHERE account = $4), 0) + ${archivedSum('burned')})::text AS burned,
       (coalesce(sum(delta), 0) + ${archivedSum('deltas')})::text AS deltas,
       (SELECT coalesce(sum(posted), 0) FROM balances WHERE asset = $1 AND id = $3)::text AS mint_balance,
       (SELECT coalesce(sum(posted), 0) FROM balances WHERE asset = $1 AND id = $4)::text AS burned_balance,
       (SELECT coalesce(sum(posted), 0) FROM balances WHERE asset = $1 AND id NOT IN ($3, $4))::text AS other_balances,
       (SELECT coalesce(sum(abs(total)), 0) FROM (SELECT sum(posted) AS total FROM balances
         WHERE asset < $1 OR asset > $1 GROUP BY asset) AS totals)::text AS other_assets,
       ${HELD_APART} AS held_apart,
       (SELECT count(*) FROM balances WHERE id <> $3 AND posted - held < floor)::text AS below_floor
     FROM legs JOIN (SELECT sequence, kind FROM entries WHERE sequence > $2::bigint) AS kinds USING (sequence)
     WHERE sequence > $2::bigint AND asset = $1`,
    [query.asset, String(query.afterSequence), MINT, BURNED],
  );
  const row = rows[0];
  const archived = Number(field(row, 'archived'));
  if (query.afterSequence > 0 && query.afterSequence < archived) throw new Archived({ sequence: archived });
  return {
    journal: {
      lastSequence: Number(field(row, 'last_sequence')),
      genesis: BigInt(field(row, 'genesis')),
      rewards: BigInt(field(row, 'rewards')),
      burned: BigInt(field(row, 'burned')),
      deltas: BigInt(field(row, 'deltas')),
    },
    balances: {
      mint: BigInt(field(row, 'mint_balance')),
      burned: BigInt(field(row, 'burned_balance')),
      others: BigInt(field(row, 'other_balances')),
      otherAssets: BigInt(field(row, 'other_assets')),
      heldApart: Number(field(row, 'held_apart')),
      belowFloor: Number(field(row, 'below_floor')),
    },
  };
}

/** Of what is not in the journal any more; only who sums from the first entry has not had it yet. */
function archivedSum(column: string): string {
  return `CASE WHEN $2::bigint = 0 THEN coalesce((SELECT ${column} FROM archived_sums WHERE asset = $1), 0) ELSE 0 END`;
}

export async function readMismatches(sql: Sql, limit: number): Promise<readonly BalanceMismatch[]> {
  const rows = await sql.query(
    `SELECT asset || '/' || id AS account, coalesce(stored, 0)::text AS stored, coalesce(summed, 0)::text AS summed
     FROM (SELECT asset, id, posted AS stored FROM accounts) a
     FULL JOIN (SELECT asset, account AS id, sum(delta) AS summed FROM (
       SELECT asset, account, delta FROM legs
       UNION ALL
       SELECT asset, account, posted FROM opening_balances JOIN journal_archive USING (sequence)
     ) AS all_of_it GROUP BY asset, account) p USING (asset, id)
     WHERE coalesce(stored, 0) <> coalesce(summed, 0) ORDER BY 1 LIMIT $1`,
    [limit],
  );
  return rows.map((row) => ({
    account: field(row, 'account'),
    stored: BigInt(field(row, 'stored')),
    fromPostings: BigInt(field(row, 'summed')),
  }));
}
