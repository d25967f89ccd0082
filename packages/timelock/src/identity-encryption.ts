import { createHash, randomBytes } from 'node:crypto';
import { bls12_381 } from '@noble/curves/bls12-381.js';
import { type Beacon, publicKeyPoint, roundPoint, SIGNATURE_BYTES } from './beacon.ts';

/**
 * Boneh and Franklin's identity-based encryption with the Fujisaki-Okamoto transform, as drand's tlock writes it down: the
 * identity is a round, and its private key is the round's signature. Source: github.com/drand/tlock, github.com/drand/kyber
 * (encrypt/ibe).
 */

/** Bytes of the key that is wrapped: age's file key. */
export const FILE_KEY_BYTES = 16;
const POINT_BYTES = 96;
/** The point U, then V and W. */
export const WRAPPED_BYTES = POINT_BYTES + 2 * FILE_KEY_BYTES;

const HASH_TRIES_MAX = 65_535;
const FIELD_BYTES = 48;

type Fp12 = ReturnType<typeof bls12_381.pairing>;

/** Wraps a file key for a round. @throws RangeError when the beacon has no usable key. */
export function wrapKey(beacon: Beacon, round: number, fileKey: Uint8Array): Uint8Array {
  const key = publicKeyPoint(beacon);
  if (key === undefined) throw new RangeError('the public key of the beacon is no point of G2');
  const sigma = randomBytes(FILE_KEY_BYTES);
  const scalar = scalarOf(sigma, fileKey);
  // e(Q, key)^r is e(rQ, key): a multiplication on G1 instead of a power of twelve times the size.
  const mask = maskOf(bls12_381.pairing(roundPoint(round).multiply(scalar), key));
  const point = bls12_381.G2.Point.BASE.multiply(scalar).toBytes();
  return Buffer.concat([point, xor(sigma, mask), xor(fileKey, hashOf('IBE-H4', sigma))]);
}

/** Opens what was wrapped for the round of the given signature; undefined for anything else. */
export type UnwrapKey = (wrapped: Uint8Array) => Uint8Array | undefined;

/** Undefined when the signature is no point of its group. The point is read once for all that it opens. */
export function unwrapperOf(signature: Uint8Array): UnwrapKey | undefined {
  if (signature.length !== SIGNATURE_BYTES) return undefined;
  const own = pointOf(() => bls12_381.G1.Point.fromBytes(signature));
  if (own === undefined) return undefined;
  return (wrapped) => {
    if (wrapped.length !== WRAPPED_BYTES) return undefined;
    const point = pointOf(() => bls12_381.G2.Point.fromBytes(wrapped.subarray(0, POINT_BYTES)));
    if (point === undefined) return undefined;
    const sigma = xor(
      wrapped.subarray(POINT_BYTES, POINT_BYTES + FILE_KEY_BYTES),
      maskOf(bls12_381.pairing(own, point)),
    );
    const fileKey = xor(wrapped.subarray(POINT_BYTES + FILE_KEY_BYTES), hashOf('IBE-H4', sigma));
    // Another key or a changed byte gives another scalar: nothing half right is ever returned.
    return bls12_381.G2.Point.BASE.multiply(scalarOf(sigma, fileKey)).equals(point) ? fileKey : undefined;
  };
}

function pointOf<Point extends { is0(): boolean }>(read: () => Point): Point | undefined {
  try {
    const point = read();
    return point.is0() ? undefined : point;
  } catch {
    return undefined; // bytes from outside that are no point of the group
  }
}

/** A scalar from both secrets: H(i, H(secrets)) for the first i that gives one below the order of the group, nine of ten times 1. */
function scalarOf(sigma: Uint8Array, fileKey: Uint8Array): bigint {
  const digest = createHash('sha256').update('IBE-H3').update(sigma).update(fileKey).digest();
  const { ORDER } = bls12_381.fields.Fr;
  for (let attempt = 1; attempt < HASH_TRIES_MAX; attempt += 1) {
    const count = Buffer.alloc(2);
    count.writeUInt16LE(attempt);
    const next = createHash('sha256').update(count).update(digest).digest();
    next[0] = (next[0] ?? 0) >> 1; // the order has 255 bits
    const scalar = BigInt(`0x${next.toString('hex')}`);
    if (scalar > 0n && scalar < ORDER) return scalar;
  }
  throw new Error('no scalar in 65,534 hashes: SHA-256 is broken');
}

function maskOf(value: Fp12): Uint8Array {
  return createHash('sha256').update('IBE-H2').update(pairingBytes(value)).digest().subarray(0, FILE_KEY_BYTES);
}

function hashOf(label: string, sigma: Uint8Array): Uint8Array {
  return createHash('sha256').update(label).update(sigma).digest().subarray(0, FILE_KEY_BYTES);
}

/** The twelve coordinates, highest first at every level, 48 bytes each, big endian. */
export function pairingBytes({ c0, c1 }: Fp12): Uint8Array {
  const coordinates = [c1, c0].flatMap((half) => [half.c2, half.c1, half.c0]).flatMap((pair) => [pair.c1, pair.c0]);
  return Buffer.from(coordinates.map((value) => value.toString(16).padStart(2 * FIELD_BYTES, '0')).join(''), 'hex');
}

function xor(one: Uint8Array, other: Uint8Array): Uint8Array {
  return one.map((byte, at) => byte ^ (other[at] ?? 0));
}
