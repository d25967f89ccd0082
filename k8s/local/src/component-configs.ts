import { join } from 'node:path';
import { stringify } from 'yaml';
import { NETWORK } from '#cluster-layout.ts';
import type { ClusterLayout } from '#cluster-layout.ts';
import { PAUSE_IMAGE } from '#image-names.ts';

/** Where Debian's containernetworking-plugins puts its programs. */
const CNI_BIN_DIR = '/usr/lib/cni';

/** The configuration files of the node and the API server: path to content. */
export function configFiles(
  layout: ClusterLayout,
  snapshotter: 'overlayfs' | 'native',
): Readonly<Record<string, string>> {
  return {
    [join(layout.configDir, 'containerd.toml')]: containerdConfig(layout, snapshotter),
    [join(layout.configDir, 'kubelet.yaml')]: stringify(kubeletConfig(layout)),
    [join(layout.configDir, 'audit-policy.yaml')]: stringify(AUDIT_POLICY),
    [join(layout.cniConfDir, '10-bridge.conflist')]: JSON.stringify(cniConfig(layout), undefined, 2),
  };
}

/**
 * Every call on our own resources and every write, without bodies: enough to count who writes how often, small enough to keep.
 * Leases and events are left out, since kubelet and controllers renew them all the time.
 */
const AUDIT_POLICY = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [
    { level: 'Metadata', resources: [{ group: 'subnetes.io' }] },
    {
      level: 'None',
      resources: [
        { group: 'coordination.k8s.io', resources: ['leases'] },
        { group: 'authentication.k8s.io' },
        { group: 'authorization.k8s.io' },
        { group: '', resources: ['events'] },
        { group: 'events.k8s.io' },
      ],
    },
    { level: 'Metadata', verbs: ['create', 'update', 'patch', 'delete', 'deletecollection'] },
    { level: 'None' },
  ],
};

function containerdConfig(layout: ClusterLayout, snapshotter: string): string {
  const cri = 'plugins."io.containerd.grpc.v1.cri"';
  const text = (value: string): string => JSON.stringify(value);
  return `version = 2
root = ${text(layout.containerdRoot)}
state = ${text(layout.containerdState)}
disabled_plugins = ["io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.aufs", "io.containerd.tracing.processor.v1.otlp", "io.containerd.internal.v1.tracing"]

[grpc]
  address = ${text(layout.containerdSocket)}

[plugins."io.containerd.internal.v1.opt"]
  path = ${text(join(layout.stateDir, 'opt'))}

[${cri}]
  sandbox_image = ${text(PAUSE_IMAGE)}
  # Without it every sandbox fails where this process may not lower its own OOM score ("can't get final child's PID from pipe").
  restrict_oom_score_adj = true
  # Pod namespaces are then told apart from those of other clusters by their folder.
  netns_mounts_under_state_dir = true
  [${cri}.cni]
    bin_dir = ${text(CNI_BIN_DIR)}
    conf_dir = ${text(layout.cniConfDir)}
  [${cri}.containerd]
    snapshotter = ${text(snapshotter)}
    default_runtime_name = "runc"
    [${cri}.containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [${cri}.containerd.runtimes.runc.options]
        SystemdCgroup = false
`;
}

function cniConfig(layout: ClusterLayout): object {
  return {
    cniVersion: '0.4.0',
    name: layout.cniNetwork,
    plugins: [
      {
        type: 'bridge',
        bridge: 'cni0',
        isGateway: true,
        hairpinMode: true,
        ipMasq: false,
        ipam: {
          type: 'host-local',
          dataDir: layout.cniDataDir,
          ranges: [[{ subnet: NETWORK.podCidr }]],
          routes: [{ dst: '0.0.0.0/0' }],
        },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  };
}

function kubeletConfig(layout: ClusterLayout): object {
  const pki = (file: string): string => join(layout.pkiDir, file);
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: NETWORK.nodeAddress,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: pki('ca.crt') },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: pki('kubelet-server.crt'),
    tlsPrivateKeyFile: pki('kubelet-server.key'),
    containerRuntimeEndpoint: `unix://${layout.containerdSocket}`,
    cgroupDriver: 'cgroupfs',
    // A kubelet kills every process under its root that is not one of its pods, and deletes foreign pod logs: both must be its own.
    cgroupRoot: `/${layout.cgroup}/pods`,
    podLogsDir: layout.podLogsDir,
    volumePluginDir: join(layout.stateDir, 'volume-plugins'),
    failCgroupV1: false,
    failSwapOn: false,
    resolvConf: '',
    clusterDNS: [NETWORK.dnsAddress],
    clusterDomain: NETWORK.clusterDomain,
    maxPods: 110,
    registryPullQPS: 0,
    serializeImagePulls: false,
    // Images come from imports only: one that was collected would be gone for good.
    imageGCHighThresholdPercent: 100,
    evictionHard: {
      'memory.available': '64Mi',
      'nodefs.available': '1%',
      'imagefs.available': '1%',
      'nodefs.inodesFree': '1%',
    },
    // Pods keep their time to end on `kubectl delete`, but the machine's shutdown does not wait for them.
    shutdownGracePeriod: '0s',
  };
}
