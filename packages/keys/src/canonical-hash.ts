import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes } from '@noble/hashes/utils.js';
import canonicalize from 'canonicalize';
import { u64 } from './signed-bytes.ts';
import { publicKeyOf } from './ss58.ts';

/** RFC 8785 text of a JSON value. Throws TypeError on what JSON cannot say. */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('the value has no JSON form');
  return text;
}

/** sha256 of the genesis as RFC 8785 JSON: 32 bytes that every signature of a network carries. */
export function networkIdOf(genesis: unknown): Uint8Array {
  return sha256(new TextEncoder().encode(canonicalJson(genesis)));
}

/**
 * sha256(network id | netuid u64 BE | hotkey 32 bytes | registered-at block u64 BE): a slot used again is another registration. One
 * that begins in the block in which the hotkey's last one began has its attempt, u64 BE, after that.
 */
export function registrationIdOf(registration: {
  readonly networkId: Uint8Array;
  readonly netuid: number;
  readonly hotkey: string;
  readonly registeredAtBlock: bigint;
  readonly attempt?: bigint | undefined;
}): Uint8Array {
  const hotkey = publicKeyOf(registration.hotkey);
  if (hotkey === undefined) throw new RangeError(`${registration.hotkey} is no SS58 address`);
  const { networkId, netuid, registeredAtBlock, attempt } = registration;
  const again = attempt === undefined ? new Uint8Array() : u64(attempt);
  return sha256(concatBytes(networkId, u64(BigInt(netuid)), hotkey, u64(registeredAtBlock), again));
}
