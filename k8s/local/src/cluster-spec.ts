import { readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import type { ClusterLayout } from '#cluster-layout.ts';
import type { Forward } from '#forward-target.ts';
import type { ProcessIdentity } from '#process-identity.ts';

/** What `up` was asked for; the supervisor reads it at its start, and the forwards again on SIGHUP. */
export type ClusterSpec = {
  readonly checkoutDir: string;
  readonly name: string;
  readonly apiHostPort: number;
  readonly forwards: readonly Forward[];
  readonly etcdFsync: boolean;
  /** When the processes were started: what the API reports from before that time says nothing about them. */
  readonly startedAtMs: number;
};

/** What the supervisor last knew of its processes and ports. */
export type ProcessStatus = {
  readonly processes: readonly {
    readonly name: string;
    readonly identity: ProcessIdentity | undefined;
    readonly restarts: number;
    readonly lastExit: string | undefined;
  }[];
  readonly forwards: readonly (Forward & { readonly error: string | undefined })[];
};

/** Writes JSON so that a reader sees the old or the new text and never a part. */
export async function writeJson(path: string, value: unknown): Promise<void> {
  const temporary = `${path}.${process.pid}.new`;
  await writeFile(temporary, JSON.stringify(value, undefined, 2));
  await rename(temporary, path);
}

/** The cluster's spec; undefined when there is none (or an interrupted run left half of one). */
export function readSpec(layout: ClusterLayout): ClusterSpec | undefined {
  return readJson(layout.specFile, isSpec);
}

/** The supervisor's last status; undefined before the first. */
export function readProcessStatus(layout: ClusterLayout): ProcessStatus | undefined {
  return readJson(layout.statusFile, isProcessStatus);
}

function readJson<Value>(path: string, check: (value: unknown) => value is Value): Value | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return check(value) ? value : undefined;
  } catch {
    return undefined; // missing, or cut short by an interrupted run
  }
}

function isSpec(value: unknown): value is ClusterSpec {
  if (typeof value !== 'object' || value === null) return false;
  const { checkoutDir, name, apiHostPort, forwards, etcdFsync, startedAtMs } = value as Record<string, unknown>;
  return (
    typeof checkoutDir === 'string' &&
    typeof name === 'string' &&
    typeof apiHostPort === 'number' &&
    typeof etcdFsync === 'boolean' &&
    typeof startedAtMs === 'number' &&
    Array.isArray(forwards)
  );
}

function isProcessStatus(value: unknown): value is ProcessStatus {
  if (typeof value !== 'object' || value === null) return false;
  const { processes, forwards } = value as Record<string, unknown>;
  return Array.isArray(processes) && Array.isArray(forwards);
}
