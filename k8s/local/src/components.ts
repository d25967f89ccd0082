import { join } from 'node:path';
import { binaryPath } from '#binaries.ts';
import type { BinaryName } from '#binary-catalog.ts';
import { NETWORK } from '#cluster-layout.ts';
import type { ClusterLayout } from '#cluster-layout.ts';
import { inNamespace } from '#node-network.ts';

/** A process that the supervisor keeps running. */
export type Component = {
  readonly name: string;
  readonly command: readonly string[];
  /** A file that must exist before the process is started. */
  readonly startsAfter?: string;
};

/** What the processes need to know beyond the layout. */
export type ComponentOptions = {
  /** False only for tests: faster, but a crash of the machine may lose the last writes. */
  readonly etcdFsync: boolean;
};

/** Programs that the cluster's processes and images need. */
export const CLUSTER_BINARIES: readonly BinaryName[] = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubelet',
  'kube-proxy',
  'kubectl',
  'coredns',
  'local-path-provisioner',
  'pause',
];

const ETCD_URL = 'http://127.0.0.1:2379';
const ETCD_PEER_URL = 'http://127.0.0.1:2380';

/** The processes of the cluster in the order of their start, each in the cluster's network namespace. */
export function clusterComponents(layout: ClusterLayout, options: ComponentOptions): readonly Component[] {
  const within = (name: string, command: readonly string[], startsAfter?: string): Component => ({
    name,
    command: inNamespace(layout, command),
    ...(startsAfter === undefined ? {} : { startsAfter }),
  });
  return [
    within('etcd', etcd(layout, options)),
    within('kube-apiserver', apiServer(layout)),
    within('containerd', ['containerd', '--config', join(layout.configDir, 'containerd.toml')]),
    within('kube-controller-manager', controllerManager(layout)),
    within('kube-scheduler', scheduler(layout)),
    // It exits at once when the socket does not answer.
    within('kubelet', kubelet(layout), layout.containerdSocket),
    within('kube-proxy', kubeProxy(layout)),
    within('network-policy-agent', [
      process.execPath,
      join(import.meta.dirname, 'network-policy-agent.ts'),
      layout.pkiDir,
    ]),
  ];
}

function etcd(layout: ClusterLayout, options: ComponentOptions): readonly string[] {
  return [
    binaryPath('etcd'),
    '--name=node',
    `--data-dir=${layout.etcdDir}`,
    `--listen-client-urls=${ETCD_URL}`,
    `--advertise-client-urls=${ETCD_URL}`,
    `--listen-peer-urls=${ETCD_PEER_URL}`,
    `--initial-advertise-peer-urls=${ETCD_PEER_URL}`,
    `--initial-cluster=node=${ETCD_PEER_URL}`,
    '--log-level=warn',
    ...(options.etcdFsync ? [] : ['--unsafe-no-fsync']),
  ];
}

function apiServer(layout: ClusterLayout): readonly string[] {
  const pki = (file: string): string => join(layout.pkiDir, file);
  return [
    binaryPath('kube-apiserver'),
    `--etcd-servers=${ETCD_URL}`,
    `--secure-port=${NETWORK.apiPort}`,
    `--advertise-address=${NETWORK.nodeAddress}`,
    `--service-cluster-ip-range=${NETWORK.serviceCidr}`,
    '--allow-privileged=true',
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    `--client-ca-file=${pki('ca.crt')}`,
    `--tls-cert-file=${pki('apiserver.crt')}`,
    `--tls-private-key-file=${pki('apiserver.key')}`,
    `--kubelet-client-certificate=${pki('apiserver-kubelet-client.crt')}`,
    `--kubelet-client-key=${pki('apiserver-kubelet-client.key')}`,
    `--kubelet-certificate-authority=${pki('ca.crt')}`,
    '--kubelet-preferred-address-types=InternalIP',
    `--service-account-issuer=https://kubernetes.default.svc.${NETWORK.clusterDomain}`,
    `--service-account-key-file=${pki('service-account.pub')}`,
    `--service-account-signing-key-file=${pki('service-account.key')}`,
    `--requestheader-client-ca-file=${pki('front-proxy-ca.crt')}`,
    '--requestheader-allowed-names=front-proxy-client',
    '--requestheader-extra-headers-prefix=X-Remote-Extra-',
    '--requestheader-group-headers=X-Remote-Group',
    '--requestheader-username-headers=X-Remote-User',
    `--proxy-client-cert-file=${pki('front-proxy-client.crt')}`,
    `--proxy-client-key-file=${pki('front-proxy-client.key')}`,
    // A lost node's pods move after seconds: nobody waits the usual five minutes on a laptop.
    '--default-not-ready-toleration-seconds=5',
    '--default-unreachable-toleration-seconds=5',
    `--audit-policy-file=${join(layout.configDir, 'audit-policy.yaml')}`,
    `--audit-log-path=${layout.auditLog}`,
    '--audit-log-maxsize=200',
    '--audit-log-maxbackup=2',
    '--profiling=false',
  ];
}

