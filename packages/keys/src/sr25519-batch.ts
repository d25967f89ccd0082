import { randomBytes } from 'node:crypto';
import { interleavedMSMUnsafe } from '@noble/curves/abstract/curve.js';
import { ristretto255 } from '@noble/curves/ed25519.js';
import { bytesToNumberLE } from '@noble/curves/utils.js';
import { challengeOf, type Sr25519Claim } from './sr25519-challenge.ts';
import { verifySr25519 } from './sr25519-pair.ts';

const { Point } = ristretto255;
const { Fn } = Point;
type Point = InstanceType<typeof Point>;

/** Signatures that are verified together at most. A few dozen are enough: more save nothing. */
export const SR25519_BATCH_MAX = 256;

const POINT_BYTES = 32;
const SIGNATURE_BYTES = 64;
/** The highest bit marks a signature of sr25519: without it the scalar comes out below zero. */
const MARKER = 1n << 255n;
/** 128 bits: a batch with a wrong signature passes once in 2^128. */
const WEIGHT_BYTES = 16;
/** Bits of a digit in the sum of multiples; tables of eight points each. */
const WINDOW_BITS = 5;

/** What a signature asserts: s·B = R + k·A. */
interface Equation {
  readonly s: bigint;
  readonly nonce: Point;
  readonly challenge: bigint;
  readonly key: Point;
  /** Equal for the same key. */
  readonly keyHex: string;
}

/**
 * Which of the signatures are valid, each as `verifySr25519` says, at about a third of its cost where all are. All equations
 * are added up, each times a random number that nobody knew when the signatures were made, so that wrong ones do not cancel
 * out: Σ z·R + Σ z·k·A − (Σ z·s)·B = 0. A sum that is not zero says nothing about any of them: then each is verified by
 * itself, as is what cannot be read. Ristretto has prime order, so no small subgroup can hide an error.
 * Sources: github.com/w3f/schnorrkel, batch.rs; RFC 9496.
 * @throws RangeError for more than SR25519_BATCH_MAX
 */
export function verifySr25519Batch(
  claims: readonly Sr25519Claim[],
  verifyOne: (claim: Sr25519Claim) => boolean = isValid,
): readonly boolean[] {
  if (claims.length > SR25519_BATCH_MAX) throw new RangeError(`at most ${SR25519_BATCH_MAX} signatures in a batch`);
  if (claims.length === 1) return claims.map(verifyOne);
  const equations = claims.map(equationOf);
  const isSumZero = doHoldTogether(equations.filter((each) => each !== undefined));
  return claims.map((claim, at) => (isSumZero && equations[at] !== undefined) || verifyOne(claim));
}

function isValid({ message, signature, publicKey }: Sr25519Claim): boolean {
  return verifySr25519(message, signature, publicKey);
}

/** Undefined for what `verifySr25519` refuses whatever the message. */
function equationOf(claim: Sr25519Claim): Equation | undefined {
  const { signature, publicKey } = claim;
  if (signature.length !== SIGNATURE_BYTES || publicKey.length !== POINT_BYTES) return undefined;
  const s = bytesToNumberLE(signature.subarray(POINT_BYTES)) - MARKER;
  const nonce = pointOf(signature.subarray(0, POINT_BYTES));
  const key = pointOf(publicKey);
  if (!Fn.isValidNot0(s) || nonce === undefined || key === undefined || key.is0()) return undefined;
  return { s, nonce, key, challenge: challengeOf(claim), keyHex: Buffer.from(publicKey).toString('hex') };
}

function pointOf(bytes: Uint8Array): Point | undefined {
  try {
    return Point.fromBytes(bytes);
  } catch {
    return undefined; // bytes from outside that are no canonical point
  }
}

/** Whether the weighted sum of all equations is zero. Everything here is public: time may depend on it. */
function doHoldTogether(equations: readonly Equation[]): boolean {
  const weights = randomBytes(WEIGHT_BYTES * equations.length);
  const nonces: { readonly point: Point; readonly times: bigint }[] = [];
  const keys = new Map<string, { readonly point: Point; readonly times: bigint }>();
  let ofBase = 0n;
  for (const [at, { s, nonce, challenge, key, keyHex }] of equations.entries()) {
    const weight = bytesToNumberLE(weights.subarray(at * WEIGHT_BYTES, (at + 1) * WEIGHT_BYTES));
    nonces.push({ point: nonce, times: weight });
    keys.set(keyHex, { point: key, times: Fn.create((keys.get(keyHex)?.times ?? 0n) + weight * challenge) });
    ofBase = Fn.create(ofBase - weight * s);
  }
  const terms = [...nonces, ...keys.values(), { point: Point.BASE, times: ofBase }];
  const sumOf = interleavedMSMUnsafe(
    Point,
    terms.map(({ point }) => point),
    WINDOW_BITS,
  );
  return sumOf(terms.map(({ times }) => times)).is0();
}
