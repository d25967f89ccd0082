import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { x25519 } from '@noble/curves/ed25519.js';

/** A caller and a miner agree on a key once; afterwards each request carries a MAC, which costs next to nothing. */
export type EphemeralKey = { readonly secretKey: Uint8Array; readonly publicKey: Uint8Array };

/** Headers of a request within a session. */
export const SESSION_HEADERS = {
  session: 'x-subnetes-session',
  requestId: 'x-subnetes-request-id',
  timestampMs: 'x-subnetes-timestamp-ms',
  mac: 'x-subnetes-mac',
  minerReceipt: 'x-subnetes-miner-receipt',
} as const;

/** Where a miner takes handshakes, and what their bodies are. */
export const HANDSHAKE_PATH = '/subnetes/v1/handshake';
export const HANDSHAKE_CONTENT_TYPE = 'application/x-protobuf';
/** A greeting or a request whose time differs by more from the miner's clock is refused. */
export const CLOCK_SKEW_MS_MAX = 10_000;

const INFO = utf8ToBytes('subnetes/v1 session');
const KEY_BYTES = 32;

export function newEphemeralKey(): EphemeralKey {
  const secretKey = x25519.utils.randomSecretKey();
  return { secretKey, publicKey: x25519.getPublicKey(secretKey) };
}

/**
 * The key of a session: HKDF-SHA256 of the x25519 secret, salted with the caller's and then the miner's nonce.
 * Undefined where the peer's public key is no usable point.
 */
export function sessionSecret(
  own: EphemeralKey,
  peerPublicKey: Uint8Array,
  nonces: { readonly caller: Uint8Array; readonly miner: Uint8Array },
): Uint8Array | undefined {
  let shared: Uint8Array;
  try {
    shared = x25519.getSharedSecret(own.secretKey, peerPublicKey);
  } catch {
    return undefined; // bytes from outside that are no key of good order
  }
  return hkdf(sha256, shared, concatBytes(nonces.caller, nonces.miner), INFO, KEY_BYTES);
}

export type RequestTerms = {
  readonly method: string;
  /** Path with query, as it stands in the request line. */
  readonly path: string;
  readonly body: Uint8Array;
  readonly timestampMs: number;
  readonly requestId: string;
};

/** Hexadecimal HMAC-SHA256 over method, path, hash of the body, time and request id, one a line. */
export function requestMac(secret: Uint8Array, terms: RequestTerms): string {
  const { method, path, body, timestampMs, requestId } = terms;
  const text = `${method}\n${path}\n${bytesToHex(sha256(body))}\n${timestampMs}\n${requestId}`;
  return bytesToHex(hmac(sha256, secret, utf8ToBytes(text)));
}
