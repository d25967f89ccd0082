import { accept, refuse, type Decision } from './refusal.ts';

/** Valid keys of one account. */
export const KEYS_PER_ACCOUNT_MAX = 1000;
/** Valid keys in all: gateways hold every one of them in memory, and take no more than this. */
export const KEYS_MAX = 100_000;

const KEY_ID_PATTERN = /^[0-9a-f]{16}$/;
/** What a terminal or a log would act upon is no name. */
const KEY_NAME_PATTERN = /^[^\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]{1,64}$/u;

/** A key as people see it. */
export interface ApiKey {
  readonly keyId: string;
  readonly account: string;
  readonly name: string;
  readonly createdAtMs: number;
  /** Absent while it is valid. */
  readonly revokedAtMs?: number;
}

/** What a key is recognised by. */
export interface KeyHash {
  readonly account: string;
  /** Of the whole key as text, 32 bytes. */
  readonly secretSha256: Uint8Array;
}

/** A key as billing keeps it. */
export interface StoredKey extends ApiKey, KeyHash {}

export function isKeyId(text: string): boolean {
  return KEY_ID_PATTERN.test(text);
}

export function checkKeyName(name: string): Decision<string> {
  return KEY_NAME_PATTERN.test(name)
    ? accept(name)
    : refuse('INVALID_ARGUMENT', 'name must have 1 to 64 characters, none of them a control character');
}

/** Whether two stand for the same account by the same secret. */
export function isSameHash(one: KeyHash, other: KeyHash | undefined): boolean {
  return (
    other !== undefined &&
    one.account === other.account &&
    one.secretSha256.length === other.secretSha256.length &&
    one.secretSha256.every((byte, at) => byte === other.secretSha256[at])
  );
}
