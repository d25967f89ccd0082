import { randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startPostgres, type TestPostgres } from '@subnetes/testkit/postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStore } from '../src/adapters/open-store.ts';
import type { AccountHistory } from '../src/application/account-history.ts';
import { verifyJournal } from '../src/application/audit.ts';
import { makeMoveMoney } from '../src/application/move-money.ts';
import { ledgerHashes, openLedger } from '../src/application/open-ledger.ts';
import type { Sequencer } from '../src/application/sequencer.ts';
import { produceBlock } from '../src/domain/economy/emission.ts';
import type { MoneyOrder } from '../src/domain/economy/money-order.ts';
import { expectConserved, testGenesis } from '../src/test/ledger-state.ts';
import { Model, type Operation, type Outcome } from './model.ts';
import { operationsFrom } from './model-operations.ts';

const MIGRATIONS = path.join(import.meta.dirname, '../migrations');
const ACCOUNTS = Array.from({ length: 12 }, (_, at) => `billing:m${at}`);
const EACH = 1_000_000n;
/** The ledger is closed and opened again between two rounds. */
const ROUNDS = 4;
const CALLS_MAX = 1500;
/** So that the journal fills several ranges. */
const RANGE_ENTRIES = 7000;

let postgres: TestPostgres;
let folder: string;
beforeAll(async () => {
  postgres = await startPostgres();
  folder = await mkdtemp(path.join(tmpdir(), 'subnetes-model-'));
});
afterAll(async () => {
  await postgres[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const hashes = ledgerHashes(() => {
  throw new Error('nothing is registered here');
});

async function openOn(url: string) {
  const halts: unknown[] = [];
  const opened = await openStore({ url, migrations: MIGRATIONS, rangeEntries: RANGE_ENTRIES });
  const sequencer = await openLedger({
    store: opened.store,
    hashes,
    genesis: { ...testGenesis, accounts: ACCOUNTS.map((account) => ({ account, amount: EACH })) },
    monotonicMs: () => performance.now(),
    retryDelay: () => Promise.reject(new Error('the database went away')),
    onHalt: (cause) => halts.push(cause),
  });
  return { opened, sequencer, halts };
}

/** Asks the ledger; the order of the calls is the order of the decisions. */
function asking({ sequencer, opened }: Awaited<ReturnType<typeof openOn>>): (operation: Operation) => Promise<Outcome> {
  const moveMoney = makeMoveMoney({ sequencer, store: opened.store });
  return async (operation) => {
    if (operation.kind === 'block') {
      await sequencer.submit({ run: (ledger) => produceBlock(ledger, 0) });
      return { ok: true, remaining: 0n, repeated: false };
    }
    const [answer] = await moveMoney([{ order: orderOf(operation), linked: false }]);
    if (answer === undefined) throw new Error('an order was not answered');
    // Which field differs is not the model's business.
    const isOther = !answer.ok && answer.code.startsWith('EXISTS_WITH_DIFFERENT_');
    if (!answer.ok) return { ok: false, code: isOther ? 'EXISTS_WITH_DIFFERENT_CONTENT' : answer.code };
    const { remaining, repeated } = answer.value;
    return { ok: true, remaining, repeated };
  };
}

function orderOf(operation: Exclude<Operation, { readonly kind: 'block' }>): MoneyOrder {
  const code = 'model';
  switch (operation.kind) {
    case 'transfer':
      return { type: 'Transfer', request: { ...withoutKind(operation), code } };
    case 'hold':
      return { type: 'Hold', request: withoutKind(operation) };
    case 'post': {
      const parts = operation.parts.map((part) => ({ ...part, code }));
      return { type: 'Post', request: { ...withoutKind(operation), parts } };
    }
    case 'void':
      return { type: 'Void', request: { id: operation.id } };
  }
}

function withoutKind<T extends { readonly kind: string }>({ kind: _kind, ...rest }: T): Omit<T, 'kind'> {
  return rest;
}

async function expectSame(sequencer: Sequencer, model: Model): Promise<void> {
  await sequencer.read((ledger) => {
    expectConserved(ledger);
    expect(ledger.block).toBe(model.block);
    for (const account of [...ACCOUNTS, 'network']) {
      const { posted, held } = ledger.book.account('TAO', account);
      expect([account, posted, held]).toEqual([account, model.balances.get(account) ?? 0n, model.held(account)]);
    }
    const left = [...ledger.book.holds.values()].map(({ id, remaining }) => [id, remaining] as const);
    expect(new Map(left)).toEqual(new Map([...model.holds].map(([id, hold]) => [id, hold.left])));
  });
}

/** What everybody has, and has held, and after which entry that is. */
async function momentOf(sequencer: Sequencer, model: Model) {
  const sequence = await sequencer.read((ledger) => ledger.journal.head.sequence);
  const accounts = [...ACCOUNTS, 'network'];
  return { sequence, accounts: accounts.map((id) => [id, model.balances.get(id) ?? 0n, model.held(id)] as const) };
}

async function expectRemembered(history: AccountHistory, { sequence, accounts }: Awaited<ReturnType<typeof momentOf>>) {
  const query = { asset: 'TAO', accounts: accounts.map(([id]) => id), sequence };
  const [posted, held] = [await history.balancesAt(query), await history.heldAt(query)];
  expect(accounts.map(([id]) => [id, posted.get(id) ?? 0n, held?.get(id) ?? 0n])).toEqual(accounts);
}

test.for([
  ['PostgreSQL', 80_000, () => postgres.createDatabase()],
  ['PGlite', 40_000, async () => `pglite:${path.join(folder, 'model')}`],
] as const)('%s and a model come to the same, %i operations long', async ([, operations, urlOf]) => {
  const seed = Number(process.env['SEED'] ?? randomInt(2 ** 31));
  const url = await urlOf();
  const model = new Model(ACCOUNTS.map((account) => [account, EACH] as const));
  const next = operationsFrom(seed, ACCOUNTS, () => model.block);
  const moments: Awaited<ReturnType<typeof momentOf>>[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const running = await openOn(url);
    const { opened, sequencer, halts } = running;
    const ask = asking(running);
    await expectSame(sequencer, model);
    for (let left = operations / ROUNDS; left > 0;) {
      const together = Array.from({ length: Math.min(left, 1 + next.below(CALLS_MAX)) }, next.operation);
      left -= together.length;
      const answers = await Promise.all(together.map(ask));
      for (const [at, operation] of together.entries()) {
        // The seed and the operation are in the message of a difference.
        expect({ seed, operation, outcome: answers[at] }).toEqual({ seed, operation, outcome: model.apply(operation) });
      }
    }
    await expectSame(sequencer, model);
    moments.push(await momentOf(sequencer, model));
    await sequencer.close();
    expect(halts).toEqual([]);
    await opened[Symbol.asyncDispose]();
  }
  await using last = await openStore({ url, migrations: MIGRATIONS });
  expect(await verifyJournal(last.store, hashes)).toEqual({ verified: true, firstBrokenSequence: 0, findings: [] });
  for (const moment of moments) await expectRemembered(last.history, moment);
});
