import { create, type DescMessage, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { commitHash } from '@subnetes/keys/commit-hash';
import { signEnvelope, signWithSession } from '@subnetes/keys/envelope';
import { sessionKeyOf } from '@subnetes/keys/session-key';
import { pairOfSeed } from '@subnetes/keys/sr25519-pair';
import {
  EnvelopeType,
  SessionKeyCertificateSchema,
  type SignedEnvelope,
} from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import {
  TimelockedWeightsSchema,
  WeightsCommitSchema,
  WeightsRevealSchema,
  WeightsSetSchema,
} from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import { type Beacon, beaconKeyOf } from '@subnetes/timelock/beacon';
import { lockUntil } from '@subnetes/timelock/time-lock';
import { expect, test } from 'vitest';
import { openMissedCommit, openSignedRow, type RowDemand, type RowEvidence, type RowSource } from './signed-row.ts';

const pair = pairOfSeed(new Uint8Array(32).fill(1));
const networkId = new Uint8Array(32).fill(2);
const registrationId = new Uint8Array(32).fill(3);
const beaconKey = beaconKeyOf(new Uint8Array(32).fill(4));
const beacon: Beacon = { chainHash: 'ab'.repeat(32), publicKey: beaconKey.publicKey, genesisTimeS: 1, periodS: 3 };
const ROUND = 9;
const ROW = { netuid: 7, mechanismId: 1, uids: [0, 5], values: [9, 65_535], salt: [1, 2], versionKey: 4n };
const INTERVAL = 12n;

const demand = (source: RowSource, change: Partial<RowDemand> = {}): RowDemand => ({
  networkId,
  netuid: 7,
  mechanismId: 1,
  hotkey: pair.address,
  registrationId: Buffer.from(registrationId).toString('hex'),
  source,
  interval: 12,
  block: 100,
  beacon,
  ...change,
});

function sign<Desc extends DescMessage>(type: EnvelopeType, schema: Desc, message: MessageInitShape<Desc>) {
  const payload = toBinary(schema, create(schema, message));
  return signEnvelope({ networkId, registrationId, type, sequence: 6n, expiresAtBlock: 100n, payload }, pair);
}

const { salt: _salt, ...OPEN } = ROW;
const set = (change: object = {}) => sign(EnvelopeType.SET_WEIGHTS, WeightsSetSchema, { ...OPEN, ...change });
const reveal = (change: object = {}) =>
  sign(EnvelopeType.REVEAL, WeightsRevealSchema, { ...ROW, commitInterval: INTERVAL, ...change });
const target = { netuid: 7, mechanismId: 1, interval: INTERVAL };
const salted = (change: object = {}) =>
  sign(EnvelopeType.COMMIT, WeightsCommitSchema, {
    ...target,
    commitHash: commitHash({ ...ROW, hotkey: pair.publicKey }),
    ...change,
  });
const locked = (change: object = {}, round = ROUND, by = beacon) => {
  const within = { ...OPEN, hotkey: pair.publicKey, registrationId, interval: INTERVAL, ...change };
  const bytes = toBinary(TimelockedWeightsSchema, create(TimelockedWeightsSchema, within));
  return sign(EnvelopeType.COMMIT, WeightsCommitSchema, { ...target, timelock: lockUntil(by, round, bytes) });
};

const NOTHING: RowEvidence = {
  weights: undefined,
  commit: undefined,
  roundSignature: new Uint8Array(),
  missed: undefined,
};
const EVIDENCE: { readonly [Source in RowSource]: RowEvidence } = {
  Open: { ...NOTHING, weights: set() },
  Salted: { ...NOTHING, weights: reveal(), commit: salted() },
  Timelock: { ...NOTHING, commit: locked(), roundSignature: beaconKey.sign(ROUND) },
};

test.for(['Open', 'Salted', 'Timelock'] as const)('what a validator signed is read: %s', (source) => {
  const weights = [
    [0, 9],
    [5, 65_535],
  ];
  const value = { weights, versionKey: 4n, sequence: 6n };
  expect(openSignedRow(EVIDENCE[source], demand(source))).toEqual({ ok: true, value });
});

/** The same weights by a session key that the hotkey certified: good for much, not for weights. */
function setBySession(): SignedEnvelope {
  const session = sessionKeyOf(new Uint8Array(32).fill(6));
  const terms = { networkId, registrationId, sequence: 6n, expiresAtBlock: 100n };
  const { signature } = signEnvelope({ ...terms, type: EnvelopeType.SESSION_KEY, payload: session.publicKey }, pair);
  const { publicKey } = session;
  const certificate = create(SessionKeyCertificateSchema, { ...terms, publicKey, signer: pair.address, signature });
  return signWithSession({ ...terms, type: EnvelopeType.SET_WEIGHTS, payload: set().payload }, session, certificate);
}

const otherKey = beaconKeyOf(new Uint8Array(32).fill(5));
/** Locked under the beacon's name with another key: whoever has that opens it before anybody else. */
const lockedByOther = locked({}, ROUND, { ...beacon, publicKey: otherKey.publicKey });

test.for<readonly [string, RowSource, Partial<RowEvidence>]>([
  ['nothing at all', 'Open', NOTHING],
  ['another row under the same signature', 'Open', { weights: { ...set(), payload: set({ values: [1, 2] }).payload } }],
  ['another kind of envelope', 'Open', { weights: reveal() }],
  ['a session key', 'Open', { weights: setBySession() }],
  ['another subnet', 'Open', { weights: set({ netuid: 8 }) }],
  ['another mechanism', 'Open', { weights: set({ mechanismId: 0 }) }],
  ['bytes that are no payload', 'Salted', { commit: { ...salted(), payload: Uint8Array.of(255) } }],
  ['a reveal of other weights', 'Salted', { weights: reveal({ values: [9, 65_534] }) }],
  ['a reveal of numbers that nobody can commit to', 'Salted', { weights: reveal({ values: [9, 70_000] }) }],
  ['a reveal of another commit', 'Salted', { weights: reveal({ commitInterval: 11n }) }],
  ['a commit of another interval', 'Salted', { commit: salted({ interval: 11n }) }],
  ['no commit', 'Salted', { commit: undefined }],
  ['a salted commit', 'Timelock', { commit: salted() }],
  ['another round', 'Timelock', { roundSignature: beaconKey.sign(ROUND + 1) }],
  ['a round that nobody signed', 'Timelock', { roundSignature: new Uint8Array(48) }],
  ['a round of another key', 'Timelock', { commit: lockedByOther, roundSignature: otherKey.sign(ROUND) }],
  ['a lock for another round', 'Timelock', { commit: locked({}, ROUND + 1) }],
  ['weights of another hotkey within', 'Timelock', { commit: locked({ hotkey: new Uint8Array(32) }) }],
  ['weights of another registration within', 'Timelock', { commit: locked({ registrationId: networkId }) }],
  ['weights for another mechanism within', 'Timelock', { commit: locked({ mechanismId: 0 }) }],
  ['weights of another interval within', 'Timelock', { commit: locked({ interval: 11n }) }],
])('%s is no row of this validator: %s', ([, source, change]) => {
  expect(openSignedRow({ ...EVIDENCE[source], ...change }, demand(source))).toMatchObject({ ok: false });
});

test.for<readonly [string, RowSource, Partial<RowDemand>]>([
  ['another network', 'Open', { networkId: registrationId }],
  ['another registration', 'Open', { registrationId: 'ff'.repeat(32) }],
  ['another hotkey', 'Open', { hotkey: pairOfSeed(new Uint8Array(32).fill(9)).address }],
  ['after the envelope expired', 'Open', { block: 101 }],
  ['another interval', 'Salted', { interval: 11 }],
  ['another beacon', 'Timelock', { beacon: { ...beacon, chainHash: 'cd'.repeat(32) } }],
  ['no beacon', 'Timelock', { beacon: undefined }],
])('what was signed does not hold for %s', ([, source, change]) => {
  expect(openSignedRow(EVIDENCE[source], demand(source, change))).toMatchObject({ ok: false });
});

test('a commit that did not open is known by its signature', () => {
  expect(openMissedCommit({ missed: salted() }, demand('Salted'))).toEqual({ ok: true, value: { interval: 12 } });
  expect(openMissedCommit({ missed: salted() }, demand('Salted', { netuid: 8 }))).toMatchObject({ ok: false });
  expect(openMissedCommit({ missed: undefined }, demand('Salted'))).toMatchObject({ ok: false });
});
