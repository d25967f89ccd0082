import type { Sql as RuntimeSql } from '@subnetes/runtime/sql';
import type { AccountHistory, AccountPosting, PostingQuery } from '#application/account-history.ts';
import { field, type JournalDatabase } from './sql.ts';
import { assertKept, readArchive } from './sql-archive.ts';
import { RECORDED_AT_MS } from './sql-journal-reads.ts';

type Sql = Pick<RuntimeSql, 'query'>;

/**
 * Where legs are kept: a transfer has both in its entry's row, any other entry has a row a leg. The next leg of an account is
 * the next of one of three indexes.
 */
const LEG_PLACES = [
  { table: 'postings', account: 'account', position: 'position', delta: 'delta', balance: 'balance_after' },
  { table: 'entries', account: 'from_account', position: '0', delta: '-amount', balance: 'from_after' },
  { table: 'entries', account: 'to_account', position: '1', delta: 'amount', balance: 'to_after' },
] as const;

const OPENING_POSTED = `(SELECT sequence, 0, posted FROM opening_balances
  WHERE sequence = (SELECT sequence FROM journal_archive) AND account = wanted.account AND asset = $2)`;

/** Where it is kept what an account has held after an entry, since that is recorded. */
const HELD_PLACES = [
  `(SELECT sequence, held_after AS held FROM entries
    WHERE held_account = wanted.account AND held_asset = $2 AND sequence BETWEEN $4::bigint AND $3::bigint
    ORDER BY sequence DESC LIMIT 1)`,
  `(SELECT sequence, held_after FROM held_changes
    WHERE account = wanted.account AND asset = $2 AND sequence BETWEEN $4::bigint AND $3::bigint
    ORDER BY sequence DESC LIMIT 1)`,
  `(SELECT sequence, held FROM opening_balances
    WHERE sequence = (SELECT sequence FROM journal_archive) AND account = wanted.account AND asset = $2 AND held <> 0)`,
];

/** Single accounts' postings on PostgreSQL's SQL, by the index on account and sequence. */
export function sqlAccountHistory({ reader }: Pick<JournalDatabase, 'reader'>): AccountHistory {
  return {
    archivedSequence: async () => (await readArchive(reader)).sequence,
    async balancesAt({ asset, accounts, sequence }) {
      const places = LEG_PLACES.map(
        ({ table, account: column, position, balance }) =>
          `(SELECT sequence, ${position} AS position, ${balance} AS balance FROM ${table}
            WHERE ${column} = wanted.account AND asset = $2 AND sequence <= $3::bigint
            ORDER BY sequence DESC, position DESC LIMIT 1)`,
      );
      const rows = await reader.query(
        `SELECT wanted.account, last.balance::text AS balance
         FROM unnest($1::text[]) AS wanted (account)
         CROSS JOIN LATERAL (
           SELECT balance FROM (${[...places, OPENING_POSTED].join(' UNION ALL ')}) AS places
           ORDER BY sequence DESC, position DESC LIMIT 1
         ) last`,
        [[...new Set(accounts)], asset, String(sequence)],
      );
      await assertKept(reader, sequence);
      return new Map(rows.map((row) => [field(row, 'account'), BigInt(field(row, 'balance'))]));
    },
    async heldAt({ asset, accounts, sequence }) {
      const [history] = await reader.query('SELECT since_sequence::text AS since FROM held_history');
      const since = field(history, 'since');
      const rows = await reader.query(
        `SELECT wanted.account, last.held::text AS held
         FROM unnest($1::text[]) AS wanted (account)
         CROSS JOIN LATERAL (
           SELECT held FROM (${HELD_PLACES.join(' UNION ALL ')}) AS places ORDER BY sequence DESC LIMIT 1
         ) last`,
        [[...new Set(accounts)], asset, String(sequence), since],
      );
      await assertKept(reader, sequence);
      if (sequence < Number(since)) return undefined;
      return new Map(rows.map((row) => [field(row, 'account'), BigInt(field(row, 'held'))]));
    },
    async accountNames({ asset, prefix, after, limit }) {
      const rows = await reader.query(
        `SELECT id FROM settled_accounts WHERE asset = $1 AND ($2::text IS NULL OR id > $2) AND starts_with(id, $3)
         ORDER BY id LIMIT $4`,
        [asset, after ?? null, prefix, limit],
      );
      return rows.map((row) => field(row, 'id'));
    },
    readPostings: (query) => readPostings(reader, query),
    firstSequenceOf: (block) => firstSequenceOf(reader, block),
  };
}

async function readPostings(sql: Sql, query: PostingQuery): Promise<readonly AccountPosting[]> {
  const { asset, account, fromSequence, toSequence, newestFirst, after, limit } = query;
  const [comparison, order] = newestFirst ? ['<', 'DESC'] : ['>', 'ASC'];
  const places = LEG_PLACES.map(
    ({ table, account: column, position, delta, balance }) =>
      `(SELECT sequence, ${position} AS position, ${delta} AS delta, ${balance} AS balance FROM ${table}
        WHERE ${column} = $1 AND asset = $2 AND sequence BETWEEN $3::bigint AND $4::bigint
          AND ($5::bigint IS NULL OR (sequence, ${position}) ${comparison} ($5::bigint, $6::integer))
        ORDER BY sequence ${order}, position ${order} LIMIT $7)`,
  );
  const rows = await sql.query(
    `SELECT legs.sequence::text AS sequence, position::text AS position, block::text AS block, kind,
            delta::text AS delta, balance::text AS balance_after, ${RECORDED_AT_MS}
     FROM (${places.join(' UNION ALL ')}) AS legs JOIN entries ON entries.sequence = legs.sequence
     ORDER BY legs.sequence ${order}, position ${order} LIMIT $7`,
    [
      account,
      asset,
      String(fromSequence),
      String(toSequence),
      after === undefined ? null : String(after.sequence),
      after === undefined ? null : String(after.position),
      limit,
    ],
  );
  await assertKept(sql, fromSequence - 1);
  return rows.map((row) => ({
    sequence: Number(field(row, 'sequence')),
    position: Number(field(row, 'position')),
    block: Number(field(row, 'block')),
    kind: field(row, 'kind'),
    delta: BigInt(field(row, 'delta')),
    balanceAfter: BigInt(field(row, 'balance_after')),
    recordedAtMs: Number(field(row, 'recorded_at_ms')),
  }));
}

async function firstSequenceOf(sql: Sql, block: number): Promise<number | undefined> {
  const rows = await sql.query(
    'SELECT last_sequence::text AS last, sequence::text AS archived FROM writer, journal_archive',
  );
  // Blocks rise with sequences, so halving finds the first in some thirty look-ups of the primary key.
  let [low, high] = [Number(field(rows[0], 'archived')) + 1, Number(field(rows[0], 'last')) + 1];
  const end = high;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const found = await sql.query('SELECT block::text AS block FROM entries WHERE sequence = $1::bigint', [
      String(middle),
    ]);
    if (found.length === 0) await assertKept(sql, middle - 1);
    if (Number(field(found[0], 'block')) < block) low = middle + 1;
    else high = middle;
  }
  return low === end ? undefined : low;
}
