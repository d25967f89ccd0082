import { openDatabase } from '@subnetes/runtime/postgres';
import { startPostgres, type TestPostgres } from '@subnetes/testkit/postgres';
import { waitFor } from '@subnetes/testkit/processes';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sqlAuditSource } from '../src/adapters/sql-audit-source.ts';
import { OutsideAudit } from '../src/application/outside-audit.ts';
import { produceBlock } from '../src/domain/economy/emission.ts';
import { createHold, postHold, submitTransfer, transferKey, voidHold } from '../src/domain/economy/money-orders.ts';
import { hashes, type LedgerAtWork, openAtWork } from './audited-market.ts';

/** Trouble that many callers make at once, on a real database; the numbers are those of docs/guides/ledger-trouble.md. */
let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(async () => {
  await postgres[Symbol.asyncDispose]();
});

async function openNew(): Promise<LedgerAtWork & { readonly url: string }> {
  const url = await postgres.createDatabase();
  return { ...(await openAtWork(url)), url };
}

const transfer = (id: string, from: string, to: string, amount: bigint) => ({
  keys: [transferKey(id)],
  run: (ledger: Parameters<typeof submitTransfer>[0]) => submitTransfer(ledger, { id, from, to, amount, code: '' }),
});

const spendable = (ledger: LedgerAtWork, account: string): Promise<bigint> =>
  ledger.run((state) => ({ ok: true, value: state.book.spendable(state.asset, account) }));

/** Funds an account of billing with so much. */
async function fundWith(ledger: LedgerAtWork, account: string, amount: bigint): Promise<void> {
  const funded = await ledger.submit(transfer(`fund-${account}`, 'billing:shop', account, amount));
  expect(funded).toMatchObject({ ok: true });
}

async function expectClean(url: string): Promise<void> {
  await using database = await openDatabase({ url });
  expect((await new OutsideAudit(sqlAuditSource(database), hashes.chain).audit()).findings).toEqual([]);
}

test('4: one id a hundred times at once is booked once, and all are told the same', async () => {
  await using ledger = await openNew();
  const all = await Promise.all(
    Array.from({ length: 100 }, () => ledger.submit(transfer('same', 'billing:shop', 'network', 3n))),
  );
  const sequences = new Set(all.map((decided) => (decided.ok ? decided.value.sequence : 0)));
  expect(all.every(({ ok }) => ok)).toBe(true);
  expect(sequences.size).toBe(1);
  expect(all.filter((decided) => decided.ok && !decided.value.repeated)).toHaveLength(1);
  expect(await spendable(ledger, 'network')).toBe(3n);
  await expectClean(ledger.url);
});

test('7: of two hundred that spend the same money at once one succeeds', async () => {
  await using ledger = await openNew();
  await fundWith(ledger, 'billing:one', 1n);
  const all = await Promise.all(
    Array.from({ length: 200 }, (_, at) => ledger.submit(transfer(`d${at}`, 'billing:one', 'network', 1n))),
  );
  expect(all.filter(({ ok }) => ok)).toHaveLength(1);
  const refused = all.filter((decided) => !decided.ok).map((decided) => decided.code);
  expect(new Set(refused)).toEqual(new Set(['INSUFFICIENT_FUNDS']));
  expect(await spendable(ledger, 'billing:one')).toBe(0n);
  await expectClean(ledger.url);
});

test.for([
  ['post', 'void', 'end'],
  ['void', 'post', 'end'],
  ['end', 'post', 'void'],
  ['end', 'void', 'post'],
] as const)(
  '8: %s, %s and %s of one hold at once: the first wins, and what it reserved comes back once',
  async (order) => {
    await using ledger = await openNew();
    await fundWith(ledger, 'billing:one', 10n);
    const hold = { id: 'h', account: 'billing:one', amount: 10n, expiresAtBlock: 1 };
    await ledger.run((state) => createHold(state, hold));
    const commands = {
      post: () =>
        ledger.submit({
          run: (state) =>
            postHold(state, { id: 'p', holdId: 'h', close: true, parts: [{ to: 'network', amount: 4n, code: '' }] }),
        }),
      void: () => ledger.submit({ run: (state) => voidHold(state, 'h') }),
      end: () => ledger.submit({ run: (state) => produceBlock(state, 0) }),
    };
    const outcomes = await Promise.all(order.map((name) => commands[name]()));
    const won = order[0];
    expect(await spendable(ledger, 'billing:one')).toBe(won === 'post' ? 6n : 10n);
    expect(await spendable(ledger, 'network')).toBe(won === 'post' ? 4n : 0n);
    expect(outcomes[0]?.ok).toBe(true);
    expect(outcomes[order.indexOf('post')]?.ok).toBe(won === 'post');
    // A hold that is over is void, whoever ended it; that nothing was done is told.
    expect(outcomes[order.indexOf('void')]).toMatchObject({ ok: true, value: { repeated: won !== 'void' } });
    await expectClean(ledger.url);
  },
);

test('15: one command of five hundred that is refused leaves no trace, and the others are booked', async () => {
  await using ledger = await openNew();
  const all = await Promise.all(
    Array.from({ length: 512 }, (_, at) =>
      ledger.submit(transfer(`b${at}`, at === 200 ? 'billing:nobody' : 'billing:shop', 'network', 1n)),
    ),
  );
  expect(all.map(({ ok }) => ok).filter((ok) => !ok)).toHaveLength(1);
  expect(all[200]).toMatchObject({ ok: false, code: 'INSUFFICIENT_FUNDS' });
  expect(await spendable(ledger, 'network')).toBe(511n);
  await expectClean(ledger.url);
});

test('20: while a commit does not come nobody is answered, and then everybody is, in order', async () => {
  await using ledger = await openNew();
  await using database = await openDatabase({ url: ledger.url });
  const locked = Promise.withResolvers<void>();
  const letGo = Promise.withResolvers<void>();
  const holding = database.transaction(async (sql) => {
    await sql.query('SELECT last_sequence FROM writer FOR UPDATE');
    locked.resolve();
    await letGo.promise;
  });
  await locked.promise;
  const answered: number[] = [];
  const sent = Array.from({ length: 50 }, async (_, at) => {
    const decided = await ledger.submit(transfer(`w${at}`, 'billing:shop', 'network', 1n));
    if (decided.ok) answered.push(decided.value.sequence);
  });
  await using other = await openDatabase({ url: ledger.url });
  await waitFor('the commit to wait', async () => {
    const waiting = await other.query(
      `SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`,
    );
    return waiting.length > 0;
  });
  expect(answered).toEqual([]);
  letGo.resolve();
  await holding;
  await Promise.all(sent);
  expect(answered).toHaveLength(50);
  expect(answered).toEqual(answered.toSorted((a, b) => a - b));
  await expectClean(ledger.url);
});
