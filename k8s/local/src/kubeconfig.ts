import { stringify } from 'yaml';

export type KubeconfigSpec = {
  readonly server: string;
  readonly caPem: string;
  readonly certificatePem: string;
  readonly keyPem: string;
  readonly cluster: string;
  readonly user: string;
  readonly namespace?: string;
};

/** A kubeconfig with one context and everything inline, so that it can be copied as one file. */
export function kubeconfigYaml(spec: KubeconfigSpec): string {
  const base64 = (pem: string): string => Buffer.from(pem).toString('base64');
  const namespace = spec.namespace === undefined ? {} : { namespace: spec.namespace };
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name: spec.cluster, cluster: { server: spec.server, 'certificate-authority-data': base64(spec.caPem) } },
    ],
    users: [
      {
        name: spec.user,
        user: { 'client-certificate-data': base64(spec.certificatePem), 'client-key-data': base64(spec.keyPem) },
      },
    ],
    contexts: [{ name: spec.cluster, context: { cluster: spec.cluster, user: spec.user, ...namespace } }],
    'current-context': spec.cluster,
  });
}
