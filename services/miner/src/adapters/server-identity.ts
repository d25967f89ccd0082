import { createECDH, createHash, createPrivateKey, createPublicKey, hkdfSync, randomBytes, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

/** What a miner shows on TLS; callers trust the hash of its key, which the miner announced, and no authority. */
export type ServerIdentity = {
  readonly keyPem: string;
  readonly certificatePem: string;
  readonly spkiSha256: Uint8Array;
};

const VALID_DAYS = 3650;

/**
 * The identity that belongs to a hotkey: the key is derived, so that every replica and every restart shows the same
 * one and no announcement goes stale.
 */
export function serverIdentity(hotkeySecretText: string, nowMs: number): ServerIdentity {
  const seed = Buffer.from(hkdfSync('sha256', hotkeySecretText, '', 'subnetes/v1 miner tls', 48));
  const privateKey = privateKeyOf(seed);
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return {
    keyPem: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    certificatePem: selfSigned(privateKey, spki, nowMs),
    spkiSha256: createHash('sha256').update(spki).digest(),
  };
}

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** P-256 key from 48 seed bytes, reduced as FIPS 186-5 A.2.1 does: the bias is below 2^-128. */
function privateKeyOf(seed: Buffer): KeyObject {
  const scalar = (BigInt(`0x${seed.toString('hex')}`) % (ORDER - 1n)) + 1n;
  const d = Buffer.from(scalar.toString(16).padStart(64, '0'), 'hex');
  const curve = createECDH('prime256v1');
  curve.setPrivateKey(d);
  const point = curve.getPublicKey();
  const part = (from: number) => point.subarray(from, from + 32).toString('base64url');
  const jwk = { kty: 'EC', crv: 'P-256', d: d.toString('base64url'), x: part(1), y: part(33) };
  return createPrivateKey({ key: jwk, format: 'jwk' });
}

// A certificate is eight fields of DER (RFC 5280 4.1); a library for that would cost more start-up time than the miner.
const SEQUENCE = 0x30;
const ECDSA_WITH_SHA256 = der(SEQUENCE, Buffer.from('06082a8648ce3d040302', 'hex'));
const COMMON_NAME = Buffer.from('0603550403', 'hex');

function selfSigned(key: KeyObject, spki: Buffer, nowMs: number): string {
  const attribute = der(SEQUENCE, COMMON_NAME, der(0x0c, Buffer.from('subnetes miner')));
  const name = der(SEQUENCE, der(0x31, attribute));
  const day = 86_400_000;
  const validity = der(SEQUENCE, generalizedTime(nowMs - day), generalizedTime(nowMs + VALID_DAYS * day));
  // Positive and of full length: the first byte is between 0x40 and 0x7f.
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  const version3 = der(0xa0, der(0x02, Buffer.from([2])));
  const content = der(SEQUENCE, version3, der(0x02, serial), ECDSA_WITH_SHA256, name, validity, name, spki);
  const signature = sign('sha256', content, key);
  const certificate = der(SEQUENCE, content, ECDSA_WITH_SHA256, der(0x03, Buffer.from([0]), signature));
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function generalizedTime(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  return der(0x18, Buffer.from(digits));
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}
