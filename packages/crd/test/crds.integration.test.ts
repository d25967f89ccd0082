import { collectionPath, objectPath, type KubeObject } from '@subnetes/kube/resource';
import type { Transport } from '@subnetes/kube/transport';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KINDS } from '#custom-resource-definition.ts';
import { GROUP } from '#kind-definition.ts';
import { type ApiServer, CRDS, openApiServer, refusal, resource } from './api-server.ts';
import { fullMiner, fullSubnet, fullValidator, without, type Sample } from './samples.ts';

let server: ApiServer;
let transport: Transport;
const apply = (sample: Sample): Promise<KubeObject> => server.apply(sample);

beforeAll(async () => {
  server = await openApiServer();
  ({ transport } = server);
});
afterAll(() => server?.[Symbol.asyncDispose]());

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly message?: string;
}

test('the API server finds every schema structural and establishes it', async () => {
  for (const { plural } of KINDS) {
    const path = objectPath(CRDS, { name: `${plural}.${GROUP}` });
    const { body } = await transport.request({ method: 'GET', path });
    const { conditions } = (body as { status: { conditions: Condition[] } }).status;
    expect(Object.fromEntries(conditions.map(({ type, status }) => [type, status]))).toEqual({
      NamesAccepted: 'True',
      Established: 'True',
    });
  }
});

test.for([fullSubnet(), fullMiner(), fullValidator()])(
  'a full $kind is accepted, and nothing of it is dropped',
  async (sample) => {
    const stored = await apply(sample);
    expect(stored).toMatchObject(sample);
  },
);

test('a miner without replicas gets one, so that GET /scale works', async () => {
  const sample = fullMiner('scaled');
  await apply({ ...sample, spec: without(sample.spec, 'replicas') });
  const { body } = await transport.request({
    method: 'GET',
    path: objectPath(resource('Miner'), sample.metadata, 'scale'),
  });
  expect(body).toMatchObject({ kind: 'Scale', spec: { replicas: 1 } });
});

test('selectable fields answer', async () => {
  await apply(fullMiner('selectable'));
  const select = async (fieldSelector: string): Promise<number> => {
    const path = collectionPath(resource('Miner'));
    const { body } = await transport.request({ method: 'GET', path, query: { fieldSelector } });
    return (body as { items: unknown[] }).items.length;
  };
  expect(await select('spec.subnetRef.name=sp500')).toBeGreaterThan(0);
  expect(await select('spec.subnetRef.name=another')).toBe(0);
});

