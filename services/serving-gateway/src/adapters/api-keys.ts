import { createHash, timingSafeEqual } from 'node:crypto';
import { fromBinary } from '@bufbuild/protobuf';
import type { Bucket } from '@subnetes/bus/bus';
import { API_KEYS_COMPLETE } from '@subnetes/bus/subjects';
import { StoredApiKeySchema, type StoredApiKey } from '@subnetes/proto/gen/subnetes/billing/v1/keys_pb';
import type { KeyBook, KeyHolder } from '../application/ports.ts';

/** `sn_<16 hex digits>_<43 characters of base64url>` */
const KEY_PATTERN = /^sn_([0-9a-f]{16})_[A-Za-z0-9_-]{43}$/;
/** Billing keeps to the same number. */
const KEYS_MAX = 100_000;
const NO_HASH = new Uint8Array(32);

/**
 * Valid keys by id, as billing puts them into the bucket: hashes only. What is known stays known while the bus is away,
 * and while a bucket that was made anew is being filled.
 */
export class KeyTable implements KeyBook {
  readonly #keys = new Map<string, StoredApiKey>();
  readonly #ignored: (keyId: string, why: string) => void;
  #isLoaded = false;

  /** @param ignored told of entries that are not taken. */
  constructor(ignored: (keyId: string, why: string) => void) {
    this.#ignored = ignored;
  }

  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  verify(text: string): KeyHolder | undefined {
    const keyId = KEY_PATTERN.exec(text)?.[1];
    const stored = keyId === undefined ? undefined : this.#keys.get(keyId);
    const offered = createHash('sha256').update(text).digest();
    // An unknown key is compared too, so that its answer takes as long as a wrong secret's.
    const isEqual = timingSafeEqual(offered, stored?.secretSha256 ?? NO_HASH);
    if (!isEqual || stored === undefined || keyId === undefined) return undefined;
    return { keyId, account: stored.account };
  }

  /** Follows the bucket until the signal ends it. @throws BusError when the watch breaks: follow again. */
  async follow(bucket: Bucket, signal: AbortSignal): Promise<void> {
    const seen = new Set<string>();
    let isCaughtUp = false;
    let isComplete = false;
    let isPruned = false;
    for await (const { key, value, upToDate } of bucket.watch(signal)) {
      if (key === API_KEYS_COMPLETE) isComplete = value !== undefined;
      else {
        this.#set(key, value);
        if (!isPruned) seen.add(key);
      }
      isCaughtUp ||= upToDate;
      // Only a bucket that holds everything says, by what it does not hold, which keys are no more.
      if (isPruned || !isCaughtUp || !isComplete) continue;
      for (const keyId of this.#keys.keys()) if (!seen.has(keyId)) this.#keys.delete(keyId);
      isPruned = true;
      this.#isLoaded = true;
    }
  }

  #set(keyId: string, value: Uint8Array | undefined): void {
    this.#keys.delete(keyId);
    if (value === undefined) return;
    const stored = storedOf(value);
    if (stored === undefined) this.#ignored(keyId, 'it is no API key');
    else if (this.#keys.size >= KEYS_MAX) this.#ignored(keyId, `there are ${KEYS_MAX} already`);
    else this.#keys.set(keyId, stored);
  }
}

/** Undefined for what is no key: an entry that somebody else wrote is left to billing, which removes it. */
function storedOf(value: Uint8Array): StoredApiKey | undefined {
  try {
    const stored = fromBinary(StoredApiKeySchema, value);
    return stored.secretSha256.length === NO_HASH.length ? stored : undefined;
  } catch {
    return undefined;
  }
}
