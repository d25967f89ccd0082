import { expect, test } from 'vitest';
import { canonicalJson, jsonOf } from '#domain/book/canonical-json.ts';
import { TOKEN_DEFAULTS } from '#domain/pools/token-terms.ts';
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

const TOKENS = { type: 'Balancer', initialLiquidity: '12.5' };
const withTokens = (subnetTokens: object, emissionPolicy: object = EQUAL.emissionPolicy) =>
  readGenesis(JSON.stringify({ ...EQUAL, emissionPolicy, subnetTokens }));

test('tokens of subnets have the chain’s terms where genesis says nothing, and its own where it does', () => {
  const decided = { ...TOKEN_DEFAULTS, type: 'Balancer', initialLiquidity: 12_500_000_000n };
  expect(withTokens(TOKENS)).toMatchObject({ ok: true, value: { subnetTokens: decided } });
  const whole = { feeU16: 0, feeTo: 'Pool', poolPpm: 1_000_000, taoWeightPpm: 0, movingPpm: 1, movingHalvingBlocks: 7 };
  expect(withTokens({ ...TOKENS, ...whole })).toMatchObject({ ok: true, value: { subnetTokens: whole } });
  const none = withTokens({ type: 'None' });
  expect(none.ok && none.value).not.toHaveProperty('subnetTokens');
});

test('emission by pools needs pools', () => {
  for (const policy of [
    { name: 'MovingPrice', version: 1, fromBlock: 9 },
    { name: 'Flow', version: 1, exponentPpm: 1_500_000, net: false },
  ]) {
    expect(withTokens(TOKENS, policy)).toMatchObject({ ok: true, value: { emissionPolicy: policy } });
    expect(read(policy)).toMatchObject({ ok: false, message: expect.stringContaining('subnetTokens') });
  }
});

test.for([
  [{ ...TOKENS, type: 'Curve' }, 'subnetTokens'],
  [{ type: 'Balancer' }, 'initialLiquidity'],
  [{ ...TOKENS, initialLiquidity: '0.999999999' }, 'initialLiquidity'],
  [{ ...TOKENS, initialLiquidity: '-5' }, 'initialLiquidity'],
  [{ ...TOKENS, feeU16: 10_001 }, 'feeU16'],
  [{ ...TOKENS, poolPpm: 1_000_001 }, 'poolPpm'],
  [{ ...TOKENS, movingPpm: 0 }, 'movingPpm'],
  [{ ...TOKENS, symbol: 'GOLD' }, 'subnetTokens'],
  [{ type: 'None', feeU16: 1 }, 'subnetTokens'],
] as const)('tokens of subnets are refused for %o', ([tokens, field]) => {
  expect(withTokens(tokens)).toMatchObject({
    ok: false,
    code: 'INVALID_ARGUMENT',
    message: expect.stringContaining(field),
  });
});

const COLDKEY = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY';
const governed = (governance: object) => readGenesis(JSON.stringify({ ...EQUAL, governance }));

test('governance that says nothing has the defaults, and what it says holds', () => {
  expect(governed({})).toMatchObject({
    ok: true,
    value: { governance: { deposit: 100_000_000_000n, votingBlocks: 50_400, council: { members: [] } } },
  });
  const council = { members: [COLDKEY], required: 1 };
  expect(governed({ deposit: '1.5', quorumPpm: 0, council })).toMatchObject({
    ok: true,
    value: { governance: { deposit: 1_500_000_000n, quorumPpm: 0, thresholdPpm: 500_000, council } },
  });
  const accounts = [{ address: 'treasury', amount: '5' }];
  expect(readGenesis(JSON.stringify({ ...EQUAL, accounts }))).toMatchObject({
    value: { accounts: [{ account: 'treasury', amount: 5_000_000_000n }] },
  });
});

test.for([
  [{ deposit: '0' }, 'deposit'],
  [{ votingBlocks: 0 }, 'votingBlocks'],
  [{ timelockBlocks: 10_000_001 }, 'timelockBlocks'],
  [{ quorumPpm: 1_000_001 }, 'quorumPpm'],
  [{ thresholdPpm: 499_999 }, 'thresholdPpm'],
  [{ thresholdPpm: 1_000_000 }, 'thresholdPpm'],
  [{ council: { members: ['5x'], required: 1 } }, 'council.members'],
  [{ council: { members: [COLDKEY], required: 2 } }, 'council.required'],
  [{ council: { members: [COLDKEY, COLDKEY], required: 1 } }, 'council.members'],
  [{ deposits: '1' }, 'governance'],
])('governance of %j is refused and names %s', ([values, field]) => {
  expect(governed(values as object)).toMatchObject({ ok: false, message: expect.stringContaining(field as string) });
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
  [
    'deviation over more epochs than evidence of it has',
    { conditions: [{ type: 'Deviation', ppm: 1, epochs: 101, atLeast: 1 }] },
    'Deviation takes at most 100 epochs',
  ],
  [
    'faults over more epochs than evidence has',
    { conditions: [{ type: 'Unavailable', ppm: 1, epochs: 1001, atLeast: 1 }] },
    'Unavailable takes at most 1000 epochs',
  ],
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

test('the weight of stake on root is a part of a whole in millionths; none is as if it were not written', () => {
  const weighing = (rootStakeWeightPpm: unknown) => readGenesis(JSON.stringify({ ...EQUAL, rootStakeWeightPpm }));
  expect(weighing(180_000)).toMatchObject({ ok: true, value: { rootStakeWeightPpm: 180_000 } });
  expect(weighing(0)).not.toHaveProperty('value.rootStakeWeightPpm');
  for (const wrong of [-1, 1_000_001, 0.18, '180000']) {
    expect(weighing(wrong)).toMatchObject({ ok: false, message: expect.stringContaining('rootStakeWeightPpm') });
  }
});
