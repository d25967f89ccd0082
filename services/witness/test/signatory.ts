import { create, type DescMessage, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { commitHash } from '@subnetes/keys/commit-hash';
import { signEnvelope } from '@subnetes/keys/envelope';
import { pairOfSeed } from '@subnetes/keys/sr25519-pair';
import { EnvelopeType, type SignedEnvelope } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import {
  TimelockedWeightsSchema,
  WeightsCommitSchema,
  WeightsRevealSchema,
  WeightsSetSchema,
} from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import { type Beacon, beaconKeyOf } from '@subnetes/timelock/beacon';
import { lockUntil } from '@subnetes/timelock/time-lock';

/** A row of weights and what it is for. */
export interface SignedFor {
  readonly netuid: number;
  readonly mechanismId: number;
  /** Of the commit; weights in the open name none. */
  readonly interval: number;
  readonly uids: readonly number[];
  readonly values: readonly number[];
}

/** A validator that signs for itself; what it signs is told by its name. */
export interface Signatory {
  /** SS58. */
  readonly hotkey: string;
  set(row: Omit<SignedFor, 'interval'>): SignedEnvelope;
  commit(row: SignedFor): SignedEnvelope;
  reveal(row: SignedFor): SignedEnvelope;
  lock(row: SignedFor, round: number): SignedEnvelope;
}

const beaconKey = beaconKeyOf(new Uint8Array(32).fill(3));
/** A beacon whose rounds were out long before the test. */
export const BEACON: Beacon = {
  chainHash: 'ab'.repeat(32),
  publicKey: beaconKey.publicKey,
  genesisTimeS: 1_700_000_000,
  periodS: 3,
};
export const roundSignature = beaconKey.sign;

const SALT = [4, 2];
const VERSION_KEY = 7n;
const EXPIRES_AT_BLOCK = 10_000n;

export function signatory(
  uid: number,
  bound: { readonly networkId: string; readonly registrationId: string },
): Signatory {
  const pair = pairOfSeed(new Uint8Array(32).fill(uid));
  const [networkId, registrationId] = [bytesOf(bound.networkId), bytesOf(bound.registrationId)];
  let sequence = 0n;
  const sign = <Desc extends DescMessage>(type: EnvelopeType, schema: Desc, message: MessageInitShape<Desc>) => {
    sequence += 1n;
    const payload = toBinary(schema, create(schema, message));
    return signEnvelope({ networkId, registrationId, type, sequence, expiresAtBlock: EXPIRES_AT_BLOCK, payload }, pair);
  };
  return {
    hotkey: pair.address,
    set: (row) => sign(EnvelopeType.SET_WEIGHTS, WeightsSetSchema, listsOf(row)),
    commit: (row) => {
      const hash = commitHash({ ...row, hotkey: pair.publicKey, salt: SALT, versionKey: VERSION_KEY });
      const { netuid, mechanismId, interval } = row;
      const message = { netuid, mechanismId, interval: BigInt(interval), commitHash: hash };
      return sign(EnvelopeType.COMMIT, WeightsCommitSchema, message);
    },
    reveal: (row) => {
      const message = { ...listsOf(row), commitInterval: BigInt(row.interval), salt: SALT };
      return sign(EnvelopeType.REVEAL, WeightsRevealSchema, message);
    },
    lock: (row, round) => {
      const within = { ...listsOf(row), hotkey: pair.publicKey, registrationId, interval: BigInt(row.interval) };
      const bytes = toBinary(TimelockedWeightsSchema, create(TimelockedWeightsSchema, within));
      const { netuid, mechanismId, interval } = row;
      const message = { netuid, mechanismId, interval: BigInt(interval), timelock: lockUntil(BEACON, round, bytes) };
      return sign(EnvelopeType.COMMIT, WeightsCommitSchema, message);
    },
  };
}

function listsOf({ netuid, mechanismId, uids, values }: Omit<SignedFor, 'interval'>) {
  return { netuid, mechanismId, uids: [...uids], values: [...values], versionKey: VERSION_KEY };
}

function bytesOf(hex: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(hex, 'hex'));
}
