import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { Failure, EXIT, usageFailure } from './failure.ts';

/** Everything that a command may say to and ask of a person; tests give their own. */
export interface Io {
  /** Results, on stdout. */
  out(line: string): void;
  /** Progress and trouble, on stderr. */
  err(line: string): void;
  /** Whether somebody sits there; a program's input comes from elsewhere. */
  readonly hasTerminal: boolean;
  /** Answers no where nobody can be asked. */
  confirm(question: string): Promise<boolean>;
  /** A text typed unseen. Fails with what to do where nobody can be asked. */
  askSecret(question: string): Promise<string>;
}

/** The process' own terminal. */
export function terminalIo(): Io {
  return {
    hasTerminal: process.stdin.isTTY === true, // undefined for files and pipes
    out: (line) => console.log(line),
    err: (line) => console.error(line),
    async confirm(question) {
      if (!process.stdin.isTTY) return false;
      const lines = createInterface({ input: process.stdin, output: process.stderr });
      try {
        return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `)).trim());
      } finally {
        lines.close();
      }
    },
    async askSecret(question) {
      if (!process.stdin.isTTY)
        throw usageFailure('there is no terminal to ask for the passphrase', 'give it with --passphrase-file FILE');
      process.stderr.write(`${question}: `);
      const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
      const lines = createInterface({ input: process.stdin, output: silent, terminal: true });
      try {
        return await lines.question('');
      } finally {
        lines.close();
        process.stderr.write('\n');
      }
    },
  };
}

/** The passphrase from a file's first line, else typed; `isNew` asks twice. Never empty. */
export async function readPassphrase(io: Io, options: { file: string | undefined; isNew: boolean }): Promise<string> {
  const passphrase = options.file === undefined ? await typedPassphrase(io, options.isNew) : firstLine(options.file);
  if (passphrase === '')
    throw usageFailure('the passphrase is empty', 'choose one; it protects the money of the wallet');
  return passphrase;
}

async function typedPassphrase(io: Io, isNew: boolean): Promise<string> {
  const first = await io.askSecret('Passphrase');
  if (isNew && (await io.askSecret('Passphrase again')) !== first)
    throw usageFailure('the two passphrases differ', 'try again');
  return first;
}

function firstLine(file: string): string {
  try {
    return readFileSync(file, 'utf8').split(/\r?\n/, 1)[0] ?? '';
  } catch (cause) {
    throw new Failure({
      code: 'PASSPHRASE_FILE',
      message: `${file} cannot be read`,
      exitCode: EXIT.noPermission,
      cause,
    });
  }
}
