import { createHash } from 'node:crypto';
import { join } from 'node:path';

/** Addresses inside the cluster's own network namespace: every cluster has its own, so all of them use the same. */
export const NETWORK = {
  nodeName: 'node-1',
  nodeAddress: '10.200.0.1',
  nodePrefixLength: 24,
  nodeBridge: 'node0',
  podCidr: '10.244.0.0/24',
  clusterCidr: '10.244.0.0/16',
  serviceCidr: '10.96.0.0/16',
  apiServiceAddress: '10.96.0.1',
  dnsAddress: '10.96.0.10',
  apiPort: 6443,
  clusterDomain: 'cluster.local',
} as const;

/** Every path and kernel name of one cluster; nothing of it is shared with another cluster or checkout. */
export type ClusterLayout = {
  readonly name: string;
  /** Eight hex digits of checkout and name: makes names in the kernel's and /run's flat name spaces unique. */
  readonly id: string;
  readonly stateDir: string;
  readonly kubeconfig: string;
  readonly adminKubeconfig: string;
  readonly logsDir: string;
  readonly auditLog: string;
  readonly pkiDir: string;
  readonly configDir: string;
  readonly etcdDir: string;
  readonly containerdRoot: string;
  readonly kubeletData: string;
  readonly podLogsDir: string;
  readonly volumesDir: string;
  readonly cniConfDir: string;
  readonly cniDataDir: string;
  readonly cniNetwork: string;
  readonly imageStamps: string;
  readonly supervisorFile: string;
  readonly specFile: string;
  readonly statusFile: string;
  readonly startLock: string;
  /** Short, because a Unix socket's path may have 107 bytes; also the place of every mount. */
  readonly runDir: string;
  readonly containerdState: string;
  readonly containerdSocket: string;
  readonly kubeletRoot: string;
  readonly netns: string;
  readonly netnsPath: string;
  /** Cgroup below the root of each hierarchy; `system` holds our processes, `pods` is the kubelet's root. */
  readonly cgroup: string;
};

/** A cluster name that cannot be used in file, link and cgroup names. */
export class ClusterNameError extends Error {
  override readonly name = 'ClusterNameError';
}

export const DEFAULT_CLUSTER = 'subnetes';

/** Lays out the cluster `name` of the checkout at `checkoutDir`. The default cluster's user files stand at the top of `.local`. */
export function clusterLayout(checkoutDir: string, name: string = DEFAULT_CLUSTER): ClusterLayout {
  if (!/^[a-z0-9]([a-z0-9-]{0,28}[a-z0-9])?$/.test(name)) {
    throw new ClusterNameError(`cluster name "${name}" must be 1 to 30 lower-case letters, digits and inner dashes`);
  }
  const id = createHash('sha256').update(`${checkoutDir}\0${name}`).digest('hex').slice(0, 8);
  const local = join(checkoutDir, '.local');
  const stateDir = join(local, name === DEFAULT_CLUSTER ? 'cluster' : `cluster-${name}`);
  const runDir = `/run/subnetes-${id}`;
  const kernelName = `subnetes-${id}`;
  return {
    name,
    id,
    stateDir,
    kubeconfig: name === DEFAULT_CLUSTER ? join(local, 'kubeconfig') : join(stateDir, 'kubeconfig'),
    adminKubeconfig: join(stateDir, 'pki', 'admin.kubeconfig'),
    logsDir: join(stateDir, 'logs'),
    auditLog: join(stateDir, 'logs', 'audit.log'),
    pkiDir: join(stateDir, 'pki'),
    configDir: join(stateDir, 'config'),
    etcdDir: join(stateDir, 'etcd'),
    containerdRoot: join(stateDir, 'containerd'),
    kubeletData: join(stateDir, 'kubelet'),
    podLogsDir: join(stateDir, 'pod-logs'),
    volumesDir: join(stateDir, 'volumes'),
    cniConfDir: join(stateDir, 'cni', 'net.d'),
    cniDataDir: join(stateDir, 'cni', 'data'),
    cniNetwork: kernelName,
    imageStamps: join(stateDir, 'images.json'),
    supervisorFile: join(stateDir, 'supervisor.json'),
    specFile: join(stateDir, 'spec.json'),
    statusFile: join(stateDir, 'processes.json'),
    startLock: join(local, `${name}.lock`),
    runDir,
    containerdState: join(runDir, 'containerd'),
    containerdSocket: join(runDir, 'containerd.sock'),
    kubeletRoot: join(runDir, 'kubelet'),
    netns: kernelName,
    netnsPath: `/run/netns/${kernelName}`,
    cgroup: kernelName,
  };
}
