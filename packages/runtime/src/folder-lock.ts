import { open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { OutageError } from './errors.ts';

const LOCK_FILE = 'subnetes.lock';

/**
 * Makes this process the only one that has a folder open. A lock that a dead process left is taken over: it counts as
 * alive while its pid runs with the same start time, so that a pid used again by another program does not block.
 * @throws OutageError when another live process holds it.
 */
export async function lockFolder(folder: string): Promise<AsyncDisposable> {
  const path = join(folder, LOCK_FILE);
  const mine = await identityOf(process.pid);
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      const file = await open(path, 'wx', 0o600);
      await file.writeFile(mine ?? '');
      await file.close();
      return { [Symbol.asyncDispose]: () => rm(path, { force: true }) };
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    const holder = await readFile(path, 'utf8').catch(() => ''); // gone meanwhile: the next attempt takes it
    const pid = Number(holder.split(' ', 1)[0]);
    const alive = Number.isSafeInteger(pid) && pid > 0 && (await identityOf(pid)) === holder;
    if (alive) throw new OutageError('pglite', `${folder} is open in process ${pid}: stop that one first`);
    await rm(path, { force: true });
  }
  throw new OutageError('pglite', `${folder} is being opened by several processes at once`);
}

/** `<pid> <start time in clock ticks>` from /proc, or only the pid where there is no /proc; undefined if it is dead. */
async function identityOf(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    return `${pid} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''}`;
  } catch {
    // No such process, or no /proc: ask the kernel whether it lives.
  }
  try {
    process.kill(pid, 0);
    return String(pid);
  } catch {
    return undefined;
  }
}
