import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { API_KEYS_COMPLETE } from '@subnetes/bus/subjects';
import { StoredApiKeySchema } from '@subnetes/proto/gen/subnetes/billing/v1/keys_pb';
import type { KeyBoard } from '../application/ports.ts';
import type { KeyHash } from '../domain/api-key.ts';
import type { OwnBucket } from './own-bucket.ts';

/** Valid keys in the bucket, one entry a key, and one that says that they are all there. */
export function keyBoard(bucket: OwnBucket): KeyBoard {
  let isComplete = false;
  return {
    isAsLeft: () => bucket.isAsLeft(),
    async read() {
      const entries = await bucket.entries();
      isComplete = entries.has(API_KEYS_COMPLETE);
      const keys = [...entries].filter(([key]) => key !== API_KEYS_COMPLETE);
      return new Map(keys.map(([keyId, value]) => [keyId, hashOf(value)]));
    },
    put: (keyId, hash) => bucket.put(keyId, toBinary(StoredApiKeySchema, create(StoredApiKeySchema, hash))),
    remove: (keyId) => bucket.delete(keyId),
    async complete() {
      if (isComplete) return;
      await bucket.put(API_KEYS_COMPLETE, new Uint8Array());
      isComplete = true;
    },
    doubt: () => bucket.doubt(),
  };
}

/** Undefined for what somebody else, or an earlier build, wrote otherwise. */
function hashOf(value: Uint8Array): KeyHash | undefined {
  try {
    const { account, secretSha256 } = fromBinary(StoredApiKeySchema, value);
    return { account, secretSha256 };
  } catch {
    return undefined;
  }
}
