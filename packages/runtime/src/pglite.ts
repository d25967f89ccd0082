import { fdatasyncSync, statfsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { NodeFS } from '@electric-sql/pglite/nodefs';
import { OutageError, fromUnknown } from './errors.ts';
import { lockFolder } from './folder-lock.ts';
import { OID_INT8, OID_NUMERIC, bigintFromText, type Database, type Row, type Sql } from './sql.ts';

/** PGlite never checkpoints by itself: without this its log would grow for ever, and a start after a crash replay all of it. */
const CHECKPOINT_MS = 5 * 60_000;
const CHECKPOINT_LOG_BYTES = 64 * 1024 * 1024;
const RESERVE_BYTES = 64 * 1024 * 1024;
/** How often the log is looked at. */
const LOG_LOOK_MS = 5000;

/** The part of PGlite's emscripten module that `DurableFs` reaches into. Tested again with every upgrade. */
interface NodeFsModule {
  readonly NODEFS: { readonly stream_ops: { fsync?: (stream: { nfd: number }) => number } };
}

/**
 * PGlite's Node file system, which as shipped never syncs anything to disk: a commit would be lost with the power.
 * With this one, fsync on and `wal_sync_method=fsync`, each commit is one fdatasync.
 */
class DurableFs extends NodeFS {
  override async init(...args: Parameters<NodeFS['init']>): ReturnType<NodeFS['init']> {
    const { emscriptenOpts } = await super.init(...args);
    const addSync = (module: NodeFsModule): void => {
      module.NODEFS.stream_ops.fsync = (stream) => {
        fdatasyncSync(stream.nfd);
        return 0;
      };
    };
    const preRun = [...((emscriptenOpts.preRun as unknown[] | undefined) ?? []), addSync];
    return { emscriptenOpts: { ...emscriptenOpts, preRun } as typeof emscriptenOpts };
  }
}

/** When a checkpoint is made, and what stays free on the disk. */
export interface PgliteLimits {
  readonly logBytes: number;
  readonly everyMs: number;
  readonly lookMs: number;
  /** Of the volume: more than a transaction writes, with the files of the log that it begins. */
  readonly reserveBytes: number;
}

const LIMITS: PgliteLimits = {
  reserveBytes: RESERVE_BYTES,
  logBytes: CHECKPOINT_LOG_BYTES,
  everyMs: CHECKPOINT_MS,
  lookMs: LOG_LOOK_MS,
};

/** Checkpoints by the log's size and by time. Answers how to stop. */
function checkpointAsNeeded(pglite: PGlite, { logBytes, everyMs, lookMs }: PgliteLimits): () => void {
  let lastMs = performance.now();
  const look = async (): Promise<void> => {
    const { rows } = await pglite.query<{ is_long: boolean }>(
      'SELECT pg_current_wal_insert_lsn() - redo_lsn > $1 AS is_long FROM pg_control_checkpoint()',
      [logBytes],
    );
    if (rows[0]?.is_long !== true && performance.now() - lastMs < everyMs) return;
    await pglite.exec('CHECKPOINT');
    lastMs = performance.now();
  };
  const timer = setInterval(() => void look().catch(() => {}), lookMs).unref(); // the next look tries again
  return () => clearInterval(timer);
}

/**
 * PostgreSQL inside this process, for development and small single-process use: one connection, 0.5–0.8 GB. A folder
 * is locked, as two openers would corrupt it.
 * @param place a folder, or `memory`
 * @throws OutageError when another process has the folder open, or it cannot be written.
 */
export async function openPglite(place: string, limits = LIMITS): Promise<Database> {
  const parsers = { [OID_INT8]: bigintFromText, [OID_NUMERIC]: bigintFromText };
  if (place === 'memory') {
    const pglite = await PGlite.create({ parsers });
    return databaseOf(pglite, new Gate(() => true), () => pglite.close());
  }
  const lock = await openFolder(place);
  const startParams = [
    ...PGlite.defaultStartParams.filter((parameter) => parameter !== '-F'),
    '-c',
    'wal_sync_method=fsync',
  ];
  try {
    const pglite = await PGlite.create({ fs: new DurableFs(join(place, 'data')), startParams, parsers });
    const stopCheckpoints = checkpointAsNeeded(pglite, limits);
    return databaseOf(pglite, new Gate(roomBelow(place, limits.reserveBytes)), async () => {
      stopCheckpoints();
      await pglite.exec('CHECKPOINT');
      await pglite.close();
      await lock[Symbol.asyncDispose]();
    });
  } catch (error) {
    await lock[Symbol.asyncDispose]();
    throw error;
  }
}

async function openFolder(place: string): Promise<AsyncDisposable> {
  try {
    await mkdir(place, { recursive: true });
    return await lockFolder(place);
  } catch (error) {
    const isRefused = error instanceof Error && 'code' in error && VOLUME_CODES.has(error.code);
    throw isRefused ? new OutageError('pglite', `${place} cannot be written: ${error.message}`, error) : error;
  }
}

/** Of a volume that is read-only, full, broken or somebody else's. */
const VOLUME_CODES: ReadonlySet<unknown> = new Set(['EROFS', 'ENOSPC', 'EDQUOT', 'EIO', 'EACCES', 'EPERM']);

/** PostgreSQL within this process has ended itself: only a new process goes on. */
export class PgliteLost extends Error {
  override readonly name = 'PgliteLost';
}

/** SQLSTATEs that another try may mend: a full disk and the like, an operator, the system. */
const OUTAGE_CLASSES = new Set(['53', '57', '58']);

/**
 * Lets statements through while there is room for what they write. PostgreSQL ends itself when its log cannot be written, and
 * in this process it would stand still then, with all that waits for the event loop: so it may not come to that.
 */
class Gate {
  readonly #hasRoom: () => boolean;
  #lost: PgliteLost | undefined;

  constructor(hasRoom: () => boolean) {
    this.#hasRoom = hasRoom;
  }

  get isLost(): boolean {
    return this.#lost !== undefined;
  }

  async write<T>(work: () => Promise<T>): Promise<T> {
    if (!this.#hasRoom()) throw new OutageError('pglite', 'the database refuses: its disk is full but for a reserve');
    return await this.read(work);
  }

  async read<T>(work: () => Promise<T>): Promise<T> {
    if (this.#lost !== undefined) throw this.#lost;
    try {
      return await work();
    } catch (error) {
      throw this.#named(error);
    }
  }

  #named(error: unknown): unknown {
    const { severity, code } = error as { readonly severity?: unknown; readonly code?: unknown };
    if (severity === 'PANIC' || severity === 'FATAL') {
      this.#lost ??= new PgliteLost(`the database is gone: ${fromUnknown(error).message}`, { cause: error });
      return this.#lost;
    }
    const isOutage = typeof code === 'string' && OUTAGE_CLASSES.has(code.slice(0, 2));
    return isOutage ? new OutageError('pglite', `the database refuses: ${fromUnknown(error).message}`, error) : error;
  }
}

/** Whether a folder's volume has more free than this. */
function roomBelow(folder: string, reserveBytes: number): () => boolean {
  return () => {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize >= reserveBytes;
  };
}

function databaseOf(pglite: PGlite, gate: Gate, close: () => Promise<void>): Database {
  return {
    kind: 'pglite',
    ...sqlOf(pglite, gate),
    transaction: (work) => gate.write(() => pglite.transaction((transaction) => work(sqlOf(transaction, gate)))),
    [Symbol.asyncDispose]: async () => {
      if (!gate.isLost) await close();
    },
  };
}

type Runner = Pick<PGlite, 'query' | 'exec'>;

function sqlOf(runner: Runner, gate: Gate): Sql {
  return {
    query: <R extends Row>(text: string, parameters: readonly unknown[] = []) => {
      const run = async () => (await runner.query<R>(text, [...parameters])).rows;
      return READS.test(text) ? gate.read(run) : gate.write(run);
    },
    copy: (target, lines) =>
      gate.write(
        async () => void (await runner.query(`COPY ${target} FROM '/dev/blob'`, [], { blob: new Blob([lines]) })),
      ),
    script: (text) => gate.write(async () => void (await runner.exec(text))),
  };
}

/** What may go on where there is no room. */
const READS = /^\s*SELECT\b/i;
