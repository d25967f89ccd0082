/** Something outside of this process does not work at present; the same call may succeed later. */
export class OutageError extends Error {
  override readonly name = 'OutageError';
  /** The log tells it without a stack. */
  readonly isOutage = true;
  /** What is down, in a word: postgres, nats, ledger. */
  readonly system: string;

  constructor(system: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.system = system;
  }
}

/** The environment, a file or a flag is wrong: a person has to change it, so the process ends with code 64. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Whatever was thrown, as an Error. */
export function fromUnknown(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown;
  return new Error(typeof thrown === 'string' ? thrown : `a ${typeof thrown} was thrown`, { cause: thrown });
}

/**
 * What was thrown first, where tear-down failed as well: `using` then wraps both in a SuppressedError, whose own text says
 * neither. The later failure stands as the cause if the first has none.
 */
export function thrownFirst(thrown: unknown): unknown {
  if (!(thrown instanceof SuppressedError)) return thrown;
  const first = thrownFirst(thrown.suppressed);
  if (first instanceof Error && first.cause === undefined) first.cause = fromUnknown(thrownFirst(thrown.error));
  return first;
}
