import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { migrate } from '@subnetes/runtime/migrate';
import { openDatabase } from '@subnetes/runtime/postgres';
import type { Database } from '@subnetes/runtime/sql';
import { Auditor, verifyJournal } from '../../src/application/audit.ts';
import { OutsideAudit } from '../../src/application/outside-audit.ts';
import { ledgerHashes, openLedger } from '../../src/application/open-ledger.ts';
import type { JournalStore } from '../../src/application/ports.ts';
import type { Sequencer } from '../../src/application/sequencer.ts';
import { sqlAuditSource } from '../../src/adapters/sql-audit-source.ts';
import { BY_KEY_SETTINGS, postgresJournalDatabase } from '../../src/adapters/postgres-journal.ts';
import { sqlJournal } from '../../src/adapters/sql-journal.ts';
import type { Decision } from '../../src/domain/book/refusal.ts';
import type { Genesis } from '../../src/domain/economy/genesis.ts';
import type { Ledger } from '../../src/domain/economy/ledger.ts';
import type { SignedOrder } from '../../src/domain/economy/wallet-order.ts';
import { stateRows, testHashes } from '../../src/test/ledger-state.ts';
import { startWriteWire, type WriteWire } from './write-wire.ts';

/** A ledger as those see it who send it something. */
export interface OpenLedger {
  readonly sequencer: Sequencer;
  readonly store: JournalStore;
}

/** Something that is sent to a ledger, and sent again as it was when no answer came. One transaction at most. */
export interface Step {
  readonly name: string;
  readonly send: (ledger: OpenLedger) => Promise<Decision<unknown>>;
  /** What it sends, where that is the order of a wallet. */
  readonly order?: (ledger: Ledger) => SignedOrder;
}

/** Operations that belong together, from genesis on. */
export interface Room {
  readonly name: string;
  readonly genesis: Genesis;
  /** New ones each time: a step remembers what it has sent. */
  readonly script: () => readonly Step[];
}

/** Before the first step: what a ledger stores that finds nothing. */
export const GENESIS = -1;

/** What nobody disturbed came to. */
export interface CalmRun {
  /** All rows after genesis and after each step. */
  readonly states: readonly (readonly string[])[];
  /** Of each step; of genesis under GENESIS. */
  readonly writes: ReadonlyMap<number, number>;
  /** Of entries, of each step. */
  readonly kinds: readonly (readonly string[])[];
  /** All rows of the database at the end. */
  readonly stored: readonly string[];
}

const MIGRATIONS = path.join(import.meta.dirname, '../../migrations');
const hashes = ledgerHashes(testHashes.registrationId);

/** Makes a fault, for tests of these checks. */
export type Meddle = (store: JournalStore, database: Database) => JournalStore;
const honest: Meddle = (store) => store;

interface Running extends OpenLedger, AsyncDisposable {}

/** A database with its tables, and a wire to it for writers. Reads go past the wire: they outlive a writer and have no state. */
class KillBench implements AsyncDisposable {
  readonly wire: WriteWire;
  readonly url: string;
  readonly #database: Database;
  readonly #lookups: Database;

  private constructor(url: string, parts: { wire: WriteWire; database: Database; lookups: Database }) {
    this.url = url;
    this.wire = parts.wire;
    this.#database = parts.database;
    this.#lookups = parts.lookups;
  }

  static async on(url: string): Promise<KillBench> {
    const database = await openDatabase({ url, applicationName: 'kills' });
    await migrate(database, MIGRATIONS);
    const lookups = await openDatabase({ url, applicationName: 'kills', poolMax: 1, settings: BY_KEY_SETTINGS });
    return new KillBench(url, { wire: await startWriteWire(url), database, lookups });
  }

