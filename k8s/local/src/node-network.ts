import { existsSync } from 'node:fs';
import { NETWORK } from '#cluster-layout.ts';
import type { ClusterLayout } from '#cluster-layout.ts';
import { CommandError, runCommand } from '#run-command.ts';

/**
 * Kernel settings inside the namespace. Pods on one bridge pass the filter hooks only with bridge-nf-call-iptables. A pod that
 * was killed with its network says no good-bye: after six attempts, about half a minute, a forwarded connection is given up,
 * instead of after a quarter of an hour.
 */
const SYSCTLS = [
  'net.ipv4.ip_forward=1',
  'net.bridge.bridge-nf-call-iptables=1',
  'net.ipv4.conf.all.rp_filter=0',
  'net.ipv4.tcp_retries2=6',
];

/** Arguments of nsenter that run a command in the cluster's network namespace. Not `ip netns exec`: that remounts /sys and hides the cgroups. */
export function inNamespace(layout: ClusterLayout, command: readonly string[]): readonly string[] {
  return ['nsenter', `--net=${layout.netnsPath}`, ...command];
}

/** Runs a command in the cluster's network namespace to its end. */
export async function runInNamespace(
  layout: ClusterLayout,
  command: readonly string[],
  input?: string,
): Promise<string> {
  const [program = '', ...args] = inNamespace(layout, command);
  return runCommand(program, args, input === undefined ? {} : { input });
}

/**
 * Makes the cluster's network namespace: loopback, a bridge device that carries the node address, and a default route that ends at that device.
 * It has no link to any other namespace, so no packet can leave; the route only lets Service addresses reach kube-proxy's rules.
 */
export async function createNetwork(layout: ClusterLayout): Promise<void> {
  await ensureBridgeFilter();
  if (!existsSync(layout.netnsPath)) await runCommand('ip', ['netns', 'add', layout.netns]);
  const ip = (...args: string[]): Promise<string> => runCommand('ip', ['-n', layout.netns, ...args]);
  await ip('link', 'set', 'lo', 'up');
  const links = await ip('-brief', 'link');
  if (!links.includes(`${NETWORK.nodeBridge} `)) await ip('link', 'add', NETWORK.nodeBridge, 'type', 'bridge');
  await ip('address', 'replace', `${NETWORK.nodeAddress}/${NETWORK.nodePrefixLength}`, 'dev', NETWORK.nodeBridge);
  await ip('link', 'set', NETWORK.nodeBridge, 'up');
  await ip('route', 'replace', 'default', 'dev', NETWORK.nodeBridge);
  await runInNamespace(layout, ['sysctl', '-q', '-w', ...SYSCTLS]);
}

async function ensureBridgeFilter(): Promise<void> {
  if (existsSync('/proc/sys/net/bridge/bridge-nf-call-iptables')) return;
  try {
    await runCommand('modprobe', ['br_netfilter']);
  } catch (cause) {
    throw new Error('the kernel has no br_netfilter, which NetworkPolicies need: load the module br_netfilter', {
      cause,
    });
  }
}

/** Deletes the namespace with its devices, routes and tables. Deleting what is not there is fine; a half-made one is unmounted by ip. */
export async function deleteNetwork(layout: ClusterLayout): Promise<void> {
  if (!existsSync(layout.netnsPath)) return;
  try {
    await runCommand('ip', ['netns', 'delete', layout.netns]);
  } catch (error) {
    if (!(error instanceof CommandError) || existsSync(layout.netnsPath)) throw error;
  }
}