function controllerManager(layout: ClusterLayout): readonly string[] {
  const pki = (file: string): string => join(layout.pkiDir, file);
  return [
    binaryPath('kube-controller-manager'),
    ...kubeconfigFlags(pki('controller-manager.kubeconfig')),
    '--use-service-account-credentials=true',
    `--service-account-private-key-file=${pki('service-account.key')}`,
    `--root-ca-file=${pki('ca.crt')}`,
    `--cluster-signing-cert-file=${pki('ca.crt')}`,
    `--cluster-signing-key-file=${pki('ca.key')}`,
    '--allocate-node-cidrs=true',
    `--cluster-cidr=${NETWORK.clusterCidr}`,
    '--node-cidr-mask-size=24',
    '--leader-elect=false',
    '--bind-address=127.0.0.1',
    // The default client limits allow some 20 pods a second.
    '--kube-api-qps=2000',
    '--kube-api-burst=4000',
    '--concurrent-replicaset-syncs=20',
    '--horizontal-pod-autoscaler-sync-period=5s',
    '--horizontal-pod-autoscaler-initial-readiness-delay=5s',
    '--horizontal-pod-autoscaler-cpu-initialization-period=15s',
  ];
}

function scheduler(layout: ClusterLayout): readonly string[] {
  return [
    binaryPath('kube-scheduler'),
    ...kubeconfigFlags(join(layout.pkiDir, 'scheduler.kubeconfig')),
    '--leader-elect=false',
    '--bind-address=127.0.0.1',
    '--kube-api-qps=2000',
    '--kube-api-burst=4000',
  ];
}

function kubeconfigFlags(path: string): readonly string[] {
  return ['kubeconfig', 'authentication-kubeconfig', 'authorization-kubeconfig'].map((flag) => `--${flag}=${path}`);
}

function kubelet(layout: ClusterLayout): readonly string[] {
  return [
    binaryPath('kubelet'),
    `--config=${join(layout.configDir, 'kubelet.yaml')}`,
    `--kubeconfig=${join(layout.pkiDir, 'kubelet.kubeconfig')}`,
    `--root-dir=${layout.kubeletRoot}`,
    `--cert-dir=${join(layout.kubeletData, 'pki')}`,
    `--hostname-override=${NETWORK.nodeName}`,
    `--node-ip=${NETWORK.nodeAddress}`,
  ];
}

function kubeProxy(layout: ClusterLayout): readonly string[] {
  return [
    binaryPath('kube-proxy'),
    `--kubeconfig=${join(layout.pkiDir, 'kube-proxy.kubeconfig')}`,
    '--proxy-mode=nftables',
    `--cluster-cidr=${NETWORK.clusterCidr}`,
    `--hostname-override=${NETWORK.nodeName}`,
    // These limits belong to the whole machine, not to this namespace.
    '--conntrack-max-per-core=0',
    '--conntrack-tcp-timeout-established=0',
    '--conntrack-tcp-timeout-close-wait=0',
  ];
}