describe('an invalid spec is refused with the field and the bound', () => {
  const subnet = fullSubnet('invalid');
  const policy = subnet.spec['policy'] as Record<string, unknown>;
  const hyper = policy['hyperparameters'] as Record<string, unknown>;
  const mechanism = (policy['mechanisms'] as Record<string, unknown>[])[0] ?? {};
  const withPolicy = (change: Record<string, unknown>): Sample => ({
    ...subnet,
    spec: { ...subnet.spec, policy: { ...policy, ...change } },
  });
  const withHyper = (change: Record<string, unknown>): Sample =>
    withPolicy({ hyperparameters: { ...hyper, ...change } });
  const withSpec = (sample: Sample, change: Record<string, unknown>): Sample => ({
    ...sample,
    spec: { ...sample.spec, ...change },
  });
  const miner = fullMiner('invalid');
  const validator = fullValidator('invalid');
  const model = { format: 'Onnx', sha256: 'a'.repeat(64) };

  const child = (key: string, ppm: number) => ({ hotkey: `5${key.repeat(47)}`, ppm });
  test.for<[string, Sample, ...string[]]>([
    [
      'children that are given more than there is',
      withSpec(validator, { stake: { children: [child('A', 600_000), child('B', 400_001)] } }),
      'spec.stake.children',
      '1000000 ppm together',
    ],
    [
      'a child twice',
      withSpec(validator, { stake: { children: [child('A', 1), child('A', 2)] } }),
      'spec.stake.children',
      'uplicate',
    ],
    [
      'a child take above 18 %',
      withSpec(validator, { stake: { childTakeU16: 11_797 } }),
      'stake.childTakeU16',
      '11796',
    ],
    ['tempo under its bound', withHyper({ tempo: 5 }), 'hyperparameters.tempo', '10'],
    ['tempo over its bound', withHyper({ tempo: 50_401 }), 'hyperparameters.tempo', '50400'],
    ['kappa over u16', withHyper({ kappaU16: 65_536 }), 'hyperparameters.kappaU16', '65535'],
    ['a registration that costs a token at least', withHyper({ burn: { min: '1' } }), 'burn.min', 'below 1 token'],
    ['a registration that costs next to nothing at most', withHyper({ burn: { max: '0.1' } }), 'burn.max', '0.1 token'],
    ['bounds that cross', withHyper({ burn: { min: '0.6', max: '0.5' } }), 'burn.min', 'below max'],
    ['a price that never falls', withHyper({ burn: { halfLifeBlocks: 0 } }), 'burn.halfLifeBlocks', '1'],
    ['an interval of no type', withHyper({ burn: { interval: {} } }), 'burn.interval', 'exactly when type is Interval'],
    ['a type without its interval', withHyper({ burn: { type: 'Interval' } }), 'burn.interval', 'exactly when'],
    [
      'a half-life of intervals',
      withHyper({ burn: { type: 'Interval', interval: {}, halfLifeBlocks: 9 } }),
      'burn.halfLifeBlocks',
      'Continuous',
    ],
    [
      'an increase of intervals',
      withHyper({ burn: { type: 'Interval', interval: {}, increasePpm: 1_260_000 } }),
      'burn.increasePpm',
      'Continuous',
    ],
    [
      'a price of intervals that looks at nobody',
      withHyper({ burn: { type: 'Interval', interval: { targetRegistrations: 0 } } }),
      'burn.interval.targetRegistrations',
      '1',
    ],
    ['an unknown version of Yuma', withHyper({ yumaVersion: 4 }), 'hyperparameters.yumaVersion', '3'],
    [
      'more validators than uids',
      withHyper({ maxUids: 8, maxValidators: 9 }),
      'hyperparameters.maxValidators',
      'at most maxUids',
    ],
    [
      'immunity within the reveal period',
      withHyper({ immunityPeriodBlocks: 40 }),
      'hyperparameters.immunityPeriodBlocks',
      'greater than tempo',
    ],
    [
      'too many uids for the mechanisms',
      withPolicy({ mechanisms: [mechanism, { ...mechanism, id: 1, name: 'second' }] }),
      'hyperparameters.maxUids',
      'at most 256',
    ],
    ['a mechanism twice', withPolicy({ mechanisms: [mechanism, mechanism] }), 'spec.policy.mechanisms', 'duplicate'],
    ['a mechanism id over 15', withPolicy({ mechanisms: [{ ...mechanism, id: 16 }] }), 'mechanisms[0].id', '15'],
    ['no mechanism', withPolicy({ mechanisms: [], serving: undefined, pricing: undefined }), 'mechanisms', '1'],
    [
      'a union without its member',
      withPolicy({ mechanisms: [{ ...mechanism, task: { type: 'QuantileForecast' } }] }),
      'task.quantileForecast',
      'exactly when type is QuantileForecast',
    ],
    [
      'a first byte after the end',
      withPolicy({ serving: { ...(policy['serving'] as object), timeouts: { firstByte: '20s', total: '10s' } } }),
      'timeouts.firstByte',
      'at most total',
    ],
    [
      'a price of a model that is not served',
      withPolicy({ pricing: [{ name: 'p', model: 'other', unit: 'Request', per: 1, price: '1' }] }),
      'spec.policy.pricing',
      'serving.models',
    ],
    [
      'a price with ten decimals',
      withPolicy({ pricing: [{ name: 'p', model: 'forecast', unit: 'Request', per: 1, price: '0.0000000001' }] }),
      'pricing[0].price',
      '{1,9}',
    ],
    ['a money in number', withSpec(miner, { registration: { maxCost: 2 } }), 'registration.maxCost', 'string'],
    ['a handle that is no label', withSpec(subnet, { handle: 'S&P' }), 'spec.handle', '[a-z0-9]'],
    [
      'a selector without from Selector',
      withSpec(subnet, { allowedNamespaces: { from: 'Selector' } }),
      'selector',
      'from',
    ],
    ['an unknown deletion policy', withSpec(subnet, { deletionPolicy: 'Delete' }), 'spec.deletionPolicy', 'Dissolve'],
    ['no notice that is written down', withHyper({ evictionNoticeBlocks: 0 }), 'evictionNoticeBlocks', '1'],
    ['a reference to nothing', withSpec(miner, { subnetRef: {} }), 'spec.subnetRef', 'exactly one of name and netuid'],
    [
      'a reference to two things',
      withSpec(miner, { subnetRef: { name: 'a', netuid: 1 } }),
      'spec.subnetRef',
      'exactly one of name and netuid',
    ],
    ['a managed miner that serves nothing', withSpec(miner, { serves: [] }), 'spec.serves', 'at least 1'],
    [
      'an external miner without hotkey',
      withSpec(miner, { runtime: { type: 'External' } }),
      'spec.hotkey',
      'required when runtime.type is External',
    ],
    [
      'an external miner with managed',
      withSpec(miner, { hotkey: '5'.repeat(48), runtime: { type: 'External', managed: {} } }),
      'runtime.managed',
      'only when type is Managed',
    ],
    [
      'an image without digest',
      withSpec(miner, { runtime: { type: 'Managed', managed: { image: 'a:1' } } }),
      'managed.image',
      'sha256',
    ],
    [
      'a short hash',
      withSpec(miner, { serves: [{ mechanismId: 0, model: { ...model, sha256: 'ab' } }] }),
      'model.sha256',
      '{64}',
    ],
    [
      'a model without source',
      withSpec(miner, { serves: [{ mechanismId: 0, model: { ...model, source: { type: 'ConfigMap' } } }] }),
      'source.configMap',
      'exactly when type is ConfigMap',
    ],
    ['too many replicas', withSpec(miner, { replicas: 101 }), 'spec.replicas', '100'],
    [
      'too many requests at once',
      withSpec(miner, { capacity: { maxInFlight: 65_536 } }),
      'capacity.maxInFlight',
      '65535',
    ],
    ['a sample of nobody', withSpec(validator, { evaluation: { sampleSize: 0 } }), 'evaluation.sampleSize', '1'],
    [
      'a name that no Service can have',
      { ...miner, metadata: { ...miner.metadata, name: '1st' } },
      'metadata.name',
      'begins with a letter',
    ],
    [
      'a name too long for its children',
      { ...validator, metadata: { ...validator.metadata, name: 'v'.repeat(49) } },
      'metadata.name',
      '48',
    ],
    ['an unknown field', withSpec(validator, { replicas: 2 }), 'spec.replicas', 'not declared'],
  ])('%s', async ([, sample, ...words]) => {
    const message = await refusal(apply(sample));
    expect(message).not.toBe('accepted');
    for (const word of words) expect(message).toContain(word);
  });
});

