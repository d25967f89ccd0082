import { create, toBinary } from '@bufbuild/protobuf';
import { commitHash } from '@subnetes/keys/commit-hash';
import { signEnvelope } from '@subnetes/keys/envelope';
import { pairOfSeed } from '@subnetes/keys/sr25519-pair';
import { EnvelopeType } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { WeightsCommitSchema, WeightsRevealSchema } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import { fromHex } from '#adapters/messages.ts';
import { NETUID, NETWORK_ID, neuron, NEURONS, registrationOf, VALIDATORS } from './market.ts';

type Validator = (typeof VALIDATORS)[number];
const pairs = new Map(VALIDATORS.map((uid) => [uid, pairOfSeed(Uint8Array.from({ length: 32 }, () => uid))]));

/** The market's neurons, the validators with keys that can sign. */
export const SIGNING_NEURONS = NEURONS.map((each) => {
  const pair = pairs.get(each.uid as Validator);
  return neuron(each.uid, pair === undefined ? {} : { hotkey: pair.address });
});

let envelopes = 0n;

function envelope(uid: Validator, type: EnvelopeType, payload: Uint8Array) {
  envelopes += 1n;
  const terms = {
    networkId: fromHex(NETWORK_ID),
    type,
    registrationId: fromHex(registrationOf(uid)),
    sequence: envelopes,
    expiresAtBlock: 10_000n,
    payload,
  };
  return signEnvelope(terms, pairOf(uid));
}

const weights = (uid: number) => ({
  uids: [0, 1, 2],
  values: [65_535, 43_690, 21_845],
  salt: [uid, 7, 7],
  versionKey: 0n,
});

/** A signed commit of weights 3 : 2 : 1. */
export function commitOf(uid: Validator, interval: number) {
  const hash = commitHash({ hotkey: pairOf(uid).publicKey, netuid: NETUID, mechanismId: 0, ...weights(uid) });
  const message = create(WeightsCommitSchema, { netuid: NETUID, interval: BigInt(interval), commitHash: hash });
  return envelope(uid, EnvelopeType.COMMIT, toBinary(WeightsCommitSchema, message));
}

/** The signed reveal of what was committed in an interval. */
export function revealOf(uid: Validator, commitInterval: number) {
  const message = create(WeightsRevealSchema, {
    netuid: NETUID,
    commitInterval: BigInt(commitInterval),
    ...weights(uid),
  });
  return envelope(uid, EnvelopeType.REVEAL, toBinary(WeightsRevealSchema, message));
}

function pairOf(uid: Validator) {
  const pair = pairs.get(uid);
  if (pair === undefined) throw new Error(`uid ${uid} has no key`);
  return pair;
}
