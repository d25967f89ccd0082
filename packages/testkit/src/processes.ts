import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const OUTPUT_CHARACTERS_MAX = 64 * 1024;
const POLL_MS = 20;
const STOP_MS = 20_000;
/** For what a process printed last; one that left children behind never closes its pipes. */
const OUTPUT_MS = 3000;
const READY_MS = 120_000;
const PORT_MIN = 22_000;
const PORT_MAX = 31_999;
const PORT_ATTEMPTS_MAX = 100;

/** The account a child runs under. */
export interface Identity {
  readonly uid: number;
  readonly gid: number;
}

export interface ProcessSpec {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  /** Replaces the environment; left out, the child gets ours. */
  readonly env?: Readonly<Record<string, string>>;
  readonly identity?: Identity | undefined;
  /** How disposing ends it; SIGKILL follows after twenty seconds. Default SIGTERM. */
  readonly stopSignal?: NodeJS.Signals;
}

export interface ServerProcess extends AsyncDisposable {
  readonly pid: number;
  /** The end of what it printed, for messages. */
  output(): string;
  /** Exit code, or the signal's name, once what it printed has been read. */
  readonly exited: Promise<number | string>;
  /** Sends a signal and waits for the end; does nothing when it has ended. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Starts a program whose end belongs to the test that started it; disposing stops it. */
export async function startProcess(spec: ProcessSpec): Promise<ServerProcess> {
  const { command, args, identity, stopSignal = 'SIGTERM', ...options } = spec;
  const child = spawn(command, [...args], { ...options, ...identity, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text = (text + chunk).slice(-OUTPUT_CHARACTERS_MAX);
    });
  }
  await once(child, 'spawn');
  const { pid } = child;
  if (pid === undefined) throw new Error(`${command} was spawned without a pid`);
  const exited = new Promise<number | string>((resolve) =>
    child.once('exit', (code, signal) => {
      const told = (): void => resolve(code ?? signal ?? -1);
      const late = setTimeout(told, OUTPUT_MS);
      child.once('close', () => {
        clearTimeout(late);
        told();
      });
    }),
  );
  // A test run that dies must not leave servers behind.
  const last = (): void => void child.kill('SIGKILL');
  process.once('exit', last);
  void exited.then(() => process.off('exit', last));
  const stop: ServerProcess['stop'] = async (signal = stopSignal) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    const hard = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await exited;
    clearTimeout(hard);
  };
  return { pid, output: () => text, exited, stop, [Symbol.asyncDispose]: () => stop() };
}

export interface ServerSpec extends ProcessSpec {
  /** Asked until it resolves to true; a rejection counts as not yet. */
  readonly ready: () => Promise<boolean>;
  readonly readyMs?: number;
}

/** Starts a server and waits until it is ready. @throws Error with its last output when it ends before or never is. */
export async function startServer(spec: ServerSpec): Promise<ServerProcess> {
  const { ready, readyMs = READY_MS, ...processSpec } = spec;
  const server = await startProcess(processSpec);
  let ended: number | string | undefined;
  void server.exited.then((code) => {
    ended = code;
  });
  try {
    await waitFor(
      `${spec.command} to be ready`,
      () => {
        if (ended !== undefined) throw new Error(`it ended with ${ended}`);
        return ready().catch(() => false);
      },
      readyMs,
    );
  } catch (cause) {
    await server.stop('SIGKILL');
    throw new Error(`${spec.command} did not become ready:\n${server.output()}`, { cause });
  }
  return server;
}

/** Asks until `condition` gives something else than undefined or false. @throws Error with what it waited for. */
export async function waitFor<T>(
  what: string,
  condition: () => Promise<T | undefined | false> | T | undefined | false,
  timeoutMs = 60_000,
): Promise<T> {
  const endMs = performance.now() + timeoutMs;
  for (;;) {
    const found = await condition();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > endMs) throw new Error(`waited ${timeoutMs} ms in vain for ${what}`);
    await delay(POLL_MS);
  }
}

/** Ports are told apart within a process, so that two servers that are about to start never get the same one. */
const given = new Set<number>();

/** Processes that run tests at once at most, each with ports of its own. */
const SHARES = 5;
const SHARE_PORTS = (PORT_MAX + 1 - PORT_MIN) / SHARES;

/** The first port of this process: vitest numbers its workers. Without a number it is the last share. */
function firstPort(): number {
  const worker = Number(process.env['VITEST_POOL_ID'] ?? 0);
  return PORT_MIN + ((worker + SHARES - 1) % SHARES) * SHARE_PORTS;
}

/**
 * A TCP port on loopback that nobody listens on, for a server that starts in a moment. It lies below the range that Linux
 * takes for outgoing connections (32768 on by default): one of those could otherwise take it before the server does.
 */
export async function freePort(): Promise<number> {
  const first = firstPort();
  for (let attempt = 0; attempt < PORT_ATTEMPTS_MAX; attempt += 1) {
    const port = first + randomInt(SHARE_PORTS);
    if (given.has(port) || !(await canListen(port))) continue;
    given.add(port);
    return port;
  }
  throw new Error(`no free port between ${first} and ${first + SHARE_PORTS - 1} after ${PORT_ATTEMPTS_MAX} attempts`);
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** A folder that is removed with its content when it is disposed. */
export async function temporaryFolder(
  name: string,
  owner?: Identity,
): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), `subnetes-${name}-`));
  if (owner !== undefined) await chown(path, owner.uid, owner.gid);
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** Says on stderr which back end a suite runs on, so that CI's log names what was not verified. */
export function announceBackend(part: string, backend: string): void {
  process.stderr.write(`testkit: ${part} by ${backend}\n`);
}
