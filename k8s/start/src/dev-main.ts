import path from 'node:path';
import process from 'node:process';
import { DEV_USAGE, readDevOptions } from './dev/dev-options.ts';
import { PartEndedError } from './dev/dev-processes.ts';
import { runDev } from './dev/run-dev.ts';
import { UsageError } from './options.ts';
import { progressLines } from './progress-lines.ts';

const ROOT = path.resolve(import.meta.dirname, '../../..');
/** Of our environment the processes get these and no more, so that a stray variable configures nothing. */
const PASSED_ON = [
  'PATH',
  'HOME',
  'XDG_CACHE_HOME',
  'NODE_COMPILE_CACHE',
  'LOG_LEVEL',
  'OTEL_EXPORTER_OTLP_ENDPOINT',
] as const;

class Interrupted extends Error {}

async function main(): Promise<void> {
  const options = readDevOptions(process.argv.slice(2));
  if (options.help) {
    console.log(DEV_USAGE);
    return;
  }
  const writesTo = options.dir ?? '.local/dev';
  console.log(`Subnetes 0.1.0 · the sample market as processes, no Kubernetes, no root · writes to ${writesTo}`);
  const interrupted = new AbortController();
  const hurried = new AbortController();
  const onSignal = (): void => {
    if (interrupted.signal.aborted) hurried.abort();
    interrupted.abort(new Interrupted());
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  using lines = progressLines(process.stdout);
  const env = PASSED_ON.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]));
  await runDev({
    root: ROOT,
    options,
    onProgress: lines.onProgress,
    signal: interrupted.signal,
    hurry: hurried.signal,
    env: Object.fromEntries(env) as Record<string, string>,
    say: (text) => lines.say(text),
    onLine: options.logs ? (part, line) => lines.say(`${part.padEnd(15)} | ${line}`) : undefined,
  });
}

await main().then(
  () => process.exit(),
  (error: unknown) => {
    if (error instanceof Interrupted) {
      console.log('ended; its data stays: npm run dev goes on with it');
      process.exit();
    }
    if (error instanceof PartEndedError) console.error(`\n${error.log}`);
    console.error(
      error instanceof UsageError
        ? error.message
        : `\nFailed: ${error instanceof Error ? error.message : String(error)}`,
    );
    if (process.env['DEBUG'] !== undefined) console.error(error);
    process.exit(error instanceof UsageError ? 64 : 1);
  },
);
