import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const CGROUP_ROOT = '/sys/fs/cgroup';
/** Processes that do not die of SIGKILL within this time wait in the kernel (a dead disk): nothing can be done about them. */
const KILL_TIMEOUT_MS = 20_000;

export type CgroupVersion = 'v1' | 'v2';

/** Version 2 has its control files right in the root; version 1 has a folder for each controller. */
export function cgroupVersion(): CgroupVersion {
  return existsSync(join(CGROUP_ROOT, 'cgroup.controllers')) ? 'v2' : 'v1';
}

/** Roots of the hierarchies in which a container gets a cgroup; mixed mode's `unified`, which has no controllers, is one of them. */
function hierarchies(): readonly string[] {
  if (cgroupVersion() === 'v2') return [CGROUP_ROOT];
  return readdirSync(CGROUP_ROOT, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(CGROUP_ROOT, entry.name, 'cgroup.procs')))
    .map((entry) => join(CGROUP_ROOT, entry.name));
}

/** The hierarchy in which our own processes are grouped: `pids` has no settings that must be filled in first. */
function groupingHierarchy(): string {
  if (cgroupVersion() === 'v2') return CGROUP_ROOT;
  const pids = join(CGROUP_ROOT, 'pids');
  if (!existsSync(pids))
    throw new Error('no cgroup controllers are mounted below /sys/fs/cgroup: the kubelet needs them');
  return pids;
}

/** `cgroup.procs` of the group that holds the cluster's own processes: whoever writes its pid there, and its children, belong to the cluster. */
export function systemProcsFile(cgroup: string): string {
  return join(groupingHierarchy(), cgroup, 'system', 'cgroup.procs');
}

/** Makes `<cgroup>/system` for our processes and `<cgroup>/pods` in every hierarchy as the kubelet's root. */
export async function createCgroups(cgroup: string): Promise<void> {
  await mkdir(join(groupingHierarchy(), cgroup, 'system'), { recursive: true });
  if (cgroupVersion() === 'v2') {
    await mkdir(join(CGROUP_ROOT, cgroup, 'pods'), { recursive: true });
    for (const folder of [CGROUP_ROOT, join(CGROUP_ROOT, cgroup), join(CGROUP_ROOT, cgroup, 'pods')])
      await delegate(folder);
    return;
  }
  for (const hierarchy of hierarchies()) {
    const folders = [join(hierarchy, cgroup), join(hierarchy, cgroup, 'pods')];
    await mkdir(folders[1] ?? '', { recursive: true });
    // A new cpuset is empty, and no process can be moved into an empty one.
    for (const file of ['cpuset.cpus', 'cpuset.mems'].filter((name) => existsSync(join(hierarchy, name)))) {
      const value = await readFile(join(hierarchy, file), 'utf8');
      for (const folder of folders) await writeFile(join(folder, file), value.trim());
    }
  }
}

/** Without these the kubelet does not start on version 2; the others are only passed on where the kernel lets it. */
const REQUIRED_CONTROLLERS = ['cpu', 'cpuset', 'memory', 'pids'];

/** Lets a version 2 group's children use every controller that it has itself. */
async function delegate(folder: string): Promise<void> {
  const controllers = (await readFile(join(folder, 'cgroup.controllers'), 'utf8')).trim().split(' ').filter(Boolean);
  for (const name of controllers) {
    try {
      await writeFile(join(folder, 'cgroup.subtree_control'), `+${name}`);
    } catch (cause) {
      if (REQUIRED_CONTROLLERS.includes(name))
        throw new Error(`the cgroup controller ${name} cannot be used below ${folder}`, { cause });
    }
  }
}

/** Folders of the group and all below it, in every hierarchy, deepest first. */
function groupFolders(cgroup: string): readonly string[] {
  const walk = (folder: string): string[] => {
    if (!existsSync(folder)) return [];
    const below = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return [...below.flatMap((entry) => walk(join(folder, entry.name))), folder];
  };
  return hierarchies().flatMap((hierarchy) => walk(join(hierarchy, cgroup)));
}

/** Pids in the group (below `part` when given), in every hierarchy. */
export function groupPids(cgroup: string, part: '' | 'pods' | 'system' = ''): readonly number[] {
  const pids = new Set<number>();
  for (const folder of groupFolders(join(cgroup, part))) {
    for (const pid of readProcs(folder)) pids.add(pid);
  }
  return [...pids].filter((pid) => pid !== process.pid);
}

function readProcs(folder: string): readonly number[] {
  try {
    return readFileSync(join(folder, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);
  } catch {
    return []; // the group was removed between listing and reading
  }
}

/**
 * Ends every process of the group (or of its `part`) with SIGKILL. Membership comes from the kernel, so a process of somebody else with a re-used number is never hit.
 * @throws Error naming the processes that outlive it.
 */
export async function killGroup(cgroup: string, part: '' | 'pods' | 'system' = ''): Promise<void> {
  const deadlineMs = performance.now() + KILL_TIMEOUT_MS;
  for (;;) {
    const pids = groupPids(cgroup, part);
    if (pids.length === 0) return;
    if (performance.now() > deadlineMs) throw new Error(`processes ${pids.join(', ')} do not die of SIGKILL`);
    for (const pid of pids) signalPid(pid, 'SIGKILL');
    await delay(20);
  }
}

/** Signals a process that may have ended in the meantime. */
export function signalPid(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** Removes the group in every hierarchy; it must have no processes left. */
export async function removeCgroups(cgroup: string): Promise<void> {
  const deadlineMs = performance.now() + KILL_TIMEOUT_MS;
  for (;;) {
    const folders = groupFolders(cgroup);
    if (folders.length === 0) return;
    let failure: unknown;
    for (const folder of folders) {
      await rmdir(folder).catch((error: unknown) => {
        failure = error; // EBUSY until the kernel has let go of the last process
      });
    }
    if (failure !== undefined && performance.now() > deadlineMs) throw failure;
    if (failure !== undefined) await delay(50);
  }
}

/** Whether any hierarchy still has the group. */
export function cgroupExists(cgroup: string): boolean {
  return hierarchies().some((hierarchy) => existsSync(join(hierarchy, cgroup)));
}
