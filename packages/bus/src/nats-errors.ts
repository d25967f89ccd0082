import { BusError } from './bus.ts';

/** Whether the server says that what was asked about is not there, or not any more. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && /stream not found|consumer not found|no stream/i.test(error.message);
}

/** Does it, and tells of it as of the bus where it fails. A RangeError is ours, and stays. */
export async function asBusError<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof RangeError || cause instanceof BusError) throw cause;
    throw new BusError(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
