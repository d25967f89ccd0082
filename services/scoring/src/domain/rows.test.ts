import { describe, expect, test } from 'vitest';
import { BEACON, HASH, KNOWN_UIDS, REGISTRATION, ROW, SENDER, STORED, SUBNET, subnetWith } from '#test/judged.ts';
import { decideOpening, type OpeningFacts, type TimelockedWeights } from './opening.ts';
import { decideReveal, type RevealFacts, type WeightsReveal } from './reveal.ts';
import type { Sender } from './sender.ts';
import { decideSet, type RowHead, type SetFacts, type WeightsSet } from './set-weights.ts';
import { WEIGHTS_MAX, type WeightsRow } from './weights.ts';

const PAIRS = [
  [0, 10],
  [1, 10],
  [4, 5],
];
const OFF = subnetWith({ commitReveal: { type: 'Off' } });

const REVEAL: WeightsReveal = { netuid: 1, mechanismId: 0, commitInterval: 5, salt: [1, 2], ...ROW };
const WINDOW: RevealFacts = {
  subnet: { ...SUBNET, interval: 7 },
  registration: REGISTRATION,
  commit: STORED,
  hash: HASH,
  lastSequence: 8n,
  block: 100,
  knownUids: KNOWN_UIDS,
};

const SET: WeightsSet = { netuid: 1, mechanismId: 0, ...ROW };
const NOW: SetFacts = {
  subnet: OFF,
  registration: REGISTRATION,
  hasPermit: true,
  inForce: undefined,
  hash: HASH,
  lastSequence: 8n,
  block: 100,
  knownUids: KNOWN_UIDS,
};
const BEFORE: RowHead = { source: 'Open', interval: 4, block: 70, sequence: 7n, hash: 'ef'.repeat(32) };

const LOCKED = { ...STORED, kind: 'Timelock' as const, opensAt: { round: 7, beacon: BEACON } };
const WITHIN: TimelockedWeights = {
  ...ROW,
  hotkey: 'hot3',
  registrationId: 'r3',
  netuid: 1,
  mechanismId: 0,
  interval: 5,
};
const OPENING: OpeningFacts = { subnet: SUBNET, registration: REGISTRATION, knownUids: KNOWN_UIDS };

describe('a row that is taken', () => {
  test('of a reveal in its window has the block of its commit', () => {
    expect(decideReveal(REVEAL, SENDER, WINDOW)).toMatchObject({
      repeated: false,
      accept: { uid: 3, source: 'Salted', interval: 5, block: 99, weights: PAIRS },
    });
  });

  test('in the open has the block at which it came', () => {
    expect(decideSet(SET, SENDER, NOW)).toMatchObject({
      repeated: false,
      accept: { uid: 3, source: 'Open', interval: 5, block: 100, weights: PAIRS },
    });
  });

  test('out of a time-locked commit has the block of that commit', () => {
    expect(decideOpening(LOCKED, WITHIN, OPENING)).toMatchObject({
      accept: { uid: 3, source: 'Timelock', interval: 5, block: 99, weights: PAIRS },
    });
  });
});

describe('the same call again', () => {
  test('of a reveal is taken again, even when its window is over', () => {
    const later = { ...WINDOW, commit: { ...STORED, revealed: true }, subnet: { ...SUBNET, interval: 8 } };
    expect(decideReveal(REVEAL, SENDER, later)).toMatchObject({ repeated: true });
  });

  test('of a row in the open is taken again, even under another policy', () => {
    const inForce: RowHead = { ...BEFORE, block: 98, sequence: 9n, hash: HASH };
    const again = { ...NOW, inForce, lastSequence: 9n };
    expect(decideSet(SET, SENDER, again)).toMatchObject({ repeated: true, accept: { block: 98 } });
    expect(decideSet(SET, SENDER, { ...again, subnet: SUBNET })).toMatchObject({ repeated: true });
    const other = { ...again, hash: 'cd'.repeat(32) };
    expect(decideSet(SET, SENDER, other)).toMatchObject({ refusal: { code: 'ENVELOPE_REPLAYED' } });
  });
});

