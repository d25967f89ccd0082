import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Finding, Task } from './worker.ts';

const WORKER = fileURLToPath(new URL('worker.ts', import.meta.url));
/** Module graphs are never unloaded, so a process is replaced after this many. */
const TASKS_PER_PROCESS = 200;

/** A process that judges mutants; replaced when a mutant hangs it. */
export class JudgingProcess implements AsyncDisposable {
  readonly #timeoutMs: number;
  readonly #evidence: boolean;
  #child: ChildProcess | undefined;
  #tasks = 0;

  constructor(options: { readonly timeoutMs: number; readonly evidence: boolean }) {
    this.#timeoutMs = options.timeoutMs;
    this.#evidence = options.evidence;
  }

  async judge(task: Task): Promise<Finding> {
    if (this.#tasks >= TASKS_PER_PROCESS) await this.#stop();
    const child = this.#child ?? (await this.#start());
    this.#tasks += 1;
    child.send(task);
    const finding = await this.#answerOf(child);
    if (finding.by === 'timeout') await this.#stop();
    return finding;
  }

  /** What the process says, or that it ended or fell silent. */
  #answerOf(child: ChildProcess): Promise<Finding> {
    return new Promise((resolve) => {
      const settle = (finding: Finding): void => {
        clearTimeout(timer);
        child.off('message', settle);
        child.off('exit', died);
        resolve(finding);
      };
      const died = (): void => {
        this.#child = undefined;
        settle({ by: 'crash', found: 'the process ended' });
      };
      const timer = setTimeout(() => settle({ by: 'timeout', found: `${this.#timeoutMs} ms` }), this.#timeoutMs);
      child.once('message', settle);
      child.once('exit', died);
    });
  }

  async #start(): Promise<ChildProcess> {
    const child = fork(WORKER, this.#evidence ? [] : ['--no-evidence'], {
      execArgv: ['--disable-warning=ExperimentalWarning'],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    await once(child, 'message'); // ready
    this.#child = child;
    this.#tasks = 0;
    return child;
  }

  async #stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop();
  }
}
