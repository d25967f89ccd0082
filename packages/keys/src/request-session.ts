import { createHash, createHmac, diffieHellman, hkdfSync, randomBytes, type KeyObject } from 'node:crypto';
import { privateKeyOf, publicKeyOf, rawPublicKey } from './raw-key.ts';

/** A caller and a miner agree on a key once; afterwards each request carries a MAC, which costs next to nothing. */
export type EphemeralKey = { readonly privateKey: KeyObject; readonly publicKey: Uint8Array };

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

const INFO = 'subnetes/v1 session';
const KEY_BYTES = 32;

export function newEphemeralKey(): EphemeralKey {
  const privateKey = privateKeyOf('x25519', randomBytes(KEY_BYTES));
  return { privateKey, publicKey: rawPublicKey(privateKey) };
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
    shared = diffieHellman({ privateKey: own.privateKey, publicKey: publicKeyOf('x25519', peerPublicKey) });
  } catch {
    return undefined; // bytes from outside that are no key of good order
  }
  const salt = Buffer.concat([nonces.caller, nonces.miner]);
  return new Uint8Array(hkdfSync('sha256', shared, salt, INFO, KEY_BYTES));
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
  const text = `${method}\n${path}\n${createHash('sha256').update(body).digest('hex')}\n${timestampMs}\n${requestId}`;
  return createHmac('sha256', secret).update(text).digest('hex');
}
