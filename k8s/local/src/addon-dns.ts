import type { AddonObject } from '#addon-object.ts';
import { NETWORK } from '#cluster-layout.ts';
import { RESTRICTED_CONTAINER, RESTRICTED_POD } from '#pod-settings.ts';
import { SYSTEM_IMAGE } from '#system-images.ts';

const NAME = 'coredns';
const NAMESPACE = 'kube-system';
const LABELS = { 'k8s-app': 'kube-dns' };
/** Not 53: an ordinary user may not open that one; the Service maps it. */
const PORT = 5353;

/** Short lifetimes make a failover visible within seconds. There is no way out of the cluster, so other names do not exist. */
const COREFILE = `.:${PORT} {
    errors
    health :8080
    ready :8181
    kubernetes ${NETWORK.clusterDomain} in-addr.arpa {
        pods insecure
        ttl 5
    }
    cache 5
    loop
    reload
    loadbalance
}
`;

/** CoreDNS as an ordinary user, under the settings of Pod Security "restricted". */
export function dnsObjects(): readonly AddonObject[] {
  const metadata = { name: NAME, namespace: NAMESPACE };
  const core = `/api/v1/namespaces/${NAMESPACE}`;
  const rbac = '/apis/rbac.authorization.k8s.io/v1';
  const object = (value: object): AddonObject['object'] => value as AddonObject['object'];
  return [
    { collection: `${core}/serviceaccounts`, object: object({ apiVersion: 'v1', kind: 'ServiceAccount', metadata }) },
    {
      collection: `${rbac}/clusterroles`,
      object: object({
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRole',
        metadata: { name: 'system:coredns' },
        rules: [
          { apiGroups: [''], resources: ['services', 'pods', 'namespaces'], verbs: ['list', 'watch'] },
          { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
        ],
      }),
    },
    {
      collection: `${rbac}/clusterrolebindings`,
      object: object({
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRoleBinding',
        metadata: { name: 'system:coredns' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:coredns' },
        subjects: [{ kind: 'ServiceAccount', ...metadata }],
      }),
    },
    {
      collection: `${core}/configmaps`,
      object: object({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { Corefile: COREFILE } }),
    },
    {
      collection: `${core}/services`,
      object: object({
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'kube-dns', namespace: NAMESPACE, labels: LABELS },
        spec: {
          selector: LABELS,
          clusterIP: NETWORK.dnsAddress,
          ports: [
            { name: 'dns', port: 53, targetPort: PORT, protocol: 'UDP' },
            { name: 'dns-tcp', port: 53, targetPort: PORT, protocol: 'TCP' },
          ],
        },
      }),
    },
    { collection: `/apis/apps/v1/namespaces/${NAMESPACE}/deployments`, object: object(deployment(metadata)) },
  ];
}

function deployment(metadata: { readonly name: string; readonly namespace: string }): object {
  const probe = (path: string, port: number): object => ({ httpGet: { path, port }, periodSeconds: 2 });
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: {
      replicas: 1,
      selector: { matchLabels: LABELS },
      template: {
        metadata: { labels: LABELS },
        spec: {
          ...RESTRICTED_POD,
          serviceAccountName: NAME,
          priorityClassName: 'system-cluster-critical',
          // Its own pod cannot ask itself for names.
          dnsPolicy: 'Default',
          containers: [
            {
              name: NAME,
              image: SYSTEM_IMAGE.coredns,
              imagePullPolicy: 'Never',
              args: ['-conf', '/etc/coredns/Corefile'],
              ports: [
                { name: 'dns', containerPort: PORT, protocol: 'UDP' },
                { name: 'dns-tcp', containerPort: PORT, protocol: 'TCP' },
              ],
              readinessProbe: probe('/ready', 8181),
              livenessProbe: { ...probe('/health', 8080), periodSeconds: 10 },
              resources: { requests: { cpu: '20m', memory: '48Mi' }, limits: { memory: '170Mi' } },
              securityContext: RESTRICTED_CONTAINER,
              volumeMounts: [{ name: 'config', mountPath: '/etc/coredns' }],
            },
          ],
          volumes: [{ name: 'config', configMap: { name: NAME } }],
        },
      },
    },
  };
}
