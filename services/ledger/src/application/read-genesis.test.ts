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

const slashing = {
  conditions: [
    { type: 'DoubleSigning', ppm: 100_000 },
    { type: 'Deviation', ppm: 20_000, max: '3', epochs: 3, atLeast: 400_000 },
  ],
  disputeBlocks: 60,
  decisionBlocks: 40,
  windowBlocks: 1000,
  windowPpm: 250_000,
  reportDeposit: '2',
  deciders: { type: 'StakeVote' },
  distribution: { burnPpm: 500_000, reporterPpm: 200_000, insurancePpm: 300_000 },
};
const slashed = (change: object, unbondingBlocks = 100) =>
  readGenesis(JSON.stringify({ ...EQUAL, unbondingBlocks, slashing: { ...slashing, ...change } }));

test('slashing is read with its money in rao; a network without it says nothing of it', () => {
  expect(slashed({})).toMatchObject({
    ok: true,
    value: {
      unbondingBlocks: 100,
      slashing: {
        ...slashing,
        reportDeposit: 2_000_000_000n,
        conditions: [{ type: 'DoubleSigning' }, { max: 3_000_000_000n }],
      },
    },
  });
  expect(read({ name: 'Equal', version: 1 })).not.toHaveProperty('value.slashing');
});

const ARBITERS = [
  '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY',
  '5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty',
];
const [shortest] = slashing.conditions;

test.for<[string, object, string]>([
  ['a dispute that is longer than stake takes to leave', { disputeBlocks: 61 }, 'unbondingBlocks'],
  ['a condition twice', { conditions: [shortest, shortest] }, 'different types'],
  ['a slash above the bound of the window', { windowPpm: 99_999 }, 'windowPpm'],
  ['a slash of more than half', { windowPpm: 500_001 }, 'windowPpm'],
  ['deviation without epochs', { conditions: [{ type: 'Deviation', ppm: 1, atLeast: 1 }] }, 'epochs'],
  ['double signing by epochs', { conditions: [{ type: 'DoubleSigning', ppm: 1, epochs: 1, atLeast: 1 }] }, 'epochs'],
  ['parts that do not sum to one', { distribution: { burnPpm: 1, reporterPpm: 0, insurancePpm: 0 } }, 'distribution'],
  [
    'most of it to the reporter',
    { distribution: { burnPpm: 0, reporterPpm: 600_000, insurancePpm: 400_000 } },
    'reporterPpm',
  ],
  ['reports that cost nothing', { reportDeposit: '0' }, 'reportDeposit'],
  ['an arbiter twice', { deciders: { type: 'Arbiters', keys: [ARBITERS[0], ARBITERS[0]], required: 1 } }, 'differ'],
  ['more words than arbiters', { deciders: { type: 'Arbiters', keys: ARBITERS, required: 3 } }, 'required'],
  ['an arbiter without a key', { deciders: { type: 'Arbiters', keys: ['bob'], required: 1 } }, 'SS58'],
  ['a condition of its own', { conditions: [{ type: 'Rudeness', ppm: 1 }] }, 'type'],
])('genesis with %s is refused', ([, change, word]) => {
  expect(slashed(change)).toMatchObject({
    ok: false,
    code: 'INVALID_ARGUMENT',
    message: expect.stringContaining(word),
  });
});

test('slashing without a time in which stake leaves is refused', () => {
  expect(slashed({}, 0)).toMatchObject({ ok: false, message: expect.stringContaining('unbondingBlocks') });
});
