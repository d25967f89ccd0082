import { expect, test } from 'vitest';
import {
  type CommitFacts,
  decideCommit,
  type Registration,
  type Sender,
  type StoredCommit,
  type Subnet,
  weightsStateOf,
} from './commit.ts';
import type { ScoringPolicy } from './policy.ts';
import { decideReveal, type RevealFacts, type WeightsReveal, WEIGHTS_MAX } from './reveal.ts';

const HASH = 'ab'.repeat(32);
const POLICY: ScoringPolicy = {
  version: 1,
  sha256: '',
  tempo: 20,
  yumaVersion: 3,
  kappaU16: 32_767,
  bondsPenaltyU16: 65_535,
  bondsMovingAveragePpm: 900_000,
  activityCutoffBlocks: 5000,
  maxValidators: 64,
  revealPeriodEpochs: 2,
  weightsVersionKey: 5n,
  minAllowedWeights: 2,
  maxWeightLimitU16: 40_000,
  stakeThreshold: 1000n,
  liquidAlpha: null,
  mechanisms: [{ id: 0, emissionWeight: 1 }],
};
const SUBNET: Subnet = { netuid: 1, startBlock: 1, policy: POLICY, interval: 5 };
const REGISTRATION: Registration = {
  netuid: 1,
  uid: 3,
  registrationId: 'r3',
  hotkey: 'hot3',
  coldkey: 'cold3',
  registeredAt: 2,
  stake: 5000n,
  ended: false,
};
const SENDER: Sender = { hotkey: 'hot3', registrationId: 'r3', sequence: 9n, expiresAtBlock: 120 };
const STORED: StoredCommit = {
  netuid: 1,
  mechanismId: 0,
  interval: 5,
  hash: HASH,
  registrationId: 'r3',
  block: 99,
  revealInterval: 7,
  revealed: false,
};
const FACTS: CommitFacts = {
  subnet: SUBNET,
  registration: REGISTRATION,
  hasPermit: true,
  existing: undefined,
  lastSequence: 8n,
  block: 100,
};
const COMMIT = { netuid: 1, mechanismId: 0, interval: 5, hash: HASH };

test('a commit is bound to its registration, its block and the interval of its reveal', () => {
  expect(decideCommit(COMMIT, SENDER, FACTS)).toEqual({
    repeated: false,
    accept: { ...COMMIT, registrationId: 'r3', block: 100, revealInterval: 7, revealed: false },
  });
});

test('the same commit again is the commit that was taken, even when the interval is over', () => {
  const later = { ...FACTS, existing: STORED, lastSequence: 9n, subnet: { ...SUBNET, interval: 6 } };
  expect(decideCommit(COMMIT, SENDER, later)).toEqual({ repeated: true, accept: STORED });
});

test.for<[string, Partial<typeof COMMIT>, Partial<Sender>, Partial<CommitFacts>]>([
  ['UNKNOWN_SUBNET', {}, {}, { subnet: undefined }],
  ['UNKNOWN_MECHANISM', { mechanismId: 1 }, {}, {}],
  ['NOT_REGISTERED', {}, {}, { registration: undefined }],
  ['NOT_REGISTERED', {}, {}, { registration: { ...REGISTRATION, ended: true } }],
  ['NOT_REGISTERED', {}, { hotkey: 'another' }, {}],
  ['NOT_REGISTERED', { netuid: 2 }, {}, {}],
  ['ENVELOPE_EXPIRED', {}, { expiresAtBlock: 99 }, {}],
  ['ENVELOPE_REPLAYED', {}, { sequence: 8n }, {}],
  ['WRONG_INTERVAL', { interval: 4 }, {}, {}],
  ['WRONG_INTERVAL', { interval: 6 }, {}, {}],
  ['COMMIT_HASH_MALFORMED', { hash: 'ab' }, {}, {}],
  ['COMMIT_EXISTS', {}, {}, { existing: { ...STORED, hash: 'cd'.repeat(32) } }],
  ['NO_PERMIT', {}, {}, { hasPermit: false }],
  ['STAKE_TOO_LOW', {}, {}, { registration: { ...REGISTRATION, stake: 999n } }],
])('a commit is refused: %s', ([code, commit, sender, facts]) => {
  const decision = decideCommit({ ...COMMIT, ...commit }, { ...SENDER, ...sender }, { ...FACTS, ...facts });
  expect(decision).toMatchObject({ refusal: { code } });
});

const REVEAL: WeightsReveal = {
  netuid: 1,
  mechanismId: 0,
  commitInterval: 5,
  uids: [0, 1, 4],
  values: [10, 10, 5],
  salt: [1, 2],
  versionKey: 5n,
  report: { miners: [], replayDay: '' },
};
const WINDOW: RevealFacts = {
  subnet: { ...SUBNET, interval: 7 },
  registration: REGISTRATION,
  commit: STORED,
  hash: HASH,
  lastSequence: 8n,
  block: 100,
  knownUids: new Set([0, 1, 2, 3, 4]),
};

