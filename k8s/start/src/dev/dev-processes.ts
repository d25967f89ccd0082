import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { waitUntil } from '@subnetes/local-cluster/wait-until';
import type { RunningFile } from './running-file.ts';

/** Two busy cores start fourteen Node processes at once. */
const READY_MS = 180_000;
const END_MS = 15_000;
const TAIL_LINES = 12;
const LINE_CHARACTERS_MAX = 400;

/** A part ended although nobody asked it to. */
export class PartEndedError extends Error {
  override readonly name = 'PartEndedError';
  /** Where its log is, and how it ends. */
  readonly log: string;

  constructor(part: string, how: string, log: string) {
    super(`${part} ended by itself (${how})`);
    this.log = log;
  }
}

/** One program of the market. */
export interface DevPart {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Parts of the highest stage end first. */
  readonly stage: number;
  /** Asked until it is true; a rejection counts as not yet. */
  readonly ready: () => Promise<boolean>;
}

export interface DevProcesses extends AsyncDisposable {
  /** Starts a part and waits until it is ready. @throws WaitTimeoutError when it never is; the reason of the signal. */
  start(part: DevPart): Promise<void>;
  /** Aborted with a PartEndedError when a part ends although nobody asked it to. */
  readonly failed: AbortSignal;
  /** Ends all at once, without asking; for people in a hurry. */
  kill(): void;
}

interface Running {
  readonly part: DevPart;
  readonly child: ChildProcess;
  readonly ended: Promise<void>;
  readonly tail: string[];
}

export interface DevProcessesOptions {
  readonly logDir: string;
  readonly runningFile: RunningFile;
  readonly signal: AbortSignal;
  /** Receives each log line for the terminal. */
  readonly onLine: ((part: string, line: string) => void) | undefined;
}

/**
 * Processes in groups of their own, so that Ctrl-C of the terminal reaches this program alone and they end in order:
 * first who asks, last who answers.
 */
export async function devProcesses(options: DevProcessesOptions): Promise<DevProcesses> {
  const { logDir, runningFile } = options;
  await mkdir(logDir, { recursive: true });
  const running = new Map<string, Running>();
  const failure = new AbortController();
  let isEnding = false;
  const kill = (): void => {
    isEnding = true;
    for (const { child } of running.values()) signalGroup(child, 'SIGKILL');
  };
  process.once('exit', kill); // the last resort, where something went wrong on the way out

  const launch = async (part: DevPart): Promise<void> => {
    const child = spawn(part.command, [...part.args], {
      env: part.env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const tail = keepLog(part.name, child, options);
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    running.set(part.name, { part, child, ended, tail });
    const onEnd = (how: string): void => {
      running.delete(part.name);
      resolve();
      if (isEnding || failure.signal.aborted) return;
      const lines = tail.map((line) => `  ${line.slice(0, LINE_CHARACTERS_MAX)}\n`).join('');
      failure.abort(new PartEndedError(part.name, how, `${path.join(logDir, part.name)}.log ends with\n${lines}`));
    };
    child.once('error', (error) => onEnd(error.message));
    // Not 'exit': what it said last has arrived only now.
    child.once('close', (code, signal) => onEnd(signal ?? `exit code ${code}`));
    await runningFile.write(pids(running));
  };

  return {
    failed: failure.signal,
    kill,
    async start(part) {
      await launch(part);
      const ready = async () => ((await part.ready()) ? true : undefined);
      const signal = AbortSignal.any([options.signal, failure.signal]);
      await waitUntil(ready, { timeoutMs: READY_MS, what: `${part.name} to be ready`, signal });
    },
    async [Symbol.asyncDispose]() {
      isEnding = true;
      const stages = [...new Set([...running.values()].map(({ part }) => part.stage))].toSorted((a, b) => b - a);
      for (const stage of stages) {
        await Promise.all([...running.values()].filter(({ part }) => part.stage === stage).map(end));
      }
    },
  };
}

async function end({ child, ended }: Running): Promise<void> {
  // To the leader alone: under --watch that is Node's watcher, which passes it on.
  child.kill('SIGTERM');
  const hard = setTimeout(() => signalGroup(child, 'SIGKILL'), END_MS);
  await ended;
  clearTimeout(hard);
}

/** The group is the child's own and holds what it started, such as the process that Node's watcher watches. */
function signalGroup({ pid, exitCode, signalCode }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  process.kill(-pid, signal);
}

function pids(running: ReadonlyMap<string, Running>): ReadonlyMap<string, number> {
  return new Map([...running].flatMap(([name, { child }]) => (child.pid === undefined ? [] : [[name, child.pid]])));
}

/** Writes what it prints to its log file; the last lines are kept for messages. */
function keepLog(name: string, child: ChildProcess, { logDir, onLine }: DevProcessesOptions): string[] {
  const file = createWriteStream(path.join(logDir, `${name}.log`));
  const tail: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on('line', (line) => {
      file.write(`${line}\n`);
      tail.push(line);
      if (tail.length > TAIL_LINES) tail.shift();
      onLine?.(name, line);
    });
  }
  child.once('close', () => file.end());
  return tail;
}
