import { createHash, createHmac, diffieHellman, generateKeyPairSync, hkdfSync, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { newEphemeralKey, requestMac, sessionSecret } from './request-session.ts';

const caller = randomBytes(16);
const miner = randomBytes(16);

test('both sides find the same secret, and other nonces another', () => {
  const [one, other] = [newEphemeralKey(), newEphemeralKey()];
  const secret = sessionSecret(one, other.publicKey, { caller, miner });
  expect(secret).toEqual(sessionSecret(other, one.publicKey, { caller, miner }));
  expect(secret).not.toEqual(sessionSecret(one, other.publicKey, { caller: miner, miner: caller }));
});

test('equals what node:crypto computes', () => {
  const pair = generateKeyPairSync('x25519');
  const jwk = pair.publicKey.export({ format: 'jwk' });
  const one = newEphemeralKey();
  const theirs = Buffer.from(String(jwk.x), 'base64url');
  const secret = sessionSecret(one, theirs, { caller, miner });
  const spki = Buffer.concat([Buffer.from('302a300506032b656e032100', 'hex'), one.publicKey]);
  const { privateKey } = pair;
  const shared = diffieHellman({
    privateKey,
    publicKey: { key: spki, format: 'der', type: 'spki', asymmetricKeyType: 'x25519' } as never,
  });
  const expected = hkdfSync('sha256', shared, Buffer.concat([caller, miner]), 'subnetes/v1 session', 32);
  expect(Buffer.from(secret ?? [])).toEqual(Buffer.from(expected));
});

test('a key of low order or of a wrong length gives no secret', () => {
  const own = newEphemeralKey();
  for (const bad of [new Uint8Array(32), new Uint8Array(31)]) {
    expect(sessionSecret(own, bad, { caller, miner })).toBeUndefined();
  }
});

test('the mac is HMAC-SHA256 over five lines', () => {
  const secret = randomBytes(32);
  const terms = { method: 'POST', path: '/v2/x?y', body: Buffer.from('{}'), timestampMs: 5, requestId: 'r' };
  const bodyHash = createHash('sha256').update('{}').digest('hex');
  const expected = createHmac('sha256', secret).update(`POST\n/v2/x?y\n${bodyHash}\n5\nr`).digest('hex');
  expect(requestMac(secret, terms)).toBe(expected);
  expect(requestMac(secret, { ...terms, timestampMs: 6 })).not.toBe(expected);
});
