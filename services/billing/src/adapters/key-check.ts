import { createHash, timingSafeEqual } from 'node:crypto';
import { fromBinary } from '@bufbuild/protobuf';
import type { Bucket } from '@subnetes/bus/bus';
import { StoredApiKeySchema } from '@subnetes/proto/gen/subnetes/gateway/v1/gateway_pb';

/** `sn_<16 hex digits>_<43 characters of base64url>`, as the gateway makes them. */
const KEY_PATTERN = /^Bearer +(sn_([0-9a-f]{16})_[A-Za-z0-9_-]{43})$/i;

/** The billing account of a valid API key; undefined for every other text. Reads the bucket each time: no stale keys. */
export async function accountOfKey(authorization: string | undefined, bucket: Bucket): Promise<string | undefined> {
  const [, text, keyId] = KEY_PATTERN.exec(authorization ?? '') ?? [];
  if (text === undefined || keyId === undefined) return undefined;
  const value = await bucket.get(keyId);
  if (value === undefined) return undefined;
  const { key, secretSha256 } = fromBinary(StoredApiKeySchema, value);
  const offered = createHash('sha256').update(text).digest();
  const isEqual = secretSha256.length === offered.length && timingSafeEqual(offered, secretSha256);
  return isEqual && key !== undefined && !key.revoked ? key.account : undefined;
}
