import { fromBinary } from '@bufbuild/protobuf';
import { verifyEnvelope } from '@subnetes/keys/envelope';
import { readHotkeyFile } from '@subnetes/keys/key-file';
import { KubeApiError } from '@subnetes/kube/errors';
import { NO_METRICS } from '@subnetes/kube/metrics';
import { openTransport, type Transport } from '@subnetes/kube/transport';
import { EnvelopeType, SignedEnvelopeSchema } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { secretCreator } from '#adapters/hotkey-secret.ts';
import { bindHotkey } from '#application/bind-hotkey.ts';
import type { Neuron } from '#domain/neuron/neuron.ts';
import { keyJobObjects } from '#domain/objects/key-job.ts';
import { openCluster, type TestCluster } from './harness.ts';

const NAMESPACE = 'keys';
const terms = { networkId: Buffer.alloc(32, 7), owner: '5Owner', sequence: 3n, expiresAtBlock: 900n };
let cluster: TestCluster;
let transport: Transport;

/** The key job's own user: what its ServiceAccount is to the API server. */
async function keyJobTransport(): Promise<Transport> {
  const { certificatePem: cert, keyPem: key } = await cluster.kube.issueClient(
    `system:serviceaccount:${NAMESPACE}:garch-key`,
  );
  const tls = { ca: cluster.kube.caPem, cert, key };
  const connection = { server: cluster.kube.baseUrl, tls, token: async () => undefined };
  return openTransport({ connection, metrics: NO_METRICS, random: Math.random, userAgent: 'test' });
}

beforeAll(async () => {
  cluster = await openCluster();
  await cluster.namespace(NAMESPACE);
  const neuron = {
    apiVersion: 'subnetes.io/v1alpha1',
    kind: 'Miner',
    metadata: { name: 'garch', namespace: NAMESPACE, uid: 'a2b0', generation: 1 },
    spec: { subnetRef: { name: 's' }, mandateRef: { name: 'm' } },
    status: {},
  } satisfies Neuron;
  const objects = keyJobObjects({
    neuron,
    image: 'i',
    pullPolicy: 'Never',
    terms: { networkId: '07'.repeat(32), owner: '5Owner', sequence: 3 },
    termsSha256: '0123456789abcdef',
    expiresAtBlock: 900,
  });
  for (const object of objects) await cluster.apply(object);
  transport = await keyJobTransport();
});
afterAll(async () => {
  await transport?.[Symbol.asyncDispose]();
  await cluster?.[Symbol.asyncDispose]();
});

const create = (text: string): Promise<void> =>
  secretCreator({ transport, namespace: NAMESPACE, name: 'garch-hotkey' })(text);
const status = async (work: Promise<unknown>): Promise<number> => {
  try {
    await work;
  } catch (error) {
    if (error instanceof KubeApiError) return error.status;
    throw error;
  }
  return 200;
};

test('makes the Secret with its own rights, binds the key, and can do nothing else', async () => {
  const report = await bindHotkey({ readHotkey: async () => undefined, createSecret: create }, terms);
  const { body } = await cluster.admin.request({
    method: 'GET',
    path: `/api/v1/namespaces/${NAMESPACE}/secrets/garch-hotkey`,
  });
  const secret = body as { type: string; immutable: boolean; data: Record<string, string> };
  expect(secret).toMatchObject({ type: 'subnetes.io/hotkey', immutable: true });
  const text = Buffer.from(secret.data['hotkey.json'] ?? '', 'base64').toString('utf8');
  expect(readHotkeyFile(text).address).toBe(report.hotkey);

  const envelope = fromBinary(SignedEnvelopeSchema, Buffer.from(report.binding, 'base64'));
  const demand = { networkId: terms.networkId, type: EnvelopeType.HOTKEY_BINDING, block: 900n, signer: report.hotkey };
  expect(verifyEnvelope(envelope, demand)).toMatchObject({ ok: true, sequence: 3n });
  expect(new TextDecoder().decode(envelope.payload)).toBe('5Owner');
  // Bound to this network and this time alone.
  expect(verifyEnvelope(envelope, { ...demand, networkId: Buffer.alloc(32, 8) })).toMatchObject({ ok: false });
  expect(verifyEnvelope(envelope, { ...demand, block: 901n })).toMatchObject({ ok: false });

  const request = (method: 'GET' | 'DELETE', path: string): Promise<unknown> => transport.request({ method, path });
  const own = `/api/v1/namespaces/${NAMESPACE}/secrets/garch-hotkey`;
  expect(await status(request('GET', own))).toBe(403);
  expect(await status(request('DELETE', own))).toBe(403);
  expect(await status(request('GET', `/api/v1/namespaces/${NAMESPACE}/pods`))).toBe(403);
});

test('never replaces a key: the second run reuses it, and a race is an error that is tried again', async () => {
  expect(await status(create('{}'))).toBe(409);
  const first = await bindHotkey({ readHotkey: async () => undefined, createSecret: async () => undefined }, terms);
  expect(first.hotkey).not.toBe('');
  await expect(bindHotkey({ readHotkey: async () => 'not json', createSecret: create }, terms)).rejects.toThrow(
    'the hotkey file is not JSON',
  );
});
