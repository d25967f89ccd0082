import path from 'node:path';
import process from 'node:process';
import { status as clusterStatus } from '@subnetes/local-cluster/cluster';
import { readOptions, USAGE, UsageError } from './options.ts';
import { progressLines } from './progress-lines.ts';
import { jsonOutcome, textOutcome } from './report.ts';
import { start } from './start.ts';
import { readStatus, statusText } from './status.ts';
import { stop } from './stop.ts';

const ROOT = path.resolve(import.meta.dirname, '../../..');

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options.help) {
    console.log(USAGE);
    return;
  }
  const interrupted = new AbortController();
  const interrupt = (): void => interrupted.abort(new Error('interrupted'));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, interrupt);
  using lines = progressLines(options.json ? process.stderr : process.stdout);
  const { onProgress } = lines;
  switch (options.command) {
    case 'start': {
      if (!options.json) console.log(announcement(options.context));
      const wasThere = options.context !== undefined || (await clusterStatus()).state !== 'absent';
      const { signal } = interrupted;
      const outcome = await start({ root: ROOT, options, onProgress, signal }).catch(async (error: unknown) => {
        if (!signal.aborted) throw error;
        // What this run began it also takes away; what was there before it stays.
        if (!wasThere) await stop({ root: ROOT, purge: false, onProgress });
        throw new Interrupted(wasThere);
      });
      console.log(options.json ? JSON.stringify(jsonOutcome(outcome)) : textOutcome(outcome));
      return;
    }
    case 'stop':
      await stop({ root: ROOT, purge: options.purge, onProgress });
      return;
    case 'status': {
      const status = await readStatus(ROOT);
      console.log(options.json ? JSON.stringify(status) : statusText(status));
    }
  }
}

class Interrupted extends Error {
  constructor(staysUp: boolean) {
    super(
      staysUp
        ? 'interrupted: what was up stays up; go on with npm start, or remove it with npm stop'
        : 'interrupted: what this run had started is removed; compiled programs and images are kept',
    );
  }
}

function announcement(context: string | undefined): string {
  const where =
    context === undefined ? 'bare single-node Kubernetes 1.34 (no Docker needed)' : `cluster of context ${context}`;
  return `Subnetes 0.1.0 · ${where} · writes to .local/, ~/.cache/subnetes and, as root, apt packages`;
}

await main().then(
  // A kept-alive connection must not hold the terminal.
  () => process.exit(),
  (error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    console.error(error instanceof UsageError || error instanceof Interrupted ? message : `\nFailed: ${message}`);
    if (process.env['DEBUG'] !== undefined) console.error(error);
    process.exit(error instanceof UsageError ? 64 : error instanceof Interrupted ? 130 : 1);
  },
);