describe('set-once fields', () => {
  test.for<[string, Sample, Record<string, unknown>]>([
    ['handle', fullSubnet('once-handle'), { handle: 'another' }],
    ['subnetRef', fullMiner('once-ref'), { subnetRef: { name: 'another' } }],
    ['hotkeySecretRef', fullMiner('once-key'), { hotkeySecretRef: { name: 'another' } }],
  ])('%s cannot change', async ([field, sample, change]) => {
    await apply(sample);
    const message = await refusal(apply({ ...sample, spec: { ...sample.spec, ...change } }));
    expect(message).toContain(`spec.${field}`);
    expect(message).toContain('set once');
  });

  test('netuid may be added once, and never changed or removed', async () => {
    const sample = fullSubnet('once-netuid');
    await apply(sample);
    await apply({ ...sample, spec: { ...sample.spec, netuid: 7 } });
    for (const spec of [{ ...sample.spec, netuid: 8 }, sample.spec]) {
      expect(await refusal(apply({ ...sample, spec }))).toContain('netuid is set once');
    }
  });
});

test('a status may leave out but not carry null', async () => {
  const sample = fullMiner('nulls');
  await apply(sample);
  const patch = (status: Record<string, unknown>): Promise<unknown> =>
    transport.request({
      method: 'PATCH',
      path: objectPath(resource('Miner'), sample.metadata, 'status'),
      query: { fieldManager: 'status', force: 'true' },
      contentType: 'application/apply-patch+yaml',
      body: { apiVersion: sample.apiVersion, kind: sample.kind, metadata: sample.metadata, status },
    });
  expect(await refusal(patch({ uid: 3, incentive: '0.412' }))).toBe('accepted');
  expect(await refusal(patch({ uid: null }))).not.toBe('accepted');
});
