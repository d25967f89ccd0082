import { KubeApiError } from '@subnetes/kube/errors';
import { NO_METRICS } from '@subnetes/kube/metrics';
import { collectionPath, objectPath, type KubeObject, type Resource } from '@subnetes/kube/resource';
import { openTransport, type Transport } from '@subnetes/kube/transport';
import { startKube } from '@subnetes/testkit/kube';
import { waitFor } from '@subnetes/testkit/processes';
import { customResourceDefinition, KINDS } from '#custom-resource-definition.ts';
import { GROUP, VERSION } from '#kind-definition.ts';
import type { Sample } from './samples.ts';

export const CRDS: Resource = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
};

export function resource(kind: string): Resource {
  const found = KINDS.find((definition) => definition.kind === kind);
  if (found === undefined) throw new Error(`no kind ${kind}`);
  return { group: GROUP, version: VERSION, kind, plural: found.plural, namespaced: found.scope === 'Namespaced' };
}

/** A real API server that knows our resources. */
export interface ApiServer extends AsyncDisposable {
  readonly transport: Transport;
  apply(sample: Sample): Promise<KubeObject>;
}

export async function openApiServer(): Promise<ApiServer> {
  await using opened = new AsyncDisposableStack();
  const kube = opened.use(await startKube());
  const { certificatePem: cert, keyPem: key } = kube.admin;
  const connection = { server: kube.baseUrl, tls: { ca: kube.caPem, cert, key }, token: async () => undefined };
  const transport = opened.use(
    openTransport({ connection, metrics: NO_METRICS, random: Math.random, userAgent: 'test' }),
  );
  for (const crd of KINDS.map(customResourceDefinition)) {
    await transport.request({ method: 'POST', path: collectionPath(CRDS), body: crd });
  }
  for (const { kind } of KINDS) {
    await waitFor(`${kind} to be served`, () =>
      transport.request({ method: 'GET', path: collectionPath(resource(kind)) }).catch(() => false),
    );
  }
  const close = opened.move();
  return {
    transport,
    apply: async (sample) => {
      const { body } = await transport.request({
        method: 'PATCH',
        path: objectPath(resource(sample.kind), sample.metadata),
        query: { fieldManager: 'test', force: 'true' },
        contentType: 'application/apply-patch+yaml',
        body: sample,
      });
      return body as KubeObject;
    },
    [Symbol.asyncDispose]: () => close.disposeAsync(),
  };
}

/** Why the API server refused; `accepted` when it did not. */
export async function refusal(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof KubeApiError) return error.message;
    throw error;
  }
  return 'accepted';
}
