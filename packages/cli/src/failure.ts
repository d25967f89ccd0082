/** How the process ends, as sysexits.h has it where it has one. */
export const EXIT = {
  done: 0,
  /** A check found something wrong: a broken journal, a replay that differs, a finding of doctor. */
  checkFailed: 1,
  /** A service refused what was asked; the message says what to change. */
  refused: 2,
  usage: 64,
  /** A service cannot be reached. */
  unavailable: 69,
  bug: 70,
  /** Wrong passphrase, or a file that may not be read. */
  noPermission: 77,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends a command with a message for people, a stable code for programs, and what to do next. */
export class Failure extends Error {
  readonly code: string;
  readonly exitCode: ExitCode;
  /** What to do about it, one sentence or command. */
  readonly remedy: string | undefined;

  constructor(failure: {
    code: string;
    message: string;
    exitCode: ExitCode;
    remedy?: string | undefined;
    cause?: unknown;
  }) {
    super(failure.message, { cause: failure.cause });
    this.name = 'Failure';
    this.code = failure.code;
    this.exitCode = failure.exitCode;
    this.remedy = failure.remedy;
  }
}

/** The command line itself is wrong. */
export function usageFailure(message: string, remedy?: string): Failure {
  return new Failure({ code: 'USAGE', message, exitCode: EXIT.usage, remedy });
}
