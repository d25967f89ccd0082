import { expect, test } from 'vitest';
import { BEACON, HASH, NOW_MS, REGISTRATION, SENDER, STORED, SUBNET, subnetWith } from '#test/judged.ts';
import { type CommitFacts, decideCommit, type WeightsCommit } from './commit.ts';
import type { Sender } from './sender.ts';

const FACTS: CommitFacts = {
  subnet: SUBNET,
  registration: REGISTRATION,
  hasPermit: true,
  existing: undefined,
  lastSequence: 8n,
  block: 100,
  nowMs: NOW_MS,
  hasBeacon: true,
};
const TARGET = { netuid: 1, mechanismId: 0, interval: 5 };
const COMMIT: WeightsCommit = { ...TARGET, kind: 'Salted', hash: HASH };

test('a commit is bound to its registration, its block and the interval of its reveal', () => {
  const accept = { ...COMMIT, registrationId: 'r3', block: 100, revealInterval: 7, revealed: false };
  expect(decideCommit(COMMIT, SENDER, FACTS)).toMatchObject({ repeated: false, accept });
});

test('the same commit again is the commit that was taken, even when the interval or the policy is another', () => {
  const known = { ...FACTS, existing: STORED, lastSequence: 9n };
  expect(decideCommit(COMMIT, SENDER, { ...known, subnet: { ...SUBNET, interval: 6 } })).toEqual({
    repeated: true,
    accept: STORED,
  });
  const off = subnetWith({ commitReveal: { type: 'Off' } });
  expect(decideCommit(COMMIT, SENDER, { ...known, subnet: off })).toMatchObject({ repeated: true });
});

test.for<[string, Partial<{ [K in keyof typeof TARGET | 'hash']: unknown }>, Partial<Sender>, Partial<CommitFacts>]>([
  ['UNKNOWN_SUBNET', {}, {}, { subnet: undefined }],
  ['UNKNOWN_MECHANISM', { mechanismId: 1 }, {}, {}],
  ['NOT_REGISTERED', {}, {}, { registration: undefined }],
  ['NOT_REGISTERED', { netuid: 2 }, {}, {}],
  ['REGISTRATION_ENDED', {}, {}, { registration: { ...REGISTRATION, ended: true } }],
  ['FOREIGN_REGISTRATION', {}, { hotkey: 'another' }, {}],
  ['ENVELOPE_EXPIRED', {}, { expiresAtBlock: 99 }, {}],
  ['ENVELOPE_EXPIRY_TOO_FAR', {}, { expiresAtBlock: 100_101 }, {}],
  ['ENVELOPE_REPLAYED', {}, { sequence: 8n }, {}],
  ['WRONG_INTERVAL', { interval: 4 }, {}, {}],
  ['WRONG_INTERVAL', { interval: 6 }, {}, {}],
  ['COMMIT_HASH_MALFORMED', { hash: 'ab' }, {}, {}],
  ['COMMIT_HASH_MALFORMED', { hash: '' }, {}, {}],
  ['COMMIT_EXISTS', {}, {}, { existing: { ...STORED, hash: 'cd'.repeat(32) } }],
  ['NO_PERMIT', {}, {}, { hasPermit: false }],
  ['STAKE_TOO_LOW', {}, {}, { registration: { ...REGISTRATION, stake: 999n } }],
  ['WRONG_COMMIT_REVEAL_TYPE', {}, {}, { subnet: subnetWith({ commitReveal: { type: 'Off' } }) }],
  [
    'WRONG_COMMIT_REVEAL_TYPE',
    {},
    {},
    { subnet: subnetWith({ commitReveal: { type: 'Timelock', revealPeriodEpochs: 1, beacon: BEACON } }) },
  ],
])('a commit is refused: %s', ([code, commit, sender, facts]) => {
  const decision = decideCommit(
    { ...COMMIT, ...commit } as WeightsCommit,
    { ...SENDER, ...sender },
    { ...FACTS, ...facts },
  );
  expect(decision).toMatchObject({ refusal: { code } });
});

test('a signature may hold for 200 tempos where they are long', () => {
  const subnet = subnetWith({ tempo: 1000 });
  const until = (expiresAtBlock: number) => decideCommit(COMMIT, { ...SENDER, expiresAtBlock }, { ...FACTS, subnet });
  expect(until(200_100)).toMatchObject({ repeated: false });
  expect(until(200_101)).toMatchObject({ refusal: { code: 'ENVELOPE_EXPIRY_TOO_FAR' } });
});

const TIMELOCK = subnetWith({ commitReveal: { type: 'Timelock', revealPeriodEpochs: 1, beacon: BEACON } });
const lockedFor = (round: number, chainHash = BEACON.chainHash): WeightsCommit => ({
  ...TARGET,
  kind: 'Timelock',
  hash: HASH,
  lock: { chainHash, round },
});
/** Rounds until the latest end of the reveal's interval: (1 + 2) tempos of 20 blocks of 600 s. */
const ROUNDS_AHEAD_MAX = (3 * 20 * 600) / 3;

test('a time-locked commit keeps its round and its beacon', () => {
  for (const round of [1001, 1000 + ROUNDS_AHEAD_MAX]) {
    expect(decideCommit(lockedFor(round), SENDER, { ...FACTS, subnet: TIMELOCK })).toMatchObject({
      accept: { kind: 'Timelock', revealInterval: 6, opensAt: { round, beacon: BEACON }, failure: undefined },
    });
  }
});

test.for<[string, WeightsCommit, Partial<CommitFacts>]>([
  ['TIMELOCK_MALFORMED', { ...TARGET, kind: 'Timelock', hash: HASH, lock: undefined }, {}],
  ['TIMELOCK_WRONG_BEACON', lockedFor(1010, '00'.repeat(32)), {}],
  ['TIMELOCK_ROUND_PASSED', lockedFor(1000), {}],
  ['TIMELOCK_ROUND_PASSED', lockedFor(1), {}],
  ['TIMELOCK_ROUND_TOO_FAR', lockedFor(1001 + ROUNDS_AHEAD_MAX), {}],
  ['TIMELOCK_UNAVAILABLE', lockedFor(1010), { hasBeacon: false }],
  ['WRONG_COMMIT_REVEAL_TYPE', lockedFor(1010), { subnet: SUBNET }],
  ['COMMIT_EXISTS', lockedFor(1010), { existing: { ...STORED, hash: 'cd'.repeat(32) } }],
])('a time-locked commit is refused: %s', ([code, commit, facts]) => {
  expect(decideCommit(commit, SENDER, { ...FACTS, subnet: TIMELOCK, ...facts })).toMatchObject({ refusal: { code } });
});
