import { stringify } from 'yaml';
import type { AddonObject } from '#addon-object.ts';
import type { ClusterLayout } from '#cluster-layout.ts';
import { SYSTEM_IMAGE } from '#system-images.ts';

const NAMESPACE = 'local-path-storage';
const NAME = 'local-path-provisioner';

/** The class that claims without one get. */
export const STORAGE_CLASS = 'local-path';

/**
 * Volumes as folders of the node, made when their first pod is scheduled and deleted with their claim. Of type `local`, because the
 * kubelet applies a pod's fsGroup to those; with plain host paths a folder would have to be open to everyone.
 */
export function volumeObjects(layout: ClusterLayout): readonly AddonObject[] {
  const metadata = { name: NAME, namespace: NAMESPACE };
  const core = `/api/v1/namespaces/${NAMESPACE}`;
  const object = (value: object): AddonObject['object'] => value as AddonObject['object'];
  return [
    {
      collection: '/api/v1/namespaces',
      object: object({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } }),
    },
    { collection: `${core}/serviceaccounts`, object: object({ apiVersion: 'v1', kind: 'ServiceAccount', metadata }) },
    ...rights(metadata, object),
    {
      collection: '/apis/storage.k8s.io/v1/storageclasses',
      object: object({
        apiVersion: 'storage.k8s.io/v1',
        kind: 'StorageClass',
        metadata: {
          name: STORAGE_CLASS,
          annotations: { 'storageclass.kubernetes.io/is-default-class': 'true', defaultVolumeType: 'local' },
        },
        provisioner: 'rancher.io/local-path',
        volumeBindingMode: 'WaitForFirstConsumer',
        reclaimPolicy: 'Delete',
      }),
    },
    {
      collection: `${core}/configmaps`,
      object: object({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: helperFiles(layout) }),
    },
    { collection: `/apis/apps/v1/namespaces/${NAMESPACE}/deployments`, object: object(deployment(metadata)) },
  ];
}

/** What the provisioner runs in a helper pod to make and remove a folder; it hands over the folder as $VOL_DIR. */
function helperFiles(layout: ClusterLayout): Readonly<Record<string, string>> {
  return {
    'config.json': JSON.stringify({
      nodePathMap: [{ node: 'DEFAULT_PATH_FOR_NON_LISTED_NODES', paths: [layout.volumesDir] }],
    }),
    setup: '#!/bin/sh\nset -eu\nmkdir -m 0777 -p "$VOL_DIR"\n',
    teardown: '#!/bin/sh\nset -eu\nrm -rf "$VOL_DIR"\n',
    'helperPod.yaml': stringify({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'helper-pod' },
      spec: {
        priorityClassName: 'system-node-critical',
        containers: [{ name: 'helper-pod', image: SYSTEM_IMAGE.busybox, imagePullPolicy: 'Never' }],
      },
    }),
  };
}

function rights(
  metadata: { readonly name: string; readonly namespace: string },
  object: (value: object) => AddonObject['object'],
): readonly AddonObject[] {
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  const readOnly = ['get', 'list', 'watch'];
  const change = [...readOnly, 'create', 'patch', 'update', 'delete'];
  return [
    {
      collection: `/apis/${apiVersion}/clusterroles`,
      object: object({
        apiVersion,
        kind: 'ClusterRole',
        metadata: { name: NAME },
        rules: [
          {
            apiGroups: [''],
            resources: ['nodes', 'persistentvolumeclaims', 'configmaps', 'pods', 'pods/log'],
            verbs: readOnly,
          },
          { apiGroups: [''], resources: ['persistentvolumes'], verbs: change },
          { apiGroups: [''], resources: ['events'], verbs: ['create', 'patch'] },
          { apiGroups: ['storage.k8s.io'], resources: ['storageclasses'], verbs: readOnly },
        ],
      }),
    },
    {
      collection: `/apis/${apiVersion}/clusterrolebindings`,
      object: object({
        apiVersion,
        kind: 'ClusterRoleBinding',
        metadata: { name: NAME },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: NAME },
        subjects: [{ kind: 'ServiceAccount', ...metadata }],
      }),
    },
    // Helper pods run in its own namespace only.
    {
      collection: `/apis/${apiVersion}/namespaces/${NAMESPACE}/roles`,
      object: object({
        apiVersion,
        kind: 'Role',
        metadata,
        rules: [{ apiGroups: [''], resources: ['pods'], verbs: change }],
      }),
    },
    {
      collection: `/apis/${apiVersion}/namespaces/${NAMESPACE}/rolebindings`,
      object: object({
        apiVersion,
        kind: 'RoleBinding',
        metadata,
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: NAME },
        subjects: [{ kind: 'ServiceAccount', ...metadata }],
      }),
    },
  ];
}

function deployment(metadata: { readonly name: string; readonly namespace: string }): object {
  const labels = { app: NAME };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: NAME,
          containers: [
            {
              name: NAME,
              image: SYSTEM_IMAGE.localPathProvisioner,
              imagePullPolicy: 'Never',
              args: [
                'start',
                '--config',
                '/etc/config/config.json',
                '--service-account-name',
                NAME,
                '--configmap-name',
                NAME,
              ],
              env: [
                { name: 'POD_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
                { name: 'CONFIG_MOUNT_PATH', value: '/etc/config/' },
              ],
              resources: { requests: { cpu: '10m', memory: '32Mi' }, limits: { memory: '128Mi' } },
              volumeMounts: [{ name: 'config', mountPath: '/etc/config' }],
            },
          ],
          volumes: [{ name: 'config', configMap: { name: NAME } }],
        },
      },
    },
  };
}
