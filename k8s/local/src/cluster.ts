import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { addonObjects, applyObjects } from '#addons.ts';
import { clusterFailure, isApiReady, readiness } from '#cluster-readiness.ts';
import { ensureBinaries } from '#binaries.ts';
import { takeLock } from '#build-lock.ts';
import { createCgroups } from '#cgroups.ts';
import { clusterLayout, DEFAULT_CLUSTER } from '#cluster-layout.ts';
import type { ClusterLayout } from '#cluster-layout.ts';
import { ensurePki } from '#cluster-pki.ts';
import { readProcessStatus, readSpec, writeJson } from '#cluster-spec.ts';
import type { ClusterSpec, ProcessStatus } from '#cluster-spec.ts';
import { configFiles } from '#component-configs.ts';
import { CLUSTER_BINARIES } from '#components.ts';
import { parseForwardTarget } from '#forward-target.ts';
import type { Forward } from '#forward-target.ts';
import { isPortFree } from '#host-ports.ts';
import { ensureImage } from '#image-build.ts';
import { saveKernelSettings } from '#kernel-settings.ts';
import { kubeApi } from '#kube-api.ts';
import { findLeftovers, removeCluster, stopProcesses } from '#leftovers.ts';
import { currentMounts } from '#mounts.ts';
import { importImages, snapshotterFor } from '#node-images.ts';
import { createNetwork } from '#node-network.ts';
import type { StoredImage } from '#oci-store.ts';
import { isRunning, readIdentityFile } from '#process-identity.ts';
import { inStep, silent } from '#progress.ts';
import type { OnProgress } from '#progress.ts';
import { runCommand } from '#run-command.ts';
import { systemImages } from '#system-images.ts';
import { waitUntil } from '#wait-until.ts';

export const DEFAULT_API_PORT = 16_443;
const API_READY_MS = 120_000;
const NODE_READY_MS = 120_000;
const SOCKET_READY_MS = 60_000;

/** The checkout that this file belongs to. */
const CHECKOUT = join(import.meta.dirname, '..', '..', '..');

export type UpOptions = {
  readonly name?: string;
  readonly checkoutDir?: string;
  /** Port of the API server on the host's loopback. */
  readonly apiHostPort?: number;
  readonly forwards?: readonly Forward[];
  /** False only for tests. */
  readonly etcdFsync?: boolean;
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
};

export type RunningCluster = { readonly layout: ClusterLayout; readonly spec: ClusterSpec; readonly reused: boolean };

export type ClusterStatus = {
  readonly name: string;
  readonly state: 'absent' | 'stopped' | 'starting' | 'running' | 'broken';
  /** What to know or do where the state is not `running`. */
  readonly detail: string;
  readonly kubeconfig: string;
  readonly server: string | undefined;
  readonly processes: ProcessStatus['processes'];
  readonly forwards: ProcessStatus['forwards'];
};

/** A host port that the cluster needs is taken by another program. */
export class PortTakenError extends Error {
  override readonly name = 'PortTakenError';
}

/**
 * Brings the cluster up, or back up: with data of an earlier run (interrupted or not) it goes on with it. Resolves when the node is
 * Ready and DNS and volumes work. A running cluster is left running; only its forwards are brought in line.
 * @throws PortTakenError, GoToolchainError, CommandError, WaitTimeoutError; the signal's reason when aborted (what was started stays until `down`).
 */
export async function up(options: UpOptions = {}): Promise<RunningCluster> {
  const { onProgress = silent, signal, checkoutDir = CHECKOUT } = options;
  requireRoot();
  const layout = clusterLayout(checkoutDir, options.name);
  for (const forward of options.forwards ?? []) parseForwardTarget(forward.target);
  await ensureBinaries(CLUSTER_BINARIES, onProgress, signal);
  await using _lock = await takeLock(layout.startLock, { signal });
  const spec: ClusterSpec = {
    checkoutDir,
    name: layout.name,
    apiHostPort: options.apiHostPort ?? readSpec(layout)?.apiHostPort ?? DEFAULT_API_PORT,
    forwards: options.forwards ?? readSpec(layout)?.forwards ?? [],
    etcdFsync: options.etcdFsync ?? true,
    startedAtMs: Date.now(),
  };
  const running = supervisorPid(layout) === undefined ? undefined : readSpec(layout);
  if (running?.apiHostPort !== spec.apiHostPort) {
    await inStep('start cluster processes', onProgress, () => start(layout, spec));
    await becomeReady(layout, spec, { onProgress, signal });
    return { layout, spec, reused: false };
  }
  const kept = { ...running, forwards: spec.forwards };
  await updateForwards(layout, running, kept);
  await becomeReady(layout, kept, { onProgress, signal });
  return { layout, spec: kept, reused: true };
}