test('a reveal in its window gives weights with the block of their commit', () => {
  expect(decideReveal(REVEAL, SENDER, WINDOW)).toMatchObject({
    repeated: false,
    accept: {
      uid: 3,
      commitInterval: 5,
      commitBlock: 99,
      weights: [
        [0, 10],
        [1, 10],
        [4, 5],
      ],
    },
  });
});

test('the same reveal again is taken again, even when its window is over', () => {
  const later = { ...WINDOW, commit: { ...STORED, revealed: true }, subnet: { ...SUBNET, interval: 8 } };
  expect(decideReveal(REVEAL, SENDER, later)).toMatchObject({ repeated: true });
});

const miner = {
  uid: 0,
  registrationId: 'r0',
  loss: 1,
  judged: 1,
  answers: 1,
  invalid: 0,
  invalidReason: '',
  copy: false,
  copyOfUid: 0,
  similarityPpm: 0,
};
const reporting = (change: object): Partial<WeightsReveal> => ({
  report: { miners: [{ ...miner, ...change }], replayDay: '' },
});

test.for<[string, Partial<WeightsReveal>, Partial<RevealFacts>]>([
  ['NOT_REGISTERED', {}, { registration: undefined }],
  ['UNKNOWN_SUBNET', {}, { subnet: undefined }],
  ['NO_COMMIT', {}, { commit: undefined }],
  ['REVEAL_MISMATCH', {}, { hash: 'cd'.repeat(32) }],
  ['REVEAL_TOO_EARLY', {}, { subnet: { ...SUBNET, interval: 6 } }],
  ['REVEAL_EXPIRED', {}, { subnet: { ...SUBNET, interval: 8 } }],
  ['ENVELOPE_REPLAYED', {}, { lastSequence: 9n }],
  ['WRONG_VERSION', { versionKey: 4n }, {}],
  ['LENGTH_MISMATCH', { values: [1, 2] }, {}],
  [
    'TOO_MANY_WEIGHTS',
    {
      uids: Array.from({ length: WEIGHTS_MAX + 1 }, (_, uid) => uid),
      values: Array.from({ length: WEIGHTS_MAX + 1 }, () => 1),
    },
    {},
  ],
  ['TOO_FEW_WEIGHTS', { uids: [0], values: [1] }, {}],
  ['WEIGHT_OUT_OF_RANGE', { values: [65_536, 1, 1] }, {}],
  ['WEIGHT_OUT_OF_RANGE', { values: [1.5, 1, 1] }, {}],
  ['WEIGHT_OUT_OF_RANGE', { salt: [-1] }, {}],
  ['WEIGHT_OUT_OF_RANGE', { salt: Array.from({ length: 65 }, () => 1) }, {}],
  ['MAX_WEIGHT_EXCEEDED', { values: [100, 1, 1] }, {}],
  ['DUPLICATE_UID', { uids: [0, 1, 1] }, {}],
  ['UIDS_NOT_ASCENDING', { uids: [1, 0, 4] }, {}],
  ['UNKNOWN_UID', { uids: [0, 1, 5] }, {}],
  ['SELF_WEIGHT', { uids: [0, 1, 3] }, {}],
  ['REPORT_MALFORMED', reporting({ loss: Number.NaN }), {}],
  ['REPORT_MALFORMED', reporting({ loss: -1 }), {}],
  ['REPORT_MALFORMED', reporting({ invalid: 2 }), {}],
  ['REPORT_MALFORMED', reporting({ similarityPpm: 1_000_001 }), {}],
  ['REPORT_MALFORMED', reporting({ invalidReason: 'x'.repeat(201) }), {}],
  ['REPORT_MALFORMED', { report: { miners: [], replayDay: 'tomorrow' } }, {}],
  ['REPORT_MALFORMED', { report: { miners: Array.from({ length: WEIGHTS_MAX + 1 }, () => miner), replayDay: '' } }, {}],
])('a reveal is refused: %s', ([code, reveal, facts]) => {
  expect(decideReveal({ ...REVEAL, ...reveal }, SENDER, { ...WINDOW, ...facts })).toMatchObject({ refusal: { code } });
});

test.for([
  ['none', []],
  ['committed', [{ interval: 7, revealInterval: 9, revealed: false }]],
  [
    'revealed',
    [
      { interval: 5, revealInterval: 7, revealed: true },
      { interval: 7, revealInterval: 9, revealed: false },
    ],
  ],
  ['missed', [{ interval: 5, revealInterval: 7, revealed: false }]],
  ['none', [{ interval: 6, revealInterval: 8, revealed: false }]],
] as const)('weights are %s at the end of interval 7', ([state, commits]) => {
  expect(weightsStateOf(commits, 7)).toBe(state);
});
