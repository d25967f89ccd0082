/** A program that is built from Go modules; `kube-*` and kubectl are one binary with several names. */
export type BinaryName =
  | 'etcd'
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kube-scheduler'
  | 'kubelet'
  | 'kube-proxy'
  | 'kubectl'
  | 'helm'
  | 'nats-server'
  | 'coredns'
  | 'local-path-provisioner'
  | 'pause';

/** What one `go build` makes: a folder `<name>-<version>` in the cache with one file and its other names. */
export type Artefact = {
  readonly name: string;
  readonly version: string;
  /** The Go module's folder below `k8s/local/go`. */
  readonly module: 'cluster' | 'local-path-provisioner' | 'nats-server';
  /** What is built, as `go build` names it from the module's folder. */
  readonly target: string;
  /** The name that `go build` gives the file. */
  readonly file: string;
  readonly binaries: readonly BinaryName[];
  /** The module whose version this is, for the test that compares it with go.mod; undefined for our own code. */
  readonly goModule?: string;
};

export const KUBERNETES_VERSION = '1.34.4';

/** In the order in which they are built: what tests wait for comes first. */
export const ARTEFACTS: readonly Artefact[] = [
  {
    name: 'nats-server',
    version: '2.12.15',
    module: 'nats-server',
    target: 'github.com/nats-io/nats-server/v2',
    file: 'nats-server',
    binaries: ['nats-server'],
    goModule: 'github.com/nats-io/nats-server/v2',
  },
  {
    name: 'etcd',
    version: '3.6.5',
    module: 'cluster',
    target: './cmd/etcd',
    file: 'etcd',
    binaries: ['etcd'],
    goModule: 'go.etcd.io/etcd/server/v3',
  },
  {
    name: 'kubernetes',
    version: KUBERNETES_VERSION,
    module: 'cluster',
    target: './cmd/kube',
    file: 'kube',
    binaries: ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet', 'kube-proxy', 'kubectl'],
    goModule: 'k8s.io/kubernetes',
  },
  { name: 'pause', version: '1', module: 'cluster', target: './cmd/pause', file: 'pause', binaries: ['pause'] },
  {
    name: 'coredns',
    version: '1.13.2',
    module: 'cluster',
    target: './cmd/coredns',
    file: 'coredns',
    binaries: ['coredns'],
    goModule: 'github.com/coredns/coredns',
  },
  {
    name: 'local-path-provisioner',
    version: '0.0.30',
    module: 'local-path-provisioner',
    target: 'github.com/rancher/local-path-provisioner',
    file: 'local-path-provisioner',
    binaries: ['local-path-provisioner'],
    goModule: 'github.com/rancher/local-path-provisioner',
  },
  {
    name: 'helm',
    version: '4.0.5',
    module: 'cluster',
    target: 'helm.sh/helm/v4/cmd/helm',
    file: 'helm',
    binaries: ['helm'],
    goModule: 'helm.sh/helm/v4',
  },
];

/** Every binary of the catalogue. */
export const ALL_BINARIES: readonly BinaryName[] = ARTEFACTS.flatMap((artefact) => artefact.binaries);

/** The artefact that holds a binary. */
export function artefactOf(name: BinaryName): Artefact {
  const artefact = ARTEFACTS.find((candidate) => candidate.binaries.includes(name));
  if (artefact === undefined) throw new Error(`no artefact builds ${name}`);
  return artefact;
}

/** `-ldflags` of every build: without them Kubernetes reports v0.0.0-master+$Format and kubectl warns of version skew. */
export function linkerFlags(): string {
  const [major, minor] = KUBERNETES_VERSION.split('.');
  const base = 'k8s.io/component-base/version';
  return [
    '-s -w',
    `-X ${base}.gitVersion=v${KUBERNETES_VERSION}`,
    `-X ${base}.gitMajor=${major}`,
    `-X ${base}.gitMinor=${minor}`,
    `-X k8s.io/client-go/pkg/version.gitVersion=v${KUBERNETES_VERSION}`,
    // What `helm template` takes for the cluster's version when there is no cluster to ask.
    `-X helm.sh/helm/v4/pkg/chart/common.k8sVersionMajor=${major}`,
    `-X helm.sh/helm/v4/pkg/chart/common.k8sVersionMinor=${minor}`,
  ].join(' ');
}
