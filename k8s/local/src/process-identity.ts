import { readFileSync } from 'node:fs';

/** One process for certain: numbers are used again, but not with the same start time in the same boot. */
export type ProcessIdentity = {
  readonly pid: number;
  /** Clock ticks between boot and start: field 22 of /proc/PID/stat (proc(5)). */
  readonly startTicks: string;
  readonly bootId: string;
};

/** The start time in the text of /proc/PID/stat, whose second field is a name that may hold spaces and brackets. */
export function parseStartTicks(stat: string): string | undefined {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
  return fields[19];
}

/** Identifies a running process; undefined when there is none of that number (or only its unreaped remains). */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  try {
    const startTicks = parseStartTicks(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    if (startTicks === undefined) return undefined;
    return { pid, startTicks, bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim() };
  } catch {
    return undefined; // no such process: the folder is gone
  }
}

/** Whether the very process that was identified still runs. */
export function isRunning(identity: ProcessIdentity): boolean {
  const now = identifyProcess(identity.pid);
  return now !== undefined && now.startTicks === identity.startTicks && now.bootId === identity.bootId;
}

/** Reads an identity that was written as JSON; undefined when the file is missing, cut short or of another form. */
export function readIdentityFile(path: string): ProcessIdentity | undefined {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined; // an interrupted run may leave half a file
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { pid, startTicks, bootId } = value as Record<string, unknown>;
  if (typeof pid !== 'number' || typeof startTicks !== 'string' || typeof bootId !== 'string') return undefined;
  return { pid, startTicks, bootId };
}
