import { existsSync } from 'node:fs';
import { chmod, rm, writeFile } from 'node:fs/promises';
import { inStep, silent } from '#progress.ts';
import type { OnProgress } from '#progress.ts';
import { CommandError, runCommand } from '#run-command.ts';

/** What the cluster, its images and the tests take from Debian 12, and what for. */
export const SYSTEM_PACKAGES: Readonly<Record<string, string>> = {
  containerd: 'container runtime of the node',
  runc: 'starts containers',
  'containernetworking-plugins': 'pod network (bridge, host-local, portmap)',
  nftables: 'Services and NetworkPolicies',
  iptables: 'kubelet and the portmap plugin',
  iproute2: 'network namespaces and links',
  conntrack: 'kube-proxy',
  ethtool: 'kubelet',
  kmod: 'loads br_netfilter',
  'util-linux': 'nsenter, mount',
  procps: 'sysctl',
  buildah: 'builds images without a daemon',
  'busybox-static': 'shell of the helper and database images',
  'docker-registry': 'loopback registry of the image push test',
  postgresql: 'database image and tests',
  prometheus: 'metrics image, promtool',
  chromium: 'browser test of the console',
  strace: 'test that commits of PGlite reach the disk',
  'ca-certificates': 'package registries over TLS',
};

/** Policy that forbids package scripts to start services; see invoke-rc.d(8). */
const POLICY_FILE = '/usr/sbin/policy-rc.d';

/** Packages are missing and this process may not install them: `command` is what an administrator has to run. */
export class MissingPackagesError extends Error {
  override readonly name = 'MissingPackagesError';
  readonly command: string;

  constructor(missing: readonly string[], command: string, cause?: unknown) {
    super(`${missing.length} system packages are missing (${missing.join(', ')}); run: ${command}`, { cause });
    this.command = command;
  }
}

/** Names in `wanted` that `dpkg-query -W -f '${db:Status-Status} ${Package}\n'` does not list as installed. */
export function notInstalled(wanted: readonly string[], dpkgOutput: string): readonly string[] {
  const installed = new Set(
    dpkgOutput
      .split('\n')
      .map((line) => line.split(' '))
      .filter(([status]) => status === 'installed')
      .map(([, name]) => name),
  );
  return wanted.filter((name) => !installed.has(name));
}

/** Packages of the list that are not installed. On a system without dpkg everything counts as missing. */
export async function missingPackages(
  wanted: readonly string[] = Object.keys(SYSTEM_PACKAGES),
): Promise<readonly string[]> {
  try {
    return notInstalled(wanted, await runCommand('dpkg-query', ['-W', '-f', '${db:Status-Status} ${Package}\\n']));
  } catch (error) {
    if (error instanceof CommandError) return wanted;
    throw error;
  }
}

/** The one command that installs `missing`, for a person to run. */
export function installCommand(missing: readonly string[]): string {
  return `sudo apt-get update && sudo apt-get install -y --no-install-recommends ${missing.join(' ')}`;
}

/**
 * Installs what is missing through apt, without questions and without starting a service (no PostgreSQL, Prometheus or registry runs afterwards).
 * @throws MissingPackagesError with the command to run when this is not root or there is no apt.
 */
export async function ensureSystemPackages(
  onProgress: OnProgress = silent,
  options: { readonly wanted?: readonly string[]; readonly signal?: AbortSignal } = {},
): Promise<void> {
  const missing = await missingPackages(options.wanted);
  if (missing.length === 0) return;
  const command = installCommand(missing);
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) throw new MissingPackagesError(missing, command);
  await inStep(`install ${missing.length} system packages`, onProgress, async (report) => {
    await using _policy = await forbidServiceStarts();
    const env = { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1', LC_ALL: 'C.UTF-8' };
    // Waits for another apt (an unattended upgrade) instead of failing at its lock.
    const apt = (...args: string[]): Promise<string> =>
      runCommand('apt-get', ['-o', 'DPkg::Lock::Timeout=300', ...args], { env, signal: options.signal });
    report('apt-get update');
    await apt('update', '-q');
    report(missing.join(' '));
    await apt('install', '-q', '-y', '--no-install-recommends', ...missing);
    await keepServicesOff(missing, options.signal);
  });
  const still = await missingPackages(options.wanted);
  if (still.length > 0) throw new MissingPackagesError(still, installCommand(still));
}

/** Without this systemd would start the services of new packages at the next boot. Those that were installed before stay as they are. */
async function keepServicesOff(installed: readonly string[], signal: AbortSignal | undefined): Promise<void> {
  if (!existsSync('/run/systemd/system')) return;
  const services = ['containerd', 'docker-registry', 'postgresql', 'prometheus'].filter((name) =>
    installed.includes(name),
  );
  if (services.length > 0) await runCommand('systemctl', ['disable', '--quiet', ...services], { signal });
}

/** Lets package scripts start nothing until disposed. A policy that an administrator set stays in place. */
async function forbidServiceStarts(): Promise<AsyncDisposable> {
  if (existsSync(POLICY_FILE)) return { [Symbol.asyncDispose]: async () => undefined };
  // 101 is "action forbidden by policy".
  await writeFile(POLICY_FILE, '#!/bin/sh\nexit 101\n', { flag: 'wx' });
  await chmod(POLICY_FILE, 0o755);
  return { [Symbol.asyncDispose]: async () => rm(POLICY_FILE, { force: true }) };
}
