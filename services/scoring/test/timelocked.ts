import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { publicKeyOf } from '@subnetes/keys/ss58';
import { SignedEnvelopeSchema } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { TimelockedWeightsSchema, WeightsCommitSchema } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import type { Beacon } from '@subnetes/timelock/beacon';
import { lockUntil } from '@subnetes/timelock/time-lock';
import { fromHex } from '#adapters/messages.ts';
import type { WeightsReveal } from '#domain/reveal.ts';
import { hotkeyOf, registrationOf } from './market.ts';

type Within = MessageInitShape<typeof TimelockedWeightsSchema>;

/** Whose weights they are: the usual validator of a uid, unless another key is given. */
export interface LockedBy {
  readonly uid: number;
  readonly hotkey?: string;
}

/** What a time-locked commit of these weights holds. */
export function withinOf(by: LockedBy, row: WeightsReveal, change: Within = {}): Uint8Array {
  const { netuid, mechanismId, commitInterval, uids, values, versionKey } = row;
  const message = {
    hotkey: publicKeyOf(by.hotkey ?? hotkeyOf(by.uid)) ?? new Uint8Array(),
    registrationId: fromHex(registrationOf(by.uid)),
    netuid,
    mechanismId,
    interval: BigInt(commitInterval),
    uids: [...uids],
    values: [...values],
    versionKey,
    ...change,
  };
  return toBinary(TimelockedWeightsSchema, create(TimelockedWeightsSchema, message));
}

/** Payload of a COMMIT envelope that locks bytes until a round. */
export function lockedPayload(
  row: Pick<WeightsReveal, 'netuid' | 'mechanismId' | 'commitInterval'>,
  lock: { readonly beacon: Beacon; readonly round: number; readonly within: Uint8Array },
): Uint8Array {
  const { netuid, mechanismId, commitInterval } = row;
  const timelock = lockUntil(lock.beacon, lock.round, lock.within);
  const message = { netuid, mechanismId, interval: BigInt(commitInterval), timelock };
  return toBinary(WeightsCommitSchema, create(WeightsCommitSchema, message));
}

/** An envelope around a payload as the store keeps it, its signature left out. */
export function keptEnvelope(payload: Uint8Array): Uint8Array {
  return toBinary(SignedEnvelopeSchema, create(SignedEnvelopeSchema, { payload }));
}
