import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Component } from '#components.ts';
import { identifyProcess } from '#process-identity.ts';
import type { ProcessIdentity } from '#process-identity.ts';

const RESTART_MS_MIN = 250;
const RESTART_MS_MAX = 5_000;
/** A process that ran this long had started well: its next restart comes at once again. */
const HEALTHY_MS = 30_000;
const PRECONDITION_MS = 50;
/** A log larger than this at the start of its process is put aside once, as `<name>.log.1`. */
const LOG_BYTES_MAX = 50 * 1024 * 1024;

export type SupervisionOptions = {
  readonly logsDir: string;
  readonly cwd: string;
  readonly ipc?: boolean;
  readonly onStart?: (child: ChildProcess) => void;
  readonly onChange: () => void;
};

/** Keeps one process running until it is stopped: starts it when its precondition holds, and again, with growing pauses, when it ends. */
export class SupervisedProcess {
  readonly component: Component;
  restarts = 0;
  lastExit: string | undefined;
  readonly #options: SupervisionOptions;
  #child: ChildProcess | undefined;
  #timer: NodeJS.Timeout | undefined;
  #pauseMs = RESTART_MS_MIN;
  #stopping = false;

  constructor(component: Component, options: SupervisionOptions) {
    this.component = component;
    this.#options = options;
  }

  get identity(): ProcessIdentity | undefined {
    return this.#child?.pid === undefined ? undefined : identifyProcess(this.#child.pid);
  }

  get child(): ChildProcess | undefined {
    return this.#child;
  }

  start(): void {
    if (this.#stopping) return;
    const { startsAfter } = this.component;
    if (startsAfter !== undefined && !existsSync(startsAfter)) {
      this.#timer = setTimeout(() => this.start(), PRECONDITION_MS);
      return;
    }
    const [program = '', ...args] = this.component.command;
    const logFile = openLog(join(this.#options.logsDir, `${this.component.name}.log`));
    const startedMs = performance.now();
    const child = spawn(program, args, {
      cwd: this.#options.cwd,
      stdio: this.#options.ipc === true ? ['ignore', logFile, logFile, 'ipc'] : ['ignore', logFile, logFile],
    });
    closeSync(logFile);
    this.#child = child;
    let ended = false;
    const end = (how: string): void => {
      if (ended) return; // a failed spawn gives 'error' and may give 'exit' as well
      ended = true;
      this.#child = undefined;
      this.lastExit = how;
      if (performance.now() - startedMs > HEALTHY_MS) this.#pauseMs = RESTART_MS_MIN;
      if (!this.#stopping) {
        this.restarts += 1;
        this.#timer = setTimeout(() => this.start(), this.#pauseMs);
        this.#pauseMs = Math.min(this.#pauseMs * 2, RESTART_MS_MAX);
      }
      this.#options.onChange();
    };
    child.on('error', (error) => end(error.message));
    child.on('exit', (code, signalName) => end(signalName === null ? `status ${code}` : signalName));
    this.#options.onStart?.(child);
    this.#options.onChange();
  }

  /** Asks the process to end, ends it by force after `graceMs`, and resolves when it is gone. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#timer);
    const child = this.#child;
    if (child === undefined) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const force = setTimeout(() => child.kill('SIGKILL'), graceMs);
    await gone;
    clearTimeout(force);
  }
}

function openLog(path: string): number {
  if (existsSync(path) && statSync(path).size > LOG_BYTES_MAX) renameSync(path, `${path}.1`);
  return openSync(path, 'a');
}