/** Removes the cluster and all of its data; also what an interrupted start left behind. Nothing to remove is fine. */
export async function down(
  options: { readonly name?: string; readonly checkoutDir?: string; readonly onProgress?: OnProgress } = {},
): Promise<void> {
  requireRoot();
  const layout = clusterLayout(options.checkoutDir ?? CHECKOUT, options.name);
  await inStep(`remove cluster ${layout.name}`, options.onProgress ?? silent, async () => {
    await using _lock = await takeLock(layout.startLock);
    await removeCluster(layout);
  });
}

/** What runs of the cluster; asks its API server whether it is ready. */
export async function status(
  options: { readonly name?: string; readonly checkoutDir?: string } = {},
): Promise<ClusterStatus> {
  const layout = clusterLayout(options.checkoutDir ?? CHECKOUT, options.name);
  const spec = readSpec(layout);
  const known = readProcessStatus(layout);
  const base = {
    name: layout.name,
    kubeconfig: layout.kubeconfig,
    server: spec === undefined ? undefined : `https://127.0.0.1:${spec.apiHostPort}`,
    processes: (known?.processes ?? []).map((entry) => ({
      ...entry,
      identity: entry.identity !== undefined && isRunning(entry.identity) ? entry.identity : undefined,
    })),
    forwards: known?.forwards ?? [],
  };
  const left = await findLeftovers(layout);
  if (supervisorPid(layout) === undefined) {
    if (left.pids.length > 0) {
      return {
        ...base,
        state: 'broken',
        detail: `the supervisor has gone, ${left.pids.length} processes run on: start or remove the cluster`,
      };
    }
    if (spec !== undefined)
      return { ...base, state: 'stopped', detail: 'its data is there; start it again or remove it' };
    const rest = left.netns || left.cgroups || left.mounts.length > 0;
    return {
      ...base,
      state: 'absent',
      detail: rest ? 'an interrupted run left something behind; remove the cluster to clean up' : 'not started',
    };
  }
  if (spec === undefined) return { ...base, state: 'broken', detail: 'its spec is damaged: start it again' };
  const failure = await readiness(layout, spec);
  return failure === undefined
    ? { ...base, state: 'running', detail: 'node is Ready' }
    : { ...base, state: 'starting', detail: failure };
}

/** Imports images from the store into the running cluster; returns the names of those that were not there yet. */
export async function loadImages(
  images: readonly StoredImage[],
  options: {
    readonly name?: string;
    readonly checkoutDir?: string;
    readonly onProgress?: OnProgress;
    readonly signal?: AbortSignal;
  } = {},
): Promise<readonly string[]> {
  const layout = clusterLayout(options.checkoutDir ?? CHECKOUT, options.name ?? DEFAULT_CLUSTER);
  return inStep(`load ${images.length} images`, options.onProgress ?? silent, () =>
    importImages(layout, images, options.signal),
  );
}

async function start(layout: ClusterLayout, spec: ClusterSpec): Promise<void> {
  await stopProcesses(layout);
  await requirePorts([spec.apiHostPort, ...spec.forwards.map(({ hostPort }) => hostPort)]);
  const folders = [layout.logsDir, layout.configDir, layout.etcdDir, layout.containerdRoot, layout.kubeletData];
  const more = [
    layout.podLogsDir,
    layout.volumesDir,
    layout.cniConfDir,
    layout.cniDataDir,
    layout.containerdState,
    layout.kubeletRoot,
  ];
  for (const folder of [...folders, ...more]) await mkdir(folder, { recursive: true, mode: 0o755 });
  await bindKubeletRoot(layout);
  await ensurePki(layout, spec.apiHostPort);
  for (const [path, content] of Object.entries(configFiles(layout, await snapshotterFor(layout))))
    await writeFile(path, content);
  await saveKernelSettings();
  await createCgroups(layout.cgroup);
  await createNetwork(layout);
  await writeJson(layout.specFile, spec);
  startSupervisor(layout, spec);
  await waitUntil(async () => supervisorPid(layout), {
    timeoutMs: SOCKET_READY_MS,
    what: `the supervisor to start (logs: ${layout.logsDir})`,
  });
}

