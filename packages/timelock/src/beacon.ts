import { createHash } from 'node:crypto';
import { bls12_381 } from '@noble/curves/bls12-381.js';

/** A public source of randomness that signs the number of each round: drand's scheme of that name. */
export interface Beacon {
  /** 32 bytes, hexadecimal: how files and URLs name the beacon. */
  readonly chainHash: string;
  /** 96 bytes of G2, hexadecimal: who opens what was locked. */
  readonly publicKey: string;
  /** Unix seconds of round 1. */
  readonly genesisTimeS: number;
  readonly periodS: number;
}

/** Rounds are signed one by one, not chained, on G1 with the hash to the curve of RFC 9380. */
export const BEACON_SCHEME = 'bls-unchained-g1-rfc9380';
export const SIGNATURE_BYTES = 48;

const DOMAIN = 'BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_';
const KEY_PATTERN = /^[0-9a-f]{192}$/;

/** The newest round that is out at a time (Unix milliseconds); 0 before the first. */
export function roundAt(beacon: Beacon, timeMs: number): number {
  const sinceS = timeMs / 1000 - beacon.genesisTimeS;
  return sinceS < 0 ? 0 : Math.floor(sinceS / beacon.periodS) + 1;
}

/** When a round comes out, in Unix milliseconds. */
export function roundTimeMs(beacon: Beacon, round: number): number {
  return (beacon.genesisTimeS + (round - 1) * beacon.periodS) * 1000;
}

/** What a round's signature signs: the round's number alone, so that it can be known long before. */
export function roundIdentity(round: number): Uint8Array {
  const number = Buffer.alloc(8);
  number.writeBigUInt64BE(BigInt(round));
  return createHash('sha256').update(number).digest();
}

/** The point of G1 that a round's signature is a multiple of. */
export function roundPoint(round: number) {
  return bls12_381.shortSignatures.hash(roundIdentity(round), DOMAIN);
}

/** The beacon's key as a point; undefined when it is none of the right group. */
export function publicKeyPoint(beacon: Pick<Beacon, 'publicKey'>) {
  if (!KEY_PATTERN.test(beacon.publicKey)) return undefined;
  try {
    const point = bls12_381.G2.Point.fromBytes(Buffer.from(beacon.publicKey, 'hex'));
    return point.is0() ? undefined : point;
  } catch {
    return undefined; // bytes from outside that are no point
  }
}

/** Signatures found good that are remembered: the rows of a subnet open with one or two, and verifying takes two pairings. */
const REMEMBERED_MAX = 64;
const remembered = new Set<string>();

/**
 * Whether a beacon signed a round with that signature. False also for what is no signature at all, and for another spelling of
 * the right one: there is one for each round, so that nobody chooses among several what is made of it.
 */
export function isRoundSignature(beacon: Pick<Beacon, 'publicKey'>, round: number, signature: Uint8Array): boolean {
  if (signature.length !== SIGNATURE_BYTES) return false;
  const name = `${beacon.publicKey}/${round}/${Buffer.from(signature).toString('hex')}`;
  if (remembered.has(name)) return true;
  const isGood = isSignatureOf(publicKeyPoint(beacon), round, signature);
  if (isGood) {
    const [oldest] = remembered;
    if (remembered.size >= REMEMBERED_MAX && oldest !== undefined) remembered.delete(oldest);
    remembered.add(name);
  }
  return isGood;
}

function isSignatureOf(key: ReturnType<typeof publicKeyPoint>, round: number, signature: Uint8Array): boolean {
  if (key === undefined) return false;
  try {
    return bls12_381.shortSignatures.verify(signature, roundPoint(round), key);
  } catch {
    return false; // bytes from outside that are no point
  }
}

/** A beacon's other half, for tests and networks that run a beacon of their own. */
export interface BeaconKey {
  /** 96 bytes of G2, hexadecimal. */
  readonly publicKey: string;
  readonly sign: (round: number) => Uint8Array;
}

/** The key of a secret of 32 bytes. Whoever has it opens every round at once. */
export function beaconKeyOf(secret: Uint8Array): BeaconKey {
  return {
    publicKey: Buffer.from(bls12_381.shortSignatures.getPublicKey(secret).toBytes()).toString('hex'),
    sign: (round) => bls12_381.shortSignatures.sign(roundPoint(round), secret).toBytes(),
  };
}
