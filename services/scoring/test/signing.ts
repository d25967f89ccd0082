import { create, type DescMessage, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { commitHash } from '@subnetes/keys/commit-hash';
import { signEnvelope } from '@subnetes/keys/envelope';
import { pairOfSeed, type Sr25519Pair } from '@subnetes/keys/sr25519-pair';
import { EnvelopeType, type SignedEnvelope } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import {
  type ReportSchema,
  WeightsCommitSchema,
  WeightsRevealSchema,
  WeightsSetSchema,
} from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import { fromHex } from '#adapters/messages.ts';
import { NETWORK_ID } from './market.ts';

/** A validator that signs for itself. */
export interface Signatory {
  readonly pair: Sr25519Pair;
  readonly registrationId: string;
  sign(type: EnvelopeType, payload: Uint8Array): SignedEnvelope;
  commit(target: Target, row: Row): SignedEnvelope;
  reveal(target: Target, row: Row): SignedEnvelope;
  set(target: Omit<Target, 'interval'>, row: Omit<Row, 'salt'>): SignedEnvelope;
}

export interface Target {
  readonly netuid: number;
  readonly mechanismId?: number;
  readonly interval: number;
}

export interface Row {
  readonly uids: readonly number[];
  readonly values: readonly number[];
  readonly salt: readonly number[];
  readonly report?: MessageInitShape<typeof ReportSchema>;
}

const EXPIRES_AT_BLOCK = 100_000n;

export function signatory(seed: Uint8Array, registrationId: string): Signatory {
  const pair = pairOfSeed(seed);
  let sequence = 0n;
  const sign = (type: EnvelopeType, payload: Uint8Array): SignedEnvelope => {
    sequence += 1n;
    const terms = {
      networkId: fromHex(NETWORK_ID),
      registrationId: fromHex(registrationId),
      expiresAtBlock: EXPIRES_AT_BLOCK,
    };
    return signEnvelope({ ...terms, type, sequence, payload }, pair);
  };
  return {
    pair,
    registrationId,
    sign,
    commit: ({ netuid, mechanismId = 0, interval }, row) => {
      const hash = commitHash({ hotkey: pair.publicKey, netuid, mechanismId, ...row, versionKey: 0n });
      const message = { netuid, mechanismId, interval: BigInt(interval), commitHash: hash };
      return sign(EnvelopeType.COMMIT, bytesOf(WeightsCommitSchema, message));
    },
    reveal: ({ netuid, mechanismId = 0, interval }, row) => {
      const message = { netuid, mechanismId, commitInterval: BigInt(interval), ...listsOf(row), salt: [...row.salt] };
      return sign(EnvelopeType.REVEAL, bytesOf(WeightsRevealSchema, message));
    },
    set: ({ netuid, mechanismId = 0 }, row) =>
      sign(EnvelopeType.SET_WEIGHTS, bytesOf(WeightsSetSchema, { netuid, mechanismId, ...listsOf(row) })),
  };
}

function listsOf({ uids, values, report }: Omit<Row, 'salt'>) {
  return { uids: [...uids], values: [...values], ...(report === undefined ? {} : { report }) };
}

function bytesOf<Desc extends DescMessage>(schema: Desc, message: MessageInitShape<Desc>): Uint8Array {
  return toBinary(schema, create(schema, message));
}
