import { randomBytes } from 'node:crypto';
import { link, open, readdir, readFile, readlink, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { OutageError } from './errors.ts';

const LOCK_FILE = 'subnetes.lock';

/** How often a holder shows that it lives, for openers who cannot see its process. */
const SIGN_MS = 1000;
/** A holder out of sight that has shown nothing for so long is taken for dead: far longer than a pause or a restart lasts. */
const SILENT_MS = 30_000;

/**
 * Makes this process the only one that has a folder open. A lock that a dead process left is taken over. A holder whose
 * process is in sight counts as alive while its pid runs with the same start time, so that a pid used again by another
 * program does not block. One out of sight (another pod on the same volume, another boot) counts as alive while it has
 * shown itself within half a minute.
 * @throws OutageError when another live process holds it.
 */
export async function lockFolder(folder: string): Promise<AsyncDisposable> {
  const mine = await identityOf(process.pid);
  if (mine === undefined) throw new Error('this process does not find itself');
  for (let attempt = 0; attempt < TRIES_MAX; attempt += 1) {
    const dead = await locksIn(folder);
    await refuseLiving(folder, dead);
    const path = join(folder, fileOf((dead.at(-1)?.generation ?? -1) + 1));
    if (!(await create(path, mine))) continue; // somebody was faster: it is seen now
    try {
      // Whoever looked before this file was there may have begun at another generation: of two, the later one sees the other.
      const others = (await locksIn(folder)).filter(
        (lock) => lock.path !== path && !dead.some((each) => isSame(each, lock)),
      );
      await refuseLiving(folder, others);
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
    for (const lock of dead) await rm(lock.path, { force: true });
    return held(path, mine);
  }
  throw new OutageError('pglite', `${folder} is being opened by several processes at once`);
}

/** A dead lock is never moved away, since it may be another one by then: the next generation stands beside it until it is held. */
interface Lock {
  readonly path: string;
  readonly generation: number;
  readonly holder: string;
}

const TRIES_MAX = 5;

function fileOf(generation: number): string {
  return generation === 0 ? LOCK_FILE : `${LOCK_FILE}.${generation}`;
}

/** Ascending by generation. */
async function locksIn(folder: string): Promise<readonly Lock[]> {
  const locks: Lock[] = [];
  for (const name of await readdir(folder)) {
    const [, text] = /^subnetes\.lock(?:\.([1-9][0-9]{0,8}))?$/.exec(name) ?? [];
    const generation = name === LOCK_FILE ? 0 : Number(text);
    if (!Number.isInteger(generation)) continue;
    const path = join(folder, name);
    const holder = await readFile(path, 'utf8').catch(() => undefined); // gone meanwhile
    if (holder !== undefined) locks.push({ path, generation, holder });
  }
  return locks.toSorted((one, other) => one.generation - other.generation);
}

function isSame(one: Lock, other: Lock): boolean {
  return one.path === other.path && one.holder === other.holder;
}

/** @throws OutageError when one of them belongs to a process that lives */
async function refuseLiving(folder: string, locks: readonly Lock[]): Promise<void> {
  for (const { path, holder } of locks) {
    const sign = await signOfLife(path, holder);
    if (sign !== undefined) throw new OutageError('pglite', `${folder} is open ${sign}: stop that one first`);
  }
}

/** The file appears with its content or not at all. */
async function create(path: string, identity: string): Promise<boolean> {
  const draft = `${path}.${randomBytes(8).toString('hex')}`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(identity);
    await file.close();
    await link(draft, path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

function held(path: string, mine: string): AsyncDisposable {
  const shows = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => {}); // a volume that is gone is told by the database's next write
  }, SIGN_MS).unref();
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(shows);
      if ((await readFile(path, 'utf8').catch(() => '')) === mine) await rm(path, { force: true });
    },
  };
}

/** Where the holder lives, in words; undefined for a dead one. */
async function signOfLife(path: string, holder: string): Promise<string | undefined> {
  const [pid = '', startedAt = '', place] = holder.split(' ');
  const here = await placeOf();
  // A lock of an earlier version does not name its place; then as now there was mostly one.
  if (place === undefined || place === here) {
    return (await identityOf(Number(pid))) === `${pid} ${startedAt} ${here}` ? `in process ${pid}` : undefined;
  }
  const seen = await stat(path).catch(() => undefined); // gone meanwhile
  if (seen === undefined) return undefined;
  const silentMs = Date.now() - seen.mtimeMs;
  return silentMs < SILENT_MS
    ? `in a process elsewhere, which showed itself ${Math.round(silentMs / 1000)} s ago`
    : undefined;
}

/** `<pid> <start time in clock ticks> <boot and pid namespace>`, the latter two empty where there is no /proc; undefined if it is dead. */
async function identityOf(pid: number): Promise<string | undefined> {
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  const place = await placeOf();
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8');
    return `${pid} ${text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? ''} ${place}`;
  } catch {
    // No such process, or no /proc: ask the kernel whether it lives.
  }
  try {
    process.kill(pid, 0);
    return `${pid}  ${place}`;
  } catch {
    return undefined;
  }
}

/** Among processes of one place a pid means the same. */
async function placeOf(): Promise<string> {
  try {
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
    return `${boot.trim()}/${await readlink('/proc/self/ns/pid')}`;
  } catch {
    return ''; // no /proc: one machine, and nothing better is known
  }
}
