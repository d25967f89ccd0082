import { describe, expect, test } from 'vitest';
import { mandateSha256, mandateText, signMandate } from '@subnetes/keys/mandate';
import { newMnemonic, pairOfMnemonic } from '@subnetes/keys/sr25519-pair';
import { keyFact, mandateFact, modelFact, podsFact } from './cluster-facts.ts';
import { digestConfigMap, lastWords, type ConfigMapDigest, type Job, type Pod } from './cluster-objects.ts';
import type { Neuron, Serves } from '#domain/neuron/neuron.ts';

const meta = (name: string) => ({ name, namespace: 'finance', uid: 'u', resourceVersion: '1' });
const configMap = (content: object): ConfigMapDigest =>
  digestConfigMap({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: meta('m'),
    ...content,
  } as unknown as ConfigMapDigest);

/** sha256 of `abc`, as FIPS 180 gives it. */
const ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

test('of a ConfigMap only digests and the mandate are kept', () => {
  const kept = configMap({ data: { mandate: 'text', other: 'abc' }, binaryData: { model: 'YWJj' } });
  expect(kept).toMatchObject({ mandate: 'text', digests: { other: ABC, model: ABC } });
  expect(JSON.stringify(kept)).not.toContain('YWJj');
});

describe('a mandate', () => {
  test('is found with its owner', () => {
    const coldkey = pairOfMnemonic(newMnemonic());
    const mandate = {
      networkId: 'ab'.repeat(32),
      payer: coldkey.address,
      owner: coldkey.address,
      grantee: { cluster: 'c', namespace: 'finance' },
      operations: ['Register'],
      netuids: [],
      maxPerOperation: '1',
      maxTotal: '1',
      notAfterBlock: '9',
      nonce: '1',
    } as const;
    const data = { mandate: mandateText(signMandate(mandate, coldkey)) };
    const found = mandateFact('owner', configMap({ data }));
    expect(found).toMatchObject({ kind: 'found', name: 'owner', owner: coldkey.address });
    const { address: owner } = pairOfMnemonic(newMnemonic());
    const sponsored = signMandate({ ...mandate, owner }, coldkey);
    const sha256 = Buffer.from(mandateSha256(sponsored)).toString('hex');
    expect(
      mandateFact('s', configMap({ data: { mandate: mandateText(sponsored) } })),
      'a binding has to name the mandate of a sponsor',
    ).toMatchObject({ owner: `${owner} ${sha256}`, sha256 });
  });

  test.for([
    { name: 'no ConfigMap', found: undefined, message: 'there is no ConfigMap owner' },
    { name: 'another key', found: configMap({ data: { x: '1' } }), message: 'has no key "mandate"' },
    { name: 'no mandate', found: configMap({ data: { mandate: 'AAAA' } }), message: 'holds no mandate' },
  ])('with $name says so', ({ found, message }) => {
    expect(mandateFact('owner', found)).toMatchObject({ kind: 'missing', message: expect.stringContaining(message) });
  });
});

describe('a model', () => {
  const serves = (sha256: string): Serves[] => [
    {
      mechanismId: 0,
      model: { format: 'Onnx', sha256, source: { type: 'ConfigMap', configMap: { name: 'models', key: 'a.onnx' } } },
    },
  ];
  const present = configMap({ binaryData: { 'a.onnx': 'YWJj' } });
  test.for([
    { name: 'that is right', found: present, sha256: ABC, kind: 'ok' },
    { name: 'that is another', found: present, sha256: '0'.repeat(64), kind: 'mismatch' },
    { name: 'without its key', found: configMap({}), sha256: ABC, kind: 'missing' },
    { name: 'without its ConfigMap', found: undefined, sha256: ABC, kind: 'missing' },
  ])('$name is $kind', ({ found, sha256, kind }) => {
    expect(modelFact(serves(sha256), () => found).kind).toBe(kind);
  });
});

const pod = (state: object, lastState: object = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: meta('p'),
  status: { containerStatuses: [{ name: 'c', state, lastState }] },
});
const job = (...conditions: { type: string; status: string; message?: string }[]): Job => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: meta('j'),
  status: { conditions },
});

describe('a key job', () => {
  const message = JSON.stringify({ hotkey: '5F', binding: 'AQID' });
  test('is ready with its report', () => {
    const found = keyFact(job(), [pod({ terminated: { exitCode: 0, message } })]);
    expect(found).toEqual({ kind: 'ready', hotkey: '5F', binding: Uint8Array.of(1, 2, 3) });
  });

  test('that ends without a report, or in error, is no key', () => {
    expect(keyFact(job(), [pod({ terminated: { exitCode: 0, message: 'hello' } })]).kind).toBe('waiting');
    expect(keyFact(job(), [pod({ terminated: { exitCode: 1, message } })]).kind).toBe('waiting');
  });

  test('that failed says why', () => {
    const failed = job({ type: 'Failed', status: 'True', message: 'backoff limit' });
    const found = keyFact(failed, [pod({ terminated: { exitCode: 1, message: 'no right' } })]);
    expect(found).toMatchObject({ kind: 'failed', message: expect.stringContaining('no right') });
  });
});

describe('pods', () => {
  const neuron = { kind: 'Miner', spec: { replicas: 1 } } as Neuron;
  const fatal = (msg: string, err?: object): string => `line\n${JSON.stringify({ level: 'fatal', msg, err })}\n`;
  test.for([
    {
      name: 'crashed with the wrong model',
      pod: pod(
        { waiting: { reason: 'CrashLoopBackOff' } },
        { terminated: { exitCode: 64, message: fatal('ModelHashMismatch: a') } },
      ),
      failure: { kind: 'model', message: 'ModelHashMismatch: a' },
    },
    {
      name: 'crashed otherwise',
      pod: pod({ terminated: { exitCode: 70, message: fatal('crashed', { message: 'EACCES' }) } }),
      failure: { kind: 'other', message: 'crashed: EACCES' },
    },
    {
      name: 'wait for an image',
      pod: pod({ waiting: { reason: 'ErrImageNeverPull', message: 'not present' } }),
      failure: { kind: 'other', message: 'ErrImageNeverPull: not present' },
    },
    { name: 'are made', pod: pod({ waiting: { reason: 'ContainerCreating' } }), failure: undefined },
  ])('that $name', ({ pod: of, failure }) => {
    expect(podsFact(neuron, undefined, [of]).failure).toEqual(failure);
  });

  test('that are ready need no last words', () => {
    const workload = { apiVersion: '', kind: '', metadata: meta('w'), status: { replicas: 1, readyReplicas: 1 } };
    const crashedBefore = pod({ terminated: { exitCode: 1, message: 'old' } });
    expect(podsFact(neuron, workload, [crashedBefore])).toEqual({ wanted: 1, existing: 1, ready: 1 });
  });
});

test('last words are cut', () => {
  expect(lastWords('x'.repeat(5_000)).message).toHaveLength(400);
});