test('weights in the open come no faster than the policy says, and the refusal says when they may', () => {
  const at = (block: number) => decideSet(SET, SENDER, { ...NOW, inForce: BEFORE, block });
  expect(at(99)).toMatchObject({ refusal: { code: 'TOO_FREQUENT', retryAtBlock: 100 } });
  expect(at(100)).toMatchObject({ repeated: false });
  const unlimited = subnetWith({ commitReveal: { type: 'Off' }, weightsRateLimitBlocks: 0 });
  expect(decideSet(SET, SENDER, { ...NOW, inForce: BEFORE, block: 70, subnet: unlimited })).toMatchObject({
    repeated: false,
  });
});

test.for<[string, Partial<RevealFacts>, Partial<Sender>]>([
  ['UNKNOWN_SUBNET', { subnet: undefined }, {}],
  ['NOT_REGISTERED', { registration: undefined }, {}],
  ['REGISTRATION_ENDED', { registration: { ...REGISTRATION, ended: true } }, {}],
  ['FOREIGN_REGISTRATION', {}, { hotkey: 'another' }],
  ['NO_COMMIT', { commit: undefined }, {}],
  ['REVEAL_MISMATCH', { hash: 'cd'.repeat(32) }, {}],
  ['REVEAL_MISMATCH', { hash: undefined }, {}],
  ['REVEAL_TOO_EARLY', { subnet: { ...SUBNET, interval: 6 } }, {}],
  ['REVEAL_EXPIRED', { subnet: { ...SUBNET, interval: 8 } }, {}],
  ['REVEALED_BY_BEACON', { commit: LOCKED }, {}],
  ['ENVELOPE_REPLAYED', { lastSequence: 9n }, {}],
  ['ENVELOPE_EXPIRED', {}, { expiresAtBlock: 99 }],
])('a reveal is refused: %s', ([code, facts, sender]) => {
  const decision = decideReveal(REVEAL, { ...SENDER, ...sender }, { ...WINDOW, ...facts });
  expect(decision).toMatchObject({ refusal: { code } });
});

test('a commit of before the policy changed may be revealed as it was made', () => {
  for (const commitReveal of [
    { type: 'Off' } as const,
    { type: 'Timelock', revealPeriodEpochs: 1, beacon: BEACON } as const,
  ]) {
    const subnet = subnetWith({ commitReveal }, 7);
    expect(decideReveal(REVEAL, SENDER, { ...WINDOW, subnet })).toMatchObject({ repeated: false });
    expect(decideOpening(LOCKED, WITHIN, { ...OPENING, subnet })).toHaveProperty('accept');
  }
});

test.for<[string, Partial<SetFacts>, Partial<WeightsSet>]>([
  ['UNKNOWN_SUBNET', { subnet: undefined }, {}],
  ['NOT_REGISTERED', { registration: undefined }, {}],
  ['UNKNOWN_MECHANISM', {}, { mechanismId: 4 }],
  ['WRONG_COMMIT_REVEAL_TYPE', { subnet: SUBNET }, {}],
  ['NO_PERMIT', { hasPermit: false }, {}],
  ['STAKE_TOO_LOW', { registration: { ...REGISTRATION, stake: 999n } }, {}],
  ['ENVELOPE_REPLAYED', { lastSequence: 9n }, {}],
  ['TOO_FREQUENT', { inForce: { ...BEFORE, block: 90 } }, {}],
])('weights in the open are refused: %s', ([code, facts, set]) => {
  expect(decideSet({ ...SET, ...set }, SENDER, { ...NOW, ...facts })).toMatchObject({ refusal: { code } });
});

