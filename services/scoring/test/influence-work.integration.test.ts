import { finished } from '@subnetes/policy/steps';
import { migrate } from '@subnetes/runtime/migrate';
import { openDatabase } from '@subnetes/runtime/postgres';
import type { Database } from '@subnetes/runtime/sql';
import { createLogger } from '@subnetes/telemetry/logger';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type InfluenceWork, influenceWork } from '#adapters/influence-work.ts';
import { sqlStore } from '#adapters/sql-store.ts';
import type { Store } from '#application/ports.ts';
import { type EpochInfluence, epochInfluence } from '#domain/epoch-influence.ts';
import { inputsFromStored, type StoredEpochInputs } from '#domain/stored-inputs.ts';
import { NETUID, playTo, VALIDATORS } from './market.ts';
import { MIGRATIONS } from './store.contract.ts';

const log = createLogger({ service: 'scoring', level: 'silent' });
let database: Database;
let store: Store;

beforeAll(async () => {
  database = await openDatabase({ url: 'pglite:memory' });
  await migrate(database, MIGRATIONS);
  store = sqlStore(database);
  await playTo(store, 5);
});
afterAll(() => database[Symbol.asyncDispose]());

/** No epoch is being scored. */
const quiet = (): Promise<void> => Promise.resolve();
/** Times that it rested, in its milliseconds. */
const rests: number[] = [];
let nowMs = 0;
const clock = { monotonicMs: () => (nowMs += 50), sleep: async (ms: number): Promise<void> => void rests.push(ms) };

/** The work and what it showed; `epoch` may fail once to see what becomes of the next. */
function watched(
  epoch: Store['epoch'],
  giveWay: () => Promise<void> = () => Promise.resolve(),
): { work: InfluenceWork; shown: [number, EpochInfluence][] } {
  const shown: [number, EpochInfluence][] = [];
  const show = (netuid: number, influence: EpochInfluence): void => void shown.push([netuid, influence]);
  return { work: influenceWork({ store: { epoch }, quiet, giveWay, clock, show, log }), shown };
}

test('it finds in steps what there is to find, rests after each, and of a burst computes only the newest epoch', async () => {
  const asked: (number | undefined)[] = [];
  const { work, shown } = watched((netuid, index) => {
    asked.push(index);
    return store.epoch(netuid, index);
  });
  for (const index of [1, 2, 3, 4, 5]) work.look(NETUID, index);
  await vi.waitFor(() => expect(shown).toHaveLength(1), { timeout: 60_000 });
  expect(asked).toEqual([5]);
  const { inputsJson, inputsSha256 } = (await store.epoch(NETUID, 5))!;
  const inputs = inputsFromStored(JSON.parse(inputsJson) as StoredEpochInputs);
  expect(shown[0]).toEqual([NETUID, finished(epochInfluence(inputs, inputsSha256))]);
  expect(shown[0]?.[1].validators.map(({ uid }) => uid)).toEqual([...VALIDATORS]);
  expect(rests.length).toBeGreaterThanOrEqual(VALIDATORS.length); // a run without each of them, and some for coalitions
  expect(new Set(rests)).toEqual(new Set([150])); // three times the one step of its clock
  await work[Symbol.asyncDispose]();
});

test('between two steps it gives way, and it ends there', async () => {
  const given = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const giveWay = (): Promise<void> => {
    asked.resolve();
    return given.promise;
  };
  const { work, shown } = watched((netuid, index) => store.epoch(netuid, index), giveWay);
  work.look(NETUID, 5);
  await asked.promise;
  const ended = work[Symbol.asyncDispose]();
  given.resolve();
  await ended;
  expect(shown).toEqual([]);
});

test('an epoch that cannot be read is left out, the next is looked at; nothing is shown after the end', async () => {
  let failures = 1;
  const { work, shown } = watched((netuid, index) => {
    failures -= 1;
    if (failures >= 0) throw new Error('the database went away');
    return store.epoch(netuid, index);
  });
  work.look(NETUID, 4);
  await vi.waitFor(() => expect(failures).toBe(0), { timeout: 60_000 });
  work.look(NETUID, 77); // there is none
  await vi.waitFor(() => expect(failures).toBe(-1), { timeout: 60_000 });
  work.look(NETUID, 5);
  await vi.waitFor(() => expect(shown).toHaveLength(1), { timeout: 60_000 });
  await work[Symbol.asyncDispose]();
  work.look(NETUID, 5);
  expect(shown).toHaveLength(1);
});
