import { AGENT_USER } from '#cluster-pki.ts';
import type { ClusterLayout } from '#cluster-layout.ts';
import type { KubeApi } from '#kube-api.ts';
import { dnsObjects } from '#addon-dns.ts';
import type { AddonObject } from '#addon-object.ts';
import { volumeObjects } from '#addon-volumes.ts';

const RBAC = '/apis/rbac.authorization.k8s.io/v1';

/** All objects that make a bare cluster usable: DNS, volumes, and the rights of the node's own processes. */
export function addonObjects(layout: ClusterLayout): readonly AddonObject[] {
  return [...agentObjects(), ...dnsObjects(), ...volumeObjects(layout)];
}

/** Creates or updates the objects by server-side apply, in order. */
export async function applyObjects(api: KubeApi, objects: readonly AddonObject[], signal?: AbortSignal): Promise<void> {
  for (const { collection, object } of objects) {
    await api.send({
      method: 'PATCH',
      path: `${collection}/${object.metadata.name}?fieldManager=subnetes-local&force=true`,
      contentType: 'application/apply-patch+yaml',
      body: object,
      signal,
    });
  }
}

function agentObjects(): readonly AddonObject[] {
  const metadata = { name: 'subnetes:node-agent' };
  return [
    {
      collection: `${RBAC}/clusterroles`,
      object: {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRole',
        metadata,
        rules: [
          { apiGroups: [''], resources: ['pods', 'namespaces'], verbs: ['list', 'watch'] },
          { apiGroups: ['networking.k8s.io'], resources: ['networkpolicies'], verbs: ['list', 'watch'] },
          { apiGroups: [''], resources: ['services'], verbs: ['get'] },
        ],
      } as AddonObject['object'],
    },
    {
      collection: `${RBAC}/clusterrolebindings`,
      object: {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRoleBinding',
        metadata,
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: metadata.name },
        subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: AGENT_USER }],
      } as AddonObject['object'],
    },
    // kube-proxy's rights are a default role of the API server, but nothing binds the user to it that kubeadm would bind.
    {
      collection: `${RBAC}/clusterrolebindings`,
      object: {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRoleBinding',
        metadata: { name: 'subnetes:kube-proxy' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:node-proxier' },
        subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'system:kube-proxy' }],
      } as AddonObject['object'],
    },
  ];
}
