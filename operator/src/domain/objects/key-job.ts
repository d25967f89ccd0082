import { controllerReference, type Manifest } from '../manifest.ts';
import { hotkeySecretName, type Neuron } from '../neuron/neuron.ts';
import { keyJobLabels } from './labels.ts';
import { keyJobNetworkPolicy } from './network.ts';
import { CONTAINER_SECURITY, POD_SECURITY, TMP_MOUNT, TMP_VOLUME } from './pod.ts';

/** What a binding says and until when; part of the Job's name, so other terms make another Job. */
export interface KeyJobTerms {
  /** Hexadecimal. */
  readonly networkId: string;
  /** SS58 of the coldkey that owns the hotkey; where somebody else pays, then a space and the hash of the mandate. */
  readonly owner: string;
  readonly sequence: number;
}

export interface KeyJobInput {
  readonly neuron: Neuron;
  readonly image: string;
  readonly pullPolicy: string;
  readonly terms: KeyJobTerms;
  /** Hexadecimal digest of the terms. */
  readonly termsSha256: string;
  readonly expiresAtBlock: number;
}

/** Blocks for which a binding holds: long enough to wait for funds, short enough not to lie about for ever. */
export const BINDING_BLOCKS = 50_000;

const HOTKEY_DIR = '/var/run/subnetes/hotkey';
const TOKEN_DIR = '/var/run/secrets/kubernetes.io/serviceaccount';

export function keyJobName(neuron: Neuron, termsSha256: string): string {
  return `${neuron.metadata.name}-key-${termsSha256.slice(0, 8)}`;
}

/**
 * The key job with the right to create Secrets in its namespace and no other right: the operator
 * reads no Secret, and the hotkey is mounted here and by the neuron alone.
 */
export function keyJobObjects(input: KeyJobInput): readonly Manifest[] {
  const { neuron } = input;
  const name = `${neuron.metadata.name}-key`;
  const { namespace } = neuron.metadata;
  const metadata = {
    name,
    namespace,
    labels: keyJobLabels(neuron),
    ownerReferences: [controllerReference(neuron)],
  };
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata, automountServiceAccountToken: false },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata,
      rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['create'] }],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    },
    keyJobNetworkPolicy(neuron, name),
    keyJob(input, metadata),
  ];
}

function keyJob(input: KeyJobInput, metadata: Manifest['metadata']): Manifest {
  const { neuron, termsSha256 } = input;
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { ...metadata, name: keyJobName(neuron, termsSha256) },
    spec: {
      backoffLimit: 3,
      activeDeadlineSeconds: 120,
      // A failed job goes away by itself and is made anew: the operator never gives up on a key.
      ttlSecondsAfterFinished: 300,
      template: {
        metadata: { labels: keyJobLabels(neuron) },
        spec: {
          restartPolicy: 'Never',
          serviceAccountName: metadata.name,
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          securityContext: POD_SECURITY,
          containers: [keyJobContainer(input)],
          volumes: [
            {
              name: 'hotkey',
              secret: { secretName: hotkeySecretName(neuron), optional: true, defaultMode: 0o440 },
            },
            tokenVolume(),
            TMP_VOLUME,
          ],
        },
      },
    },
  };
}

function keyJobContainer(input: KeyJobInput): object {
  const { neuron, terms } = input;
  const env = {
    NETWORK_ID: terms.networkId,
    OWNER: terms.owner,
    SEQUENCE: String(terms.sequence),
    EXPIRES_AT_BLOCK: String(input.expiresAtBlock),
    NAMESPACE: neuron.metadata.namespace,
    SECRET_NAME: hotkeySecretName(neuron),
    HOTKEY_FILE: `${HOTKEY_DIR}/hotkey.json`,
  };
  return {
    name: 'key-job',
    image: input.image,
    imagePullPolicy: input.pullPolicy,
    env: Object.entries(env).map(([name, value]) => ({ name, value })),
    resources: { requests: { cpu: '20m', memory: '96Mi' }, limits: { memory: '192Mi' } },
    securityContext: CONTAINER_SECURITY,
    volumeMounts: [
      { name: 'hotkey', mountPath: HOTKEY_DIR, readOnly: true },
      { name: 'token', mountPath: TOKEN_DIR, readOnly: true },
      TMP_MOUNT,
    ],
  };
}

/** The token of the ServiceAccount, for the ten minutes that a key job needs at most. */
function tokenVolume(): object {
  return {
    name: 'token',
    projected: {
      defaultMode: 0o440,
      sources: [
        { serviceAccountToken: { path: 'token', expirationSeconds: 600 } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      ],
    },
  };
}
