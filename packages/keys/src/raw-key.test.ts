import { diffieHellman, randomBytes, sign } from 'node:crypto';
import { expect, test } from 'vitest';
import { privateKeyOf, publicKeyOf, rawPublicKey } from './raw-key.ts';
import { sessionKeyOf, verifyEd25519 } from './session-key.ts';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');

test('ed25519: the second test of RFC 8032, 7.1', () => {
  const secret = hex('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb');
  const key = privateKeyOf('ed25519', secret);
  const signature = hex(
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  );
  const publicKey = hex('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c');
  expect(Buffer.from(rawPublicKey(key))).toEqual(publicKey);
  expect(sign(null, hex('72'), key)).toEqual(signature);
  expect(Buffer.from(sessionKeyOf(secret).sign(hex('72')))).toEqual(signature);
  expect(verifyEd25519(hex('72'), signature, publicKey)).toBe(true);
  expect(verifyEd25519(hex('73'), signature, publicKey)).toBe(false);
});

test('x25519: a key pair of RFC 7748, 6.1, and both sides agree', () => {
  const bob = privateKeyOf('x25519', hex('5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb'));
  expect(Buffer.from(rawPublicKey(bob))).toEqual(
    hex('de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f'),
  );
  const other = privateKeyOf('x25519', randomBytes(32));
  const shared = diffieHellman({ privateKey: other, publicKey: publicKeyOf('x25519', rawPublicKey(bob)) });
  expect(shared).toEqual(diffieHellman({ privateKey: bob, publicKey: publicKeyOf('x25519', rawPublicKey(other)) }));
});

test.for([0, 31, 33])('%i bytes are no key and no signature verifies by them', (length) => {
  expect(() => privateKeyOf('ed25519', new Uint8Array(length))).toThrow(RangeError);
  expect(() => publicKeyOf('x25519', new Uint8Array(length))).toThrow(RangeError);
  expect(verifyEd25519(new Uint8Array(1), new Uint8Array(64), new Uint8Array(length))).toBe(false);
});
