import { expect, test } from 'vitest';
import { canonicalJson, jsonOf } from '#domain/book/canonical-json.ts';
import { readGenesis } from './read-genesis.ts';

const EQUAL = {
  token: { symbol: 'TAO', decimals: 9, cap: '21000000' },
  blockTimeMs: 1000,
  blockReward: '1',
  emissionPolicy: { name: 'Equal', version: 1 },
  accounts: [],
};

const read = (emissionPolicy: object) => readGenesis(JSON.stringify({ ...EQUAL, emissionPolicy }));

test('a network that splits in equal parts keeps its id and its first entry, byte for byte', () => {
  const genesis = readGenesis(JSON.stringify(EQUAL));
  if (!genesis.ok) throw new Error(genesis.message);
  expect(genesis.value.networkId).toBe('25c835964ed88b4f8736cc8f5d8e71193810e387c4c726667dd4fd2ee2cc9e04');
  expect(canonicalJson(jsonOf(genesis.value))).toBe(
    '{"accounts":[],"blockReward":"1000000000","blockTimeMs":1000,"cap":"21000000000000000","decimals":9,"emissionPolicy":{"name":"Equal","version":1},"halving":"ByIssuance","networkId":"25c835964ed88b4f8736cc8f5d8e71193810e387c4c726667dd4fd2ee2cc9e04","symbol":"TAO"}',
  );
});

test('root weights say when and by how much stake, and leave out what genesis leaves open', () => {
  const policy = { name: 'RootWeights', version: 1, tempo: 360 };
  expect(read(policy)).toMatchObject({ ok: true, value: { emissionPolicy: policy } });
  const whole = { ...policy, kappaU16: 40_000, activityCutoffBlocks: 9000, commitReveal: 'Timelock' };
  expect(read(whole)).toMatchObject({ ok: true, value: { emissionPolicy: whole } });
});

test('utility leaves smoothing and the first block open, and takes them', () => {
  const policy = { name: 'Utility', version: 1 };
  expect(read(policy)).toMatchObject({ ok: true, value: { emissionPolicy: policy } });
  const whole = { ...policy, smoothingBlocks: 1, fromBlock: 100 };
  expect(read(whole)).toMatchObject({ ok: true, value: { emissionPolicy: whole } });
});

test('subnets are sold and removed as genesis says, and its text goes into the id', () => {
  const subnetCreation = { minLock: '1000', reductionIntervalBlocks: 100_800, rateLimitBlocks: 7200, immunityBlocks: 1_296_000, limit: 128 }; // prettier-ignore
  const genesis = readGenesis(JSON.stringify({ ...EQUAL, subnetCreation, subnetRemoval: { noticeBlocks: 10 } }));
  if (!genesis.ok) throw new Error(genesis.message);
  expect(genesis.value).toMatchObject({
    subnetCreation: { ...subnetCreation, minLock: 1_000_000_000_000n },
    subnetRemoval: { noticeBlocks: 10 },
  });
  for (const wrong of [{ limit: 0 }, { limit: 1025 }, { minLock: '-1' }, { reductionIntervalBlocks: 0 }, { more: 1 }]) {
    const text = JSON.stringify({ ...EQUAL, subnetCreation: { ...subnetCreation, ...wrong } });
    expect(readGenesis(text)).toMatchObject({ ok: false, code: 'INVALID_ARGUMENT' });
  }
  const soon = JSON.stringify({ ...EQUAL, subnetRemoval: { noticeBlocks: 0 } });
  expect(readGenesis(soon)).toMatchObject({ ok: false, message: expect.stringContaining('noticeBlocks') });
});

test.for([
  [{ name: 'RootWeights', version: 1 }, 'tempo'],
  [{ name: 'RootWeights', version: 1, tempo: 9 }, 'tempo'],
  [{ name: 'RootWeights', version: 1, tempo: 360, kappaU16: 32_766 }, 'kappaU16'],
  [{ name: 'RootWeights', version: 1, tempo: 360, activityCutoffBlocks: 360 }, 'activityCutoffBlocks'],
  [{ name: 'RootWeights', version: 2, tempo: 360 }, 'version'],
  [{ name: 'RootWeights', version: 1, tempo: 360, seats: 65 }, 'emissionPolicy'],
  [{ name: 'Equal', version: 1, tempo: 360 }, 'emissionPolicy'],
  [{ name: 'Utility', version: 2 }, 'version'],
  [{ name: 'Utility', version: 1, smoothingBlocks: 0 }, 'smoothingBlocks'],
  [{ name: 'Utility', version: 1, smoothingBlocks: 1_000_001 }, 'smoothingBlocks'],
  [{ name: 'Utility', version: 1, fromBlock: 0 }, 'fromBlock'],
  [{ name: 'Utility', version: 1, tempo: 360 }, 'emissionPolicy'],
  [{ name: 'Usage', version: 1 }, 'emissionPolicy'],
] as const)('genesis is refused for %o', ([policy, field]) => {
  expect(read(policy)).toMatchObject({ ok: false, code: 'INVALID_ARGUMENT', message: expect.stringContaining(field) });
});
