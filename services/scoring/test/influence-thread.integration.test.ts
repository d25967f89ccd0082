import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { migrate } from '@subnetes/runtime/migrate';
import { openDatabase } from '@subnetes/runtime/postgres';
import type { Database } from '@subnetes/runtime/sql';
import { createLogger } from '@subnetes/telemetry/logger';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { doInfluenceJob } from '#adapters/influence-job.ts';
import { type InfluenceThread, influenceThread } from '#adapters/influence-thread.ts';
import { sqlStore } from '#adapters/sql-store.ts';
import type { Store } from '#application/ports.ts';
import type { EpochInfluence } from '#domain/epoch-influence.ts';
import { NETUID, playTo, VALIDATORS } from './market.ts';
import { MIGRATIONS } from './store.contract.ts';

const program = fileURLToPath(new URL('../src/main.ts', import.meta.url));
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

/** A thread and what it showed; `epoch` may fail once to see what becomes of the next. */
function watched(epoch: Store['epoch']): {
  thread: InfluenceThread;
  shown: [number, EpochInfluence][];
} {
  const shown: [number, EpochInfluence][] = [];
  const show = (netuid: number, influence: EpochInfluence): void => void shown.push([netuid, influence]);
  return { thread: influenceThread({ program, store: { epoch }, quiet, clock, show, log }), shown };
}

test('a thread finds what this thread finds, and of a burst only the newest epoch is computed', async () => {
  const asked: (number | undefined)[] = [];
  const { thread, shown } = watched((netuid, index) => {
    asked.push(index);
    return store.epoch(netuid, index);
  });
  for (const index of [1, 2, 3, 4, 5]) thread.look(NETUID, index);
  await vi.waitFor(() => expect(shown).toHaveLength(1), { timeout: 10_000 });
  expect(asked).toEqual([5]);
  await vi.waitFor(() => expect(rests).toEqual([150])); // three times the one step of its clock
  const { inputsJson, inputsSha256 } = (await store.epoch(NETUID, 5))!;
  expect(shown[0]).toEqual([NETUID, doInfluenceJob({ work: 'influence', inputsJson, inputsSha256 })]);
  expect(shown[0]?.[1].validators.map(({ uid }) => uid)).toEqual([...VALIDATORS]);
  await thread[Symbol.asyncDispose]();
});

test('it gives way to all other threads of the process', async () => {
  const held = Promise.withResolvers<undefined>();
  const { thread, shown } = watched((netuid, index) => (netuid === NETUID ? store.epoch(netuid, index) : held.promise));
  thread.look(NETUID, 5);
  thread.look(NETUID + 1, 5); // for which the thread is kept
  await vi.waitFor(() => expect(shown).toHaveLength(1), { timeout: 10_000 });
  expect(niceOf('self')).toBe(0);
  expect(
    readdirSync('/proc/self/task')
      .map(niceOf)
      .filter((nice) => nice === 19),
  ).toHaveLength(1);
  held.resolve(undefined);
  await thread[Symbol.asyncDispose]();
});

/** As Linux tells it of a thread: the 19th field, counted from after the name. */
function niceOf(thread: string): number {
  const stat = readFileSync(thread === 'self' ? '/proc/self/stat' : `/proc/self/task/${thread}/stat`, 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
}

test('an epoch that cannot be read is left out, the next is looked at; nothing is shown after the end', async () => {
  let failures = 1;
  const { thread, shown } = watched((netuid, index) => {
    failures -= 1;
    if (failures >= 0) throw new Error('the database went away');
    return store.epoch(netuid, index);
  });
  thread.look(NETUID, 4);
  await vi.waitFor(() => expect(failures).toBe(0));
  thread.look(NETUID, 77); // there is none
  await vi.waitFor(() => expect(failures).toBe(-1));
  thread.look(NETUID, 5);
  await vi.waitFor(() => expect(shown).toHaveLength(1), { timeout: 10_000 });
  await thread[Symbol.asyncDispose]();
  thread.look(NETUID, 5);
  expect(shown).toHaveLength(1);
});
