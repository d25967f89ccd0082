import { fdatasyncSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { NodeFS } from '@electric-sql/pglite/nodefs';
import { lockFolder } from './folder-lock.ts';
import { OID_INT8, OID_NUMERIC, bigintFromText, type Database, type Row, type Sql } from './sql.ts';

/** PGlite never checkpoints by itself: without this its log would grow for ever. */
const CHECKPOINT_MS = 5 * 60_000;

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

/**
 * PostgreSQL inside this process, for development and small single-process use: one connection, 0.5–0.8 GB. A folder
 * is locked, as two openers would corrupt it.
 * @param place a folder, or `memory`
 * @throws OutageError when another process has the folder open.
 */
export async function openPglite(place: string): Promise<Database> {
  const parsers = { [OID_INT8]: bigintFromText, [OID_NUMERIC]: bigintFromText };
  if (place === 'memory') {
    const pglite = await PGlite.create({ parsers });
    return databaseOf(pglite, () => pglite.close());
  }
  await mkdir(place, { recursive: true });
  const lock = await lockFolder(place);
  const startParams = [
    ...PGlite.defaultStartParams.filter((parameter) => parameter !== '-F'),
    '-c',
    'wal_sync_method=fsync',
  ];
  try {
    const pglite = await PGlite.create({ fs: new DurableFs(join(place, 'data')), startParams, parsers });
    const timer = setInterval(() => void pglite.exec('CHECKPOINT').catch(() => {}), CHECKPOINT_MS).unref(); // the next one tries again
    return databaseOf(pglite, async () => {
      clearInterval(timer);
      await pglite.exec('CHECKPOINT');
      await pglite.close();
      await lock[Symbol.asyncDispose]();
    });
  } catch (error) {
    await lock[Symbol.asyncDispose]();
    throw error;
  }
}

function databaseOf(pglite: PGlite, close: () => Promise<void>): Database {
  return {
    kind: 'pglite',
    ...sqlOf(pglite),
    transaction: (work) => pglite.transaction((transaction) => work(sqlOf(transaction))),
    [Symbol.asyncDispose]: close,
  };
}

type Runner = Pick<PGlite, 'query' | 'exec'>;

function sqlOf(runner: Runner): Sql {
  return {
    async query<R extends Row>(text: string, parameters: readonly unknown[] = []) {
      const result = await runner.query<R>(text, [...parameters]);
      return result.rows;
    },
    async script(text) {
      await runner.exec(text);
    },
    async copy(target, lines) {
      await runner.query(`COPY ${target} FROM '/dev/blob'`, [], { blob: new Blob([lines]) });
    },
  };
}