  /** A ledger that begins with what is stored. */
  async open(genesis: Genesis, meddle: Meddle = honest): Promise<Running> {
    const journal = postgresJournalDatabase({
      database: this.#database,
      lookups: this.#lookups,
      connection: async () => ({ connectionString: this.wire.url }),
      sleep: (ms) => delay(ms),
    });
    const store = meddle(sqlJournal(journal), this.#database);
    const opening = openLedger({
      store,
      genesis,
      hashes,
      monotonicMs: () => performance.now(),
      // The process is gone: it tries nothing again.
      retryDelay: () => Promise.reject(new Error('killed')),
      onHalt: () => {},
    });
    const sequencer = await opening.catch(async (error: unknown) => {
      await journal[Symbol.asyncDispose]();
      throw error;
    });
    return {
      sequencer,
      store,
      async [Symbol.asyncDispose]() {
        await sequencer.close();
        await journal[Symbol.asyncDispose]();
      },
    };
  }

  /** All rows of all tables, but for what counts starts and what is about time. */
  async storedRows(): Promise<readonly string[]> {
    const tables = await this.#database.query<{ name: string }>(
      `SELECT relname AS name FROM pg_class JOIN pg_namespace ON relnamespace = pg_namespace.oid
      WHERE nspname = 'public' AND relkind IN ('r', 'p') AND NOT relispartition`,
    );
    const rows: string[] = [];
    for (const { name } of tables) {
      const read = await this.#database.query<{ row: object }>(
        `SELECT to_jsonb(t) - '{epoch,writer_epoch,recorded_at,applied_at}'::text[] AS row FROM ${name} t`,
      );
      rows.push(...read.map(({ row }) => `${name} ${JSON.stringify(row)}`));
    }
    return rows.toSorted();
  }

  /** What the auditor within and the one from outside find. */
  async findings({ store, sequencer }: OpenLedger): Promise<readonly string[]> {
    const chain = await verifyJournal(store, hashes);
    const money = await sequencer.read((ledger) => ledger.network.genesis);
    const { difference, broken } = await new Auditor(store, money).audit();
    const { findings } = await new OutsideAudit(sqlAuditSource(this.#database), hashes.chain).audit();
    const lost = difference === 0n ? [] : [`a difference of ${difference} rao`];
    return [...lost, ...broken, ...chain.findings, ...findings.map(({ message }) => message)];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.wire[Symbol.asyncDispose]();
    await this.#lookups[Symbol.asyncDispose]();
    await this.#database[Symbol.asyncDispose]();
  }
}

const rowsOf = ({ sequencer }: OpenLedger): Promise<readonly string[]> => sequencer.read(stateRows);

/** Sends all steps, each of which has to be carried out. */
export async function runCalmly({ name, genesis, script }: Room, databaseUrl: string): Promise<CalmRun> {
  await using bench = await KillBench.on(databaseUrl);
  const writes = new Map<number, number>();
  const count = async (at: number): Promise<void> => void writes.set(at, (await bench.wire.fate())?.writes ?? 0);
  bench.wire.cutNext(Number.POSITIVE_INFINITY);
  await using ledger = await bench.open(genesis);
  await count(GENESIS);
  const states = [await rowsOf(ledger)];
  const kinds: string[][] = [];
  let told: string[] = [];
  ledger.sequencer.subscribe(({ entries }) => told.push(...entries.map(({ kind }) => kind)));
  for (const [at, step] of script().entries()) {
    told = [];
    bench.wire.cutNext(Number.POSITIVE_INFINITY);
    const sent = await step.send(ledger);
    if (!sent.ok) throw new Error(`${name}: ${step.name} is refused: ${sent.code}, ${sent.message}`);
    states.push(await rowsOf(ledger));
    kinds.push(told);
    await count(at);
  }
  return { states, writes, kinds, stored: await bench.storedRows() };
}

/** A block that only mints, into the same rows as the step before: one of them is killed, not all. */
function isQuiet({ kinds, states }: CalmRun, at: number): boolean {
  const isBare = (step: readonly string[] = []): boolean => step.length === 1 && step[0] === 'Block';
  return isBare(kinds[at]) && isBare(kinds[at - 1]) && changedKeys(states, at) === changedKeys(states, at - 1);
}

/** Names of the rows that a step changed. */
function changedKeys(states: CalmRun['states'], at: number): string {
  const [before, after] = [states[at] ?? [], states[at + 1] ?? []];
  const [was, is] = [new Set(before), new Set(after)];
  const changed = [...before.filter((row) => !is.has(row)), ...after.filter((row) => !was.has(row))];
  return JSON.stringify([...new Set(changed.map((row) => row.slice(0, row.indexOf(' '))))]);
}

/** Kills in one run: the writes of a step after which it is killed; undefined: this one is left alone. */
export type KillPlan = (step: number) => number | undefined;

/** Every kill of a room once: each run kills all steps at the same write, as far as they have so many. */
export function plansOf(calm: CalmRun): readonly KillPlan[] {
  const most = Math.max(...calm.writes.values());
  return Array.from({ length: most + 2 }, (_, point) => (step: number) => {
    const writes = calm.writes.get(step) ?? 0;
    return writes === 0 || point > writes + 1 || isQuiet(calm, step) ? undefined : point;
  });
}

/**
 * Sends all steps and kills the ledger as the plan says; another one goes on from what is stored and is sent again what was
 * not answered. Throws where anything is otherwise than without kills, after any step. Answers how often it was killed.
 */
export async function runKilled(
  room: Room,
  calm: CalmRun,
  run: { readonly databaseUrl: string; readonly plan: KillPlan; readonly meddle?: Meddle },
): Promise<number> {
  const { databaseUrl, plan, meddle = honest } = run;
  await using bench = await KillBench.on(databaseUrl);
  const open = (): Promise<Running> => bench.open(room.genesis, meddle);
  let kills = 0;
  const kill = async (at: number, what: { readonly name: string; readonly send: () => Promise<unknown> }) => {
    const point = plan(at);
    if (point === undefined) return undefined;
    const where = `${room.name}: ${what.name}, killed after ${point} of ${calm.writes.get(at)} writes`;
    await killAt(bench.wire, { send: what.send, point, where });
    kills += 1;
    return { where, isStored: point > (calm.writes.get(at) ?? 0) };
  };
  await kill(GENESIS, { name: 'genesis', send: () => open().then((ledger) => ledger[Symbol.asyncDispose]()) });
  let ledger = await open();
  try {
    expectSame(`${room.name}: genesis`, await rowsOf(ledger), calm.states[0]);
    for (const [at, step] of room.script().entries()) {
      const dying = ledger;
      const killed = await kill(at, { name: step.name, send: () => step.send(dying) });
      if (killed !== undefined) {
        await dying[Symbol.asyncDispose]();
        ledger = await open();
        const { where, isStored } = killed;
        expectSame(`${where}, as it was found`, await rowsOf(ledger), calm.states[isStored ? at + 1 : at]);
      }
      await step.send(ledger);
      expectSame(`${room.name}: after ${step.name}`, await rowsOf(ledger), calm.states[at + 1]);
    }
    expectSame(`${room.name}: the database`, await bench.storedRows(), calm.stored);
    const found = await bench.findings(ledger);
    if (found.length > 0) throw new Error(`${room.name}: the audit finds ${found.join('; ')}`);
  } finally {
    await ledger[Symbol.asyncDispose]();
  }
  return kills;
}

async function killAt(
  wire: WriteWire,
  kill: { readonly send: () => Promise<unknown>; readonly point: number; readonly where: string },
): Promise<void> {
  wire.cutNext(kill.point);
  const answered = await kill.send().then(
    () => true,
    () => false,
  );
  const fate = await wire.fate();
  if (fate?.cut !== true || answered) throw new Error(`${kill.where}: it was answered all the same`);
}

/** Throws with the rows that differ. */
function expectSame(where: string, has: readonly string[], wanted: readonly string[] = []): void {
  const [left, right] = [new Set(has), new Set(wanted)];
  const more = has.filter((row) => !right.has(row)).map((row) => `has ${row.slice(0, 400)}`);
  const less = wanted.filter((row) => !left.has(row)).map((row) => `lacks ${row.slice(0, 400)}`);
  if (more.length + less.length === 0) return;
  throw new Error([`${where}:`, ...more.slice(0, 4), ...less.slice(0, 4)].join('\n'));
}