test.for<[string, Partial<TimelockedWeights>, Partial<OpeningFacts>]>([
  ['REGISTRATION_ENDED', {}, { registration: undefined }],
  ['REGISTRATION_ENDED', {}, { registration: { ...REGISTRATION, ended: true } }],
  ['TIMELOCK_MISMATCH', { hotkey: 'another' }, {}],
  ['TIMELOCK_MISMATCH', { registrationId: 'r4' }, {}],
  ['TIMELOCK_MISMATCH', { netuid: 2 }, {}],
  ['TIMELOCK_MISMATCH', { mechanismId: 1 }, {}],
  ['TIMELOCK_MISMATCH', { interval: 6 }, {}],
])('what was locked is refused: %s', ([code, within, facts]) => {
  expect(decideOpening(LOCKED, { ...WITHIN, ...within }, { ...OPENING, ...facts })).toMatchObject({
    refusal: { code },
  });
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
const reporting = (change: object): Partial<WeightsRow> => ({
  report: { miners: [{ ...miner, ...change }], replayDay: '' },
});
const many = (count: number) => Array.from({ length: count }, (_, uid) => uid);

/** However a row comes, the same rules hold for it. */
test.for<[string, Partial<WeightsRow>]>([
  ['WRONG_VERSION', { versionKey: 4n }],
  ['LENGTH_MISMATCH', { values: [1, 2] }],
  ['LENGTH_MISMATCH', { uids: [] }],
  ['TOO_MANY_WEIGHTS', { uids: many(WEIGHTS_MAX + 1), values: many(WEIGHTS_MAX + 1) }],
  ['TOO_FEW_WEIGHTS', { uids: [0], values: [1] }],
  ['TOO_FEW_WEIGHTS', { uids: [], values: [] }],
  ['NOT_AN_INTEGER', { values: [1.5, 1, 1] }],
  ['NOT_AN_INTEGER', { values: [Number.NaN, 1, 1] }],
  ['NOT_AN_INTEGER', { uids: [0, 1, Number.POSITIVE_INFINITY] }],
  ['UID_OUT_OF_RANGE', { uids: [0, 1, 65_536] }],
  ['UID_OUT_OF_RANGE', { uids: [-1, 1, 4] }],
  ['WEIGHT_OUT_OF_RANGE', { values: [65_536, 1, 1] }],
  ['WEIGHT_OUT_OF_RANGE', { values: [-1, 1, 1] }],
  ['ZERO_WEIGHTS', { values: [0, 0, 0] }],
  ['MAX_WEIGHT_EXCEEDED', { values: [100, 1, 1] }],
  ['DUPLICATE_UID', { uids: [0, 1, 1] }],
  ['UIDS_NOT_ASCENDING', { uids: [1, 0, 4] }],
  ['UNKNOWN_UID', { uids: [0, 1, 5] }],
  ['SELF_WEIGHT', { uids: [0, 1, 3] }],
  ['REPORT_NOT_A_NUMBER', reporting({ loss: Number.NaN })],
  ['REPORT_NOT_A_NUMBER', reporting({ loss: Number.NEGATIVE_INFINITY })],
  ['REPORT_MALFORMED', reporting({ loss: -1 })],
  ['REPORT_MALFORMED', reporting({ invalid: 2 })],
  ['REPORT_MALFORMED', reporting({ similarityPpm: 1_000_001 })],
  ['REPORT_MALFORMED', reporting({ invalidReason: 'x'.repeat(201) })],
  ['REPORT_MALFORMED', { report: { miners: [], replayDay: 'tomorrow' } }],
  ['REPORT_MALFORMED', { report: { miners: many(WEIGHTS_MAX + 1).map(() => miner), replayDay: '' } }],
])('a row is refused: %s', ([code, row]) => {
  const decisions = [
    decideReveal({ ...REVEAL, ...row }, SENDER, WINDOW),
    decideSet({ ...SET, ...row }, SENDER, NOW),
    decideOpening(LOCKED, { ...WITHIN, ...row }, OPENING),
  ];
  expect(decisions).toMatchObject(decisions.map(() => ({ refusal: { code } })));
});

test.for<[string, readonly number[]]>([
  ['SALT_OUT_OF_RANGE', [-1]],
  ['SALT_OUT_OF_RANGE', [65_536]],
  ['NOT_AN_INTEGER', [0.5]],
  ['SALT_TOO_LONG', many(65)],
])('salt is refused: %s', ([code, salt]) => {
  expect(decideReveal({ ...REVEAL, salt }, SENDER, WINDOW)).toMatchObject({ refusal: { code } });
});
