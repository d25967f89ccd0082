import { collectWhenIdle } from './collect-when-idle.ts';
import { ConfigError, fromUnknown, thrownFirst } from './errors.ts';

/** Exit codes: sysexits' EX_USAGE for a wrong configuration, EX_SOFTWARE for a crash. */
export const EXIT_CONFIG = 64;
export const EXIT_CRASH = 70;

/** Below Kubernetes' default of 30 s, so that we end by ourselves. */
const GRACE_MS = 25_000;

export interface RunOptions {
  /** How long tear-down may take after the first signal. Default 25 s. */
  readonly graceMs?: number;
}

/**
 * Runs a service's `main`: SIGTERM and SIGINT abort its signal and give it `graceMs` to return, a second one ends the
 * process at once. A ConfigError ends it with 64, anything else that is thrown with 70, both with one JSON line on
 * stderr. Never returns to its caller before the process is about to end.
 */
export async function runService(
  name: string,
  main: (signal: AbortSignal) => Promise<void>,
  options: RunOptions = {},
): Promise<void> {
  const graceMs = options.graceMs ?? GRACE_MS;
  const stop = new AbortController();
  const end = (code: number, message: string, error?: unknown): never => {
    process.stderr.write(`${JSON.stringify(lastLine(name, message, error))}\n`);
    process.exit(code);
  };
  for (const signalName of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signalName, () => {
      if (stop.signal.aborted) end(EXIT_CRASH, `${signalName} came twice`);
      stop.abort(new Error(signalName));
      setTimeout(() => end(EXIT_CRASH, `tear-down took longer than ${graceMs} ms`), graceMs).unref();
    });
  }
  process.on('uncaughtException', (error) => end(EXIT_CRASH, 'uncaught exception', error));
  process.on('unhandledRejection', (error) => end(EXIT_CRASH, 'unhandled rejection', error));
  collectWhenIdle();
  try {
    await main(stop.signal);
  } catch (thrown) {
    const error = thrownFirst(thrown);
    if (error instanceof ConfigError) end(EXIT_CONFIG, error.message);
    // What is thrown because of the abort is the way out, not a crash.
    if (!(stop.signal.aborted && (error === stop.signal.reason || isAbort(error)))) end(EXIT_CRASH, 'crashed', error);
  }
  process.exit(0);
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

function lastLine(service: string, msg: string, thrown?: unknown): object {
  const line = { level: 'fatal', ts: new Date().toISOString(), service, msg };
  if (thrown === undefined) return line;
  const error = fromUnknown(thrown);
  return { ...line, err: { type: error.name, message: error.message, stack: error.stack, cause: causeText(error) } };
}

function causeText(error: Error): string | undefined {
  return error.cause === undefined ? undefined : fromUnknown(error.cause).message;
}
