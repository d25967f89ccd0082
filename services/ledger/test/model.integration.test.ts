import { randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startPostgres, type TestPostgres } from '@subnetes/testkit/postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStore } from '../src/adapters/open-store.ts';
import { verifyJournal } from '../src/application/audit.ts';
import { makeMoveMoney, type MoneyResult } from '../src/application/move-money.ts';
import { ledgerHashes, openLedger } from '../src/application/open-ledger.ts';
import type { Sequencer } from '../src/application/sequencer.ts';
import { produceBlock } from '../src/domain/economy/emission.ts';
import { expectConserved, testGenesis } from '../src/test/ledger-state.ts';
import { Model, type Operation, type Outcome } from './model.ts';
import { operationsFrom } from './model-operations.ts';

const MIGRATIONS = path.join(import.meta.dirname, '../migrations');
const ACCOUNTS = Array.from({ length: 12 }, (_, at) => `billing:m${at}`);
const EACH = 1_000_000n;
/** The ledger is closed and opened again between two rounds. */
const ROUNDS = 4;
const CALLS_MAX = 1500;

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
  const opened = await openStore({ url, migrations: MIGRATIONS });
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
function asking(sequencer: Sequencer): (operation: Operation) => Promise<Outcome> {
  const money = makeMoveMoney({ sequencer });
  const code = 'model';
  const ask = (operation: Exclude<Operation, { readonly kind: 'block' }>): Promise<MoneyResult> => {
    switch (operation.kind) {
      case 'transfer':
        return money.transfer({ ...withoutKind(operation), code });
      case 'hold':
        return money.createHold(withoutKind(operation));
      case 'post':
        return money.postHold({
          ...withoutKind(operation),
          parts: operation.parts.map((part) => ({ ...part, code })),
        });
      case 'void':
        return money.voidHold(operation.id);
    }
  };
  return async (operation) => {
    if (operation.kind === 'block') {
      await sequencer.submit({ run: (ledger) => produceBlock(ledger, 0) });
      return { ok: true, remaining: 0n, repeated: false };
    }
    const answer = await ask(operation);
    if (!answer.ok) return { ok: false, code: answer.code };
    const { remaining, repeated } = answer.value;
    return { ok: true, remaining, repeated };
  };
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

test.for([
  ['PostgreSQL', 80_000, () => postgres.createDatabase()],
  ['PGlite', 40_000, async () => `pglite:${path.join(folder, 'model')}`],
] as const)('%s and a model come to the same, %i operations long', async ([, operations, urlOf]) => {
  const seed = Number(process.env['SEED'] ?? randomInt(2 ** 31));
  const url = await urlOf();
  const model = new Model(ACCOUNTS.map((account) => [account, EACH] as const));
  const next = operationsFrom(seed, ACCOUNTS, () => model.block);
  for (let round = 0; round < ROUNDS; round += 1) {
    const { opened, sequencer, halts } = await openOn(url);
    const ask = asking(sequencer);
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
    await sequencer.close();
    expect(halts).toEqual([]);
    await opened[Symbol.asyncDispose]();
  }
  await using last = await openStore({ url, migrations: MIGRATIONS });
  expect(await verifyJournal(last.store, hashes)).toEqual({ verified: true, firstBrokenSequence: 0, findings: [] });
});
