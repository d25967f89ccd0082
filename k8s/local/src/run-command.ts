import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { localConfig } from '#config.ts';

/** Output beyond this many characters is cut from its front: only the end of a long log helps a person. */
const OUTPUT_CHARS_MAX = 16_000_000;

export type RunOptions = {
  readonly cwd?: string;
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Called with every line of standard error as it comes. */
  readonly onErrorLine?: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
};

/** A program ended with a status other than zero, or could not be started (`exitCode` is then undefined). */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: number | undefined;
  readonly stderr: string;

  constructor(command: string, failure: { exitCode?: number | undefined; stderr: string; cause?: unknown }) {
    const tail = failure.stderr.trim().split('\n').slice(-8).join('\n');
    const how = failure.exitCode === undefined ? 'could not be run' : `ended with status ${failure.exitCode}`;
    super(`${command} ${how}${tail === '' ? '' : `: ${tail}`}`, { cause: failure.cause });
    this.exitCode = failure.exitCode;
    this.stderr = failure.stderr;
  }
}

/**
 * Runs a program to its end and returns its standard output. Never uses a shell.
 * @throws CommandError when it fails; the signal's reason when it was aborted.
 */
export async function runCommand(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  options.signal?.throwIfAborted();
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...localConfig().environment, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
    signal: options.signal,
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout = (stdout + chunk).slice(-OUTPUT_CHARS_MAX);
  });
  createInterface({ input: child.stderr }).on('line', (line) => {
    stderr = `${stderr}${line}\n`.slice(-OUTPUT_CHARS_MAX);
    options.onErrorLine?.(line);
  });
  // A program that ends without reading its input closes the pipe; its exit status says more than the broken pipe.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  const name = `${command} ${args.slice(0, 3).join(' ')}`.trim();
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.on('error', (cause) => {
      reject(
        options.signal?.aborted === true
          ? options.signal.reason
          : new CommandError(name, { stderr: cause.message, cause }),
      );
    });
    child.on('close', (code, signalName) => resolve(code ?? (signalName === null ? 1 : 128)));
  });
  options.signal?.throwIfAborted();
  if (exitCode !== 0) throw new CommandError(name, { exitCode, stderr: stderr === '' ? stdout : stderr });
  return stdout;
}
