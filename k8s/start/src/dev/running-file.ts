import { readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { identifyProcess, isRunning } from '@subnetes/local-cluster/process-identity';
import type { ProcessIdentity } from '@subnetes/local-cluster/process-identity';
import { waitUntil } from '@subnetes/local-cluster/wait-until';
import { UsageError } from '../options.ts';

const END_MS = 15_000;

/** Who runs on a data folder: two runs would destroy each other's databases. */
interface Running {
  readonly owner: ProcessIdentity;
  readonly parts: readonly (ProcessIdentity & { readonly name: string })[];
}

export interface RunningFile extends AsyncDisposable {
  /** Writes down which processes there are now, by name. */
  write(parts: ReadonlyMap<string, number>): Promise<void>;
}

/**
 * Takes the data folder. Processes that a killed run left behind are ended; they are known by number and start time.
 * @throws UsageError while another run holds it.
 */
export async function takeDevFolder(folder: string): Promise<RunningFile> {
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, 'processes.json');
  const before = readRunning(file);
  if (before !== undefined && isRunning(before.owner))
    throw new UsageError(`process ${before.owner.pid} runs this market already: end it with Ctrl-C, or choose --dir`);
  for (const part of before?.parts ?? []) await endLeftover(part);
  const owner = identifyProcess(process.pid);
  if (owner === undefined) throw new Error('this process has no entry in /proc');
  let written: Promise<void> = Promise.resolve();
  const write: RunningFile['write'] = (parts) => {
    const known = [...parts].flatMap(([name, pid]) => {
      const identity = identifyProcess(pid);
      return identity === undefined ? [] : [{ name, ...identity }];
    });
    const text = `${JSON.stringify({ owner, parts: known } satisfies Running, undefined, 2)}\n`;
    written = written.then(() => writeFile(file, text)); // one after the other: parts start at the same time
    return written;
  };
  await write(new Map());
  return { write, [Symbol.asyncDispose]: () => rm(file, { force: true }) };
}

function readRunning(file: string): Running | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Running;
  } catch {
    return undefined; // no file, or half of one from a run that was killed while it wrote
  }
}

async function endLeftover(part: ProcessIdentity): Promise<void> {
  if (!isRunning(part)) return;
  process.kill(part.pid, 'SIGTERM');
  const ended = async () => (isRunning(part) ? undefined : true);
  await waitUntil(ended, { timeoutMs: END_MS, what: `process ${part.pid} of an earlier run to end` });
}
