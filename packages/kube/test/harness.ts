import { startKube, type TestKube } from '@subnetes/testkit/kube';
import type { Connection } from '#connection.ts';
import { NO_METRICS } from '#metrics.ts';
import { collectionPath, CONFIG_MAPS, NAMESPACES, objectPath, type KubeObject } from '#resource.ts';
import { openTransport, type KubeRequest, type Transport } from '#transport.ts';

export interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

/** A transport that counts what it sends. */
export interface CountingTransport extends Transport {
  readonly sent: KubeRequest[];
  writes(): number;
}

export function adminConnection(kube: TestKube): Connection {
  const { certificatePem: cert, keyPem: key } = kube.admin;
  return { server: kube.baseUrl, tls: { ca: kube.caPem, cert, key }, token: async () => undefined };
}

export function counting(connection: Connection): CountingTransport {
  const inner = openTransport({ connection, metrics: NO_METRICS, random: Math.random, userAgent: 'test' });
  const sent: KubeRequest[] = [];
  return {
    sent,
    writes: () => sent.filter(({ method }) => method !== 'GET').length,
    async request(request) {
      sent.push(request);
      return await inner.request(request);
    },
    watch: (path, query, signal) => inner.watch(path, query, signal),
    [Symbol.asyncDispose]: async () => await inner[Symbol.asyncDispose](),
  };
}

export async function openKube() {
  const kube = await startKube();
  const transport = counting(adminConnection(kube));
  return {
    kube,
    transport,
    async [Symbol.asyncDispose]() {
      await transport[Symbol.asyncDispose]();
      await kube[Symbol.asyncDispose]();
    },
  };
}

export function configMap(namespace: string, name: string, data: Record<string, string> = {}): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data };
}

export async function makeNamespace(transport: Transport, name: string): Promise<string> {
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
  await transport.request({ method: 'POST', path: collectionPath(NAMESPACES), body });
  return name;
}

export async function create(transport: Transport, object: ConfigMap): Promise<ConfigMap> {
  const path = collectionPath(CONFIG_MAPS, object.metadata.namespace);
  const { body } = await transport.request({ method: 'POST', path, body: object });
  return body as ConfigMap;
}

export async function merge(transport: Transport, object: ConfigMap, patch: object): Promise<void> {
  await transport.request({
    method: 'PATCH',
    path: objectPath(CONFIG_MAPS, object.metadata),
    contentType: 'application/merge-patch+json',
    body: patch,
  });
}

export async function remove(transport: Transport, object: ConfigMap): Promise<void> {
  await transport.request({ method: 'DELETE', path: objectPath(CONFIG_MAPS, object.metadata) });
}

export async function read(transport: Transport, object: ConfigMap): Promise<ConfigMap> {
  const { body } = await transport.request({ method: 'GET', path: objectPath(CONFIG_MAPS, object.metadata) });
  return body as ConfigMap;
}
