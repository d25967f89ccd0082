import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import type { Bucket } from '@subnetes/bus/bus';
import { StoredApiKeySchema, type StoredApiKey } from '@subnetes/proto/gen/subnetes/gateway/v1/gateway_pb';
import type { KeyBook, KeyHolder } from '../application/ports.ts';

/** `sn_<16 hex digits>_<43 characters of base64url>` */
const KEY_PATTERN = /^sn_([0-9a-f]{16})_[A-Za-z0-9_-]{43}$/;
const KEYS_MAX = 100_000;

/** Keys by id as the bucket has them. Only hashes are kept; the secret is told once, by `newKey`. */
export class KeyTable implements KeyBook {
  readonly #keys = new Map<string, StoredApiKey>();

  /** Whether the bucket has been read once. */
  isLoaded = false;

  verify(text: string): KeyHolder | undefined {
    const keyId = KEY_PATTERN.exec(text)?.[1];
    const stored = keyId === undefined ? undefined : this.#keys.get(keyId);
    const offered = createHash('sha256').update(text).digest();
    // An unknown key is compared too, so that its answer takes as long as a wrong secret's.
    const expected = stored?.secretSha256.length === 32 ? stored.secretSha256 : new Uint8Array(32);
    const isEqual = timingSafeEqual(offered, expected);
    if (!isEqual || stored?.key === undefined || stored.key.revoked) return undefined;
    return { keyId: stored.key.keyId, account: stored.key.account };
  }

  set(keyId: string, value: Uint8Array | undefined): void {
    if (value === undefined) this.#keys.delete(keyId);
    else if (this.#keys.size < KEYS_MAX || this.#keys.has(keyId)) {
      this.#keys.set(keyId, fromBinary(StoredApiKeySchema, value));
    }
  }

  get(keyId: string): StoredApiKey | undefined {
    return this.#keys.get(keyId);
  }

  list(account: string): readonly StoredApiKey[] {
    return [...this.#keys.values()].filter(({ key }) => account === '' || key?.account === account);
  }

  /** Follows the bucket until the signal ends it. */
  async follow(bucket: Bucket, signal: AbortSignal): Promise<void> {
    for await (const { key, value, upToDate } of bucket.watch(signal)) {
      this.set(key, value);
      if (upToDate) this.isLoaded = true;
    }
  }
}

/** Makes a key: its text for whoever asked, its hash for the bucket. */
export function newKey(
  account: string,
  name: string,
  nowMs: number,
): { readonly text: string; readonly stored: StoredApiKey } {
  const keyId = randomBytes(8).toString('hex');
  const text = `sn_${keyId}_${randomBytes(32).toString('base64url')}`;
  const stored = create(StoredApiKeySchema, {
    key: { keyId, account, name, createdAtMs: BigInt(nowMs), revoked: false },
    secretSha256: createHash('sha256').update(text).digest(),
  });
  return { text, stored };
}

export function storedBytes(stored: StoredApiKey): Uint8Array {
  return toBinary(StoredApiKeySchema, stored);
}
