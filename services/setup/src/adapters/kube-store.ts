import { isConflict, isNotFound } from '@subnetes/kube/errors';
import type { Transport } from '@subnetes/kube/transport';
import type { ObjectStore, SecretData } from '#application/ports.ts';

const LABELS = { 'app.kubernetes.io/managed-by': 'subnetes-setup', 'app.kubernetes.io/part-of': 'subnetes' };
const FIELD_MANAGER = 'subnetes-setup';

/** Secrets and ConfigMaps of one namespace through the API server. */
export function kubeStore(transport: Transport, namespace: string): ObjectStore {
  const secrets = `/api/v1/namespaces/${namespace}/secrets`;
  const manifest = (name: string, type: string, data: SecretData): unknown => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace, labels: LABELS },
    type,
    stringData: data,
  });
  return {
    async readSecret(name) {
      try {
        const { body } = await transport.request({ method: 'GET', path: `${secrets}/${name}` });
        return decoded(body);
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },
    async createSecret(name, type, data) {
      try {
        await transport.request({ method: 'POST', path: secrets, body: manifest(name, type, data) });
        return true;
      } catch (error) {
        if (isConflict(error)) return false;
        throw error;
      }
    },
    async replaceSecret(name, type, data) {
      await transport.request({ method: 'PUT', path: `${secrets}/${name}`, body: manifest(name, type, data) });
    },
    async applyConfigMap(name, data) {
      await transport.request({
        method: 'PATCH',
        path: `/api/v1/namespaces/${namespace}/configmaps/${name}`,
        query: { fieldManager: FIELD_MANAGER, force: 'true' },
        contentType: 'application/apply-patch+yaml',
        body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, labels: LABELS }, data },
      });
    },
  };
}

function decoded(secret: unknown): SecretData {
  const data = (secret as { data?: Record<string, string> }).data ?? {};
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]),
  );
}