/** The kubelet's folder is kept with the state, but its sockets need the short path. */
async function bindKubeletRoot(layout: ClusterLayout): Promise<void> {
  if ((await currentMounts(layout.kubeletRoot)).includes(layout.kubeletRoot)) return;
  await runCommand('mount', ['--bind', layout.kubeletData, layout.kubeletRoot]);
  // First apart from the file system that it comes from, or pods' mounts would show in the state folder as well.
  await runCommand('mount', ['--make-rprivate', layout.kubeletRoot]);
  await runCommand('mount', ['--make-rshared', layout.kubeletRoot]);
}

function startSupervisor(layout: ClusterLayout, spec: ClusterSpec): void {
  const log = openSync(join(layout.logsDir, 'supervisor.log'), 'a');
  const child = spawn(process.execPath, [join(import.meta.dirname, 'supervisor.ts'), spec.checkoutDir, spec.name], {
    detached: true,
    cwd: layout.stateDir,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  child.unref();
}

async function updateForwards(layout: ClusterLayout, before: ClusterSpec, after: ClusterSpec): Promise<void> {
  if (JSON.stringify(before.forwards) === JSON.stringify(after.forwards)) return;
  const open = new Set(before.forwards.map(({ hostPort }) => hostPort));
  await requirePorts(after.forwards.map(({ hostPort }) => hostPort).filter((port) => !open.has(port)));
  await writeJson(layout.specFile, after);
  const pid = supervisorPid(layout);
  if (pid !== undefined) process.kill(pid, 'SIGHUP');
}

async function becomeReady(
  layout: ClusterLayout,
  spec: ClusterSpec,
  context: { readonly onProgress: OnProgress; readonly signal: AbortSignal | undefined },
): Promise<void> {
  const { onProgress, signal } = context;
  const images: StoredImage[] = [];
  for (const recipe of await systemImages()) images.push(await ensureImage(recipe, { onProgress, signal }));
  await inStep('import system images', onProgress, async () => {
    await waitUntil(async () => (existsSync(layout.containerdSocket) ? true : undefined), {
      timeoutMs: SOCKET_READY_MS,
      what: `containerd (log: ${join(layout.logsDir, 'containerd.log')})`,
      signal,
    });
    await waitUntil(async () => importImages(layout, images, signal), {
      timeoutMs: SOCKET_READY_MS,
      what: 'the import of images',
      signal,
    });
  });
  const api = kubeApi(layout.pkiDir, 'admin', { host: '127.0.0.1', port: spec.apiHostPort });
  try {
    await inStep('API server', onProgress, async () => {
      await waitUntil(async () => isApiReady(api), {
        timeoutMs: API_READY_MS,
        what: `the API server (logs: ${layout.logsDir})`,
        signal,
      });
      await applyObjects(api, addonObjects(layout), signal);
    });
    await inStep('node, DNS and volumes', onProgress, async (report) => {
      let last = '';
      const ready = async (): Promise<true | undefined> => {
        const failure = await clusterFailure(api, spec.startedAtMs);
        if (failure !== undefined && failure !== last) report(failure);
        last = failure ?? last;
        return failure === undefined ? true : undefined;
      };
      await waitUntil(ready, {
        timeoutMs: NODE_READY_MS,
        what: `the node, DNS and volumes to be ready (logs: ${layout.logsDir})`,
        signal,
        everyMs: 200,
      });
    });
  } finally {
    api.close();
  }
}

async function requirePorts(ports: readonly number[]): Promise<void> {
  for (const port of ports) {
    if (!(await isPortFree(port))) {
      throw new PortTakenError(
        `port ${port} of 127.0.0.1 is in use: end the program that holds it, or choose another port`,
      );
    }
  }
}

function supervisorPid(layout: ClusterLayout): number | undefined {
  const identity = readIdentityFile(layout.supervisorFile);
  return identity !== undefined && isRunning(identity) ? identity.pid : undefined;
}

function requireRoot(): void {
  if (process.getuid?.() !== 0)
    throw new Error('the local cluster needs root (network namespaces, mounts and cgroups): run as root');
}
