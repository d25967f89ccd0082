import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { identifyProcess, isRunning, readIdentityFile } from '#process-identity.ts';
import { waitUntil } from '#wait-until.ts';

/** A cold build takes minutes; whoever waits longer than this waits for something that is stuck. */
const LOCK_WAIT_MS = 45 * 60_000;

export type LockOptions = {
  readonly signal?: AbortSignal | undefined;
  /** Called once if another process holds the lock. */
  readonly onWait?: (holderPid: number) => void;
};

/**
 * Takes a lock file that names its holder, so that two runs on one machine do not build the same thing twice at once.
 * The lock of a holder that no longer runs (killed in the middle) is taken over. Dispose of the result to release it.
 * @throws WaitTimeoutError when the holder keeps it for 45 minutes.
 */
export async function takeLock(path: string, options: LockOptions = {}): Promise<AsyncDisposable> {
  const self = identifyProcess(process.pid);
  if (self === undefined) throw new Error('this process has no entry in /proc');
  await mkdir(dirname(path), { recursive: true });
  let waited = false;
  await waitUntil(
    async () => {
      if (await tryCreate(path, JSON.stringify(self))) return true;
      const holder = readIdentityFile(path);
      if (holder !== undefined && isRunning(holder)) {
        if (!waited) options.onWait?.(holder.pid);
        waited = true;
        return undefined;
      }
      // A file without a holder is either stale or being written this moment: look twice before it is taken over.
      const before = await readFile(path, 'utf8').catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 50));
      const after = await readFile(path, 'utf8').catch(() => undefined);
      if (before === after && before !== undefined) await rm(path, { force: true });
      return undefined;
    },
    { timeoutMs: LOCK_WAIT_MS, what: `the lock ${path}`, signal: options.signal },
  );
  return { [Symbol.asyncDispose]: async () => rm(path, { force: true }) };
}

async function tryCreate(path: string, content: string): Promise<boolean> {
  try {
    await writeFile(path, content, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}
