import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { readFile, rm, rmdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { cgroupExists, groupPids, killGroup, removeCgroups, signalPid } from '#cgroups.ts';
import type { ClusterLayout } from '#cluster-layout.ts';
import { restoreKernelSettings } from '#kernel-settings.ts';
import { currentMounts, unmountBelow } from '#mounts.ts';
import { deleteNetwork } from '#node-network.ts';
import { isRunning, readIdentityFile } from '#process-identity.ts';
import { waitUntil, WaitTimeoutError } from '#wait-until.ts';

/** The supervisor gives its processes 2 s; after this time it is ended with the rest. */
const SUPERVISOR_STOP_MS = 8_000;
/** The kubelet links every container's log here, whatever its own log folder is. */
const CONTAINER_LINKS = '/var/log/containers';
/** Where the CNI library keeps a note of every pod it has connected. */
const CNI_RESULTS = '/var/lib/cni/results';

/** What a cluster has left in the kernel and in shared folders; all empty when it is gone. */
export type Leftovers = {
  readonly pids: readonly number[];
  readonly mounts: readonly string[];
  readonly netns: boolean;
  readonly cgroups: boolean;
};

/** Finds what is left of a cluster, however it ended. */
export async function findLeftovers(layout: ClusterLayout): Promise<Leftovers> {
  return {
    pids: groupPids(layout.cgroup),
    mounts: [...(await currentMounts(layout.runDir)), ...(await currentMounts(layout.stateDir))],
    netns: existsSync(layout.netnsPath),
    cgroups: cgroupExists(layout.cgroup),
  };
}

/** Ends the cluster's supervisor and every process below it, pods included, and unmounts what they used. Data stays. */
export async function stopProcesses(layout: ClusterLayout): Promise<void> {
  const supervisor = readIdentityFile(layout.supervisorFile);
  if (supervisor !== undefined && isRunning(supervisor)) {
    signalPid(supervisor.pid, 'SIGTERM');
    try {
      await waitUntil(async () => (isRunning(supervisor) ? undefined : true), {
        timeoutMs: SUPERVISOR_STOP_MS,
        what: 'the supervisor to end',
      });
    } catch (error) {
      if (!(error instanceof WaitTimeoutError)) throw error; // it hangs: SIGKILL below
    }
    // Only what was identified by its start time: the number alone could be somebody else's by now.
    if (isRunning(supervisor)) signalPid(supervisor.pid, 'SIGKILL');
  }
  // Processes of the system first: a shim or a kubelet that lives would start containers again.
  await killGroup(layout.cgroup, 'system');
  await killGroup(layout.cgroup);
  await removeShimSockets(layout);
  await unmountBelow(layout.runDir);
  await unmountBelow(layout.stateDir);
}

/** Removes everything of the cluster: processes, mounts, network, cgroups, state and what it left in shared folders. */
export async function removeCluster(layout: ClusterLayout): Promise<void> {
  await stopProcesses(layout);
  await deleteNetwork(layout);
  await removeCgroups(layout.cgroup);
  await removeLinks(layout);
  await removeCniResults(layout);
  // Mounts are gone (unmountBelow throws otherwise), so this deletes only what is ours.
  await rm(layout.runDir, { recursive: true, force: true });
  await rm(layout.stateDir, { recursive: true, force: true });
  await rm(layout.kubeconfig, { force: true });
  await removeDevicePluginFolder();
  await restoreKernelSettings();
}

/** containerd 1.6 puts the shims' sockets into one folder for all; each task's folder names its own. */
async function removeShimSockets(layout: ClusterLayout): Promise<void> {
  const tasks = join(layout.containerdState, 'io.containerd.runtime.v2.task', 'k8s.io');
  if (!existsSync(tasks)) return;
  for (const task of readdirSync(tasks)) {
    const address = await readFile(join(tasks, task, 'address'), 'utf8').catch(() => ''); // a half-made task has none
    if (address.startsWith('unix:///run/containerd/s/')) await rm(address.slice('unix://'.length), { force: true });
  }
}

/** The kubelet's place for device plugins is fixed. It is left alone where another kubelet still answers there. */
async function removeDevicePluginFolder(): Promise<void> {
  const folder = '/var/lib/kubelet/device-plugins';
  const socket = join(folder, 'kubelet.sock');
  const answers = await new Promise<boolean>((resolve) => {
    const connection = connect(socket, () => {
      connection.destroy();
      resolve(true);
    });
    connection.on('error', () => resolve(false));
  });
  if (answers) return;
  await rm(socket, { force: true });
  // Not empty: somebody else's after all.
  for (const path of [folder, '/var/lib/kubelet']) await rmdir(path).catch(() => undefined);
}

async function removeLinks(layout: ClusterLayout): Promise<void> {
  if (!existsSync(CONTAINER_LINKS)) return;
  for (const entry of readdirSync(CONTAINER_LINKS, { withFileTypes: true })) {
    const path = join(CONTAINER_LINKS, entry.name);
    if (entry.isSymbolicLink() && readlinkSync(path).startsWith(`${layout.podLogsDir}/`))
      await rm(path, { force: true });
  }
}

async function removeCniResults(layout: ClusterLayout): Promise<void> {
  if (!existsSync(CNI_RESULTS)) return;
  for (const file of readdirSync(CNI_RESULTS)) {
    const path = join(CNI_RESULTS, file);
    // Every note names the pod's network namespace, which lies in the cluster's own folder.
    const note = await readFile(path, 'utf8').catch(() => ''); // another cluster's, removed meanwhile
    if (note.includes(`${layout.runDir}/`)) await rm(path, { force: true });
  }
}
