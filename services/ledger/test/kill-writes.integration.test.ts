import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { WalletOrderSchema } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import type { Database } from '@subnetes/runtime/sql';
import { startPostgres, type TestPostgres } from '@subnetes/testkit/postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { documentText } from '../src/adapters/document-text.ts';
import type { Batch, JournalStore } from '../src/application/ports.ts';
import { accept } from '../src/domain/book/refusal.ts';
import { Ledger } from '../src/domain/economy/ledger.ts';
import { testGenesis, testHashes } from '../src/test/ledger-state.ts';
import { governance } from './kills/governance.ts';
import { keys } from './kills/keys.ts';
import { type CalmRun, type Meddle, plansOf, type Room, runCalmly, runKilled } from './kills/kill-run.ts';
import { lives } from './kills/lives.ts';
import { mandates } from './kills/mandates.ts';
import { money } from './kills/money.ts';
import { pools } from './kills/pools.ts';
import { root } from './kills/root.ts';
import { slashes } from './kills/slashes.ts';
import { stake } from './kills/stake.ts';
import { command } from './kills/steps.ts';

/** The writer is killed at each write of each operation there is: the end is the same as without. */
const ROOMS: readonly Room[] = [money, stake, root, pools, lives, keys, mandates, governance, slashes];

let postgres: TestPostgres;
const calm = new Map<Room, CalmRun>();
beforeAll(async () => {
  postgres = await startPostgres();
  for (const room of ROOMS) calm.set(room, await runCalmly(room, await postgres.createDatabase()));
});
afterAll(async () => {
  await postgres[Symbol.asyncDispose]();
});

/** Answers how often it was killed. */
async function killEverywhere(room: Room, undisturbed: CalmRun, meddle?: Meddle): Promise<number> {
  let kills = 0;
  for (const plan of plansOf(undisturbed)) {
    const databaseUrl = await postgres.createDatabase();
    kills += await runKilled(room, undisturbed, { databaseUrl, plan, ...(meddle === undefined ? {} : { meddle }) });
  }
  return kills;
}

test.each(ROOMS)('$name: killed at each write of each operation, it comes to the same state', async (room) => {
  const undisturbed = calm.get(room);
  if (undisturbed === undefined) throw new Error(`${room.name} was never run`);
  const steps = undisturbed.kinds.length;
  expect(await killEverywhere(room, undisturbed)).toBeGreaterThan(2 * steps);
});

/** Kinds of entries that stand in the code of the rules. */
async function kindsInCode(): Promise<ReadonlySet<string>> {
  const folder = path.join(import.meta.dirname, '../src/domain');
  const files = (await readdir(folder, { recursive: true })).filter((name) => /(?<!\.test)\.ts$/.test(name));
  const texts = await Promise.all(files.map((name) => readFile(path.join(folder, name), 'utf8')));
  const kinds = texts.flatMap((text) => [
    // What is written, what an order under an id comes to, and what is told of neurons and subnets.
    ...text.matchAll(/journal\.write\(\{[^}]*?kind: '(\w+)'/g),
    ...text.matchAll(/accept\(\{ kind: '(\w+)'(?=[ ,])/g),
    ...text.matchAll(/write(?:Life|Registration)\([^;]*?, '(\w+)'/g),
    ...text.matchAll(/'(Account\w+)'/g),
    ...text.matchAll(/'(Session(?:Transfer|Stake))'/g),
  ]);
  return new Set(kinds.map(([, kind = '']) => kind));
}

/** What a ledger writes that finds nothing, which is killed before the first step; and what is no entry. */
const OTHERS: ReadonlySet<string> = new Set(['Genesis', 'Waiting']);

test('no order and no entry is left out: a new one needs a step in one of the rooms', async () => {
  const killed = new Set([...calm.values()].flatMap(({ kinds }) => kinds.flat()));
  const orders = WalletOrderSchema.oneofs[0]?.fields.map(({ localName }) => localName) ?? [];
  const orderKinds = orders.map((name) => `Order${name.charAt(0).toUpperCase()}${name.slice(1)}`);
  expect(orderKinds.length).toBeGreaterThan(30);
  expect(orderKinds.filter((kind) => !killed.has(kind))).toEqual([]);
  const kinds = await kindsInCode();
  expect(kinds.size).toBeGreaterThan(50);
  expect([...kinds].filter((kind) => !killed.has(kind) && !OTHERS.has(kind))).toEqual([]);
});

/** Only where more is due than one block does, which takes hundreds of steps before. */
const UNTOUCHED: readonly string[] = ['due-backlogs'];

test('no table is left out: a new one needs a step that changes it', () => {
  const touched = new Set<string>();
  for (const { states } of calm.values()) {
    for (const row of states.flat()) touched.add(row.slice(0, row.search(/[ /]/)));
  }
  const tables = new Ledger(testHashes).documents.map(({ name }) => name);
  expect(tables.filter((name) => !touched.has(name))).toEqual(UNTOUCHED);
});

const appending =
  (
    append: (batch: Batch, to: { readonly store: JournalStore; readonly database: Database }) => Promise<void>,
  ): Meddle =>
  (store, database) => ({ ...store, append: (batch) => append(batch, { store, database }) });

test.each<[string, Meddle, RegExp]>([
  [
    'a row that is stored after the transaction and not in it',
    appending(async (batch, { store, database }) => {
      const { table = '', key = '', row } = batch.documents.at(-1) ?? {};
      await store.append({ ...batch, documents: batch.documents.slice(0, -1) });
      if (row === undefined) return;
      await database.query(
        `INSERT INTO documents VALUES ($1, $2, $3) ON CONFLICT (table_name, key) DO UPDATE SET body = excluded.body`,
        [table, key, documentText(row)],
      );
    }),
    /of \d+ writes, as it was found:/,
  ],
  [
    'a table that is not stored',
    appending((batch, { store }) =>
      store.append({ ...batch, documents: batch.documents.filter(({ table }) => table !== 'sequences') }),
    ),
    /as it was found:\nlacks sequences/,
  ],
  [
    'an answer before it is stored',
    appending(async (batch, { store }) => {
      store.append(batch).catch(() => {}); // that nobody hears of it is the fault
    }),
    /it was answered all the same/,
  ],
])('%s is found', async (_what, meddle, message) => {
  const undisturbed = calm.get(mandates);
  if (undisturbed === undefined) throw new Error('the room was never run');
  await expect(killEverywhere(mandates, undisturbed, meddle)).rejects.toThrow(message);
});

test('an order that is carried out twice when it is sent twice is found', async () => {
  const twice: Room = {
    name: 'twice',
    genesis: testGenesis,
    script: () => [
      command('payment without an id', (ledger) => {
        const paid = ledger.book.pay({ asset: 'TAO', from: 'desk', parts: [{ to: 'ann', amount: 1n }] });
        ledger.journal.write({ block: ledger.block, kind: 'Test', payload: {} });
        return paid.ok ? accept(paid.value) : paid;
      }),
    ],
  };
  const undisturbed = await runCalmly(twice, await postgres.createDatabase());
  await expect(killEverywhere(twice, undisturbed)).rejects.toThrow(/after payment without an id:/);
});
