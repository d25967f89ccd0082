import { ristretto255 } from '@noble/curves/ed25519.js';
import { bytesToNumberLE, numberToBytesLE } from '@noble/curves/utils.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SR25519_BATCH_MAX, verifySr25519Batch } from './sr25519-batch.ts';
import type { Sr25519Claim } from './sr25519-challenge.ts';
import { pairOfSeed, verifySr25519 } from './sr25519-pair.ts';

const { Point } = ristretto255;
const { ORDER } = Point.Fn;
const PAIRS = Array.from({ length: 3 }, (_, at) => pairOfSeed(new Uint8Array(32).fill(at + 1)));

const signed = (message: Uint8Array, at = 0): Sr25519Claim => {
  const pair = PAIRS[at % PAIRS.length]!;
  return { message, publicKey: pair.publicKey, signature: pair.sign(message) };
};
const text = (message: string): Uint8Array => new TextEncoder().encode(message);
const one = ({ message, signature, publicKey }: Sr25519Claim): boolean => verifySr25519(message, signature, publicKey);
/** What the sum of all equations says, with nobody to ask about a single one. */
const together = (claims: readonly Sr25519Claim[]): readonly boolean[] => verifySr25519Batch(claims, () => false);

const scalarOf = ({ signature }: Sr25519Claim): bigint => bytesToNumberLE(signature.slice(32)) - (1n << 255n);
/** The same claim with another scalar, as it stands: reduced or not. */
const withScalar = (claim: Sr25519Claim, scalar: bigint): Sr25519Claim => ({
  ...claim,
  signature: Uint8Array.of(...claim.signature.slice(0, 32), ...numberToBytesLE(scalar + (1n << 255n), 32)),
});
const withNonce = (claim: Sr25519Claim, nonce: Uint8Array): Sr25519Claim => ({
  ...claim,
  signature: Uint8Array.of(...nonce, ...claim.signature.slice(32)),
});
const flipped = (bytes: Uint8Array, bit: number): Uint8Array =>
  bytes.map((byte, at) => (at === Math.floor(bit / 8) % bytes.length ? byte ^ (1 << (bit % 8)) : byte));
/** Another spelling of the same point: a negative field element, which RFC 9496 forbids. */
const negative = (point: Uint8Array): Uint8Array =>
  numberToBytesLE((1n << 255n) - 19n - bytesToNumberLE(point), 32) as Uint8Array;
/** Of the key that is no key, whose owner needs no secret: s·B = R holds for any s. */
const ofIdentity = (message: Uint8Array): Sr25519Claim => {
  const claim = { message, publicKey: new Uint8Array(32), signature: new Uint8Array(64) };
  return withScalar(withNonce(claim, Point.BASE.multiply(7n).toBytes()), 7n);
};

/** How a claim can be wrong; each is refused by `verifySr25519`. */
const WRONG: Readonly<Record<string, (claim: Sr25519Claim, bit: number) => Sr25519Claim>> = {
  'a bit of the message': (claim, bit) => ({ ...claim, message: flipped(claim.message, bit) }),
  'a bit of the signature': (claim, bit) => ({ ...claim, signature: flipped(claim.signature, bit) }),
  'a bit of the key': (claim, bit) => ({ ...claim, publicKey: flipped(claim.publicKey, bit) }),
  'the signature of another message': (claim) => ({ ...claim, signature: signed(text('another')).signature }),
  'the key of another': (claim) => ({ ...claim, publicKey: pairOfSeed(new Uint8Array(32).fill(9)).publicKey }),
  'a scalar past the order': (claim) => withScalar(claim, scalarOf(claim) + ORDER),
  'the negative scalar': (claim) => withScalar(claim, ORDER - scalarOf(claim)),
  'no scalar': (claim) => withScalar(claim, 0n),
  'no marker': (claim) => ({ ...claim, signature: flipped(claim.signature, 511) }),
  'a negative point': (claim) => withNonce(claim, negative(claim.signature.slice(0, 32))),
  'a negative key': (claim) => ({ ...claim, publicKey: negative(claim.publicKey) }),
  'a point past the field': (claim) => withNonce(claim, numberToBytesLE((1n << 255n) - 19n, 32)),
  'the identity as a point': (claim) => withNonce(claim, new Uint8Array(32)),
  'the identity as a key': ({ message }) => ofIdentity(message),
  'nothing but zeros': () => ({ message: text(''), publicKey: new Uint8Array(32), signature: new Uint8Array(64) }),
  'a short signature': (claim) => ({ ...claim, signature: claim.signature.slice(1) }),
  'a long signature': (claim) => ({ ...claim, signature: Uint8Array.of(...claim.signature, 0) }),
  'a short key': (claim) => ({ ...claim, publicKey: claim.publicKey.slice(1) }),
};

test.for([
  [
    'this is a message',
    '46ebddef8cd9bb167dc30878d7113b7e168e6f0646beffd77d69d39bad76b47a',
    '4e172314444b8f820bb54c22e95076f220ed25373e5c178234aa6c211d29271244b947e3ff3418ff6b45fd1df1140c8cbff69fc58ee6dc96df70936a2bb74b82',
  ],
  [
    'I hereby verify that I control 5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY',
    'd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d',
    '1037eb7e51613d0dcf5930ae518819c87d655056605764840d9280984e1b7063c4566b55bf292fcab07b369d01095879b50517beca4d26e6a65866e25fec0d83',
  ],
  [
    '<Bytes>message to sign</Bytes>',
    'f84d048da2ddae2d9d8fd6763f469566e8817a26114f39408de15547f6d47805',
    '48ce2c90e08651adfc8ecef84e916f6d1bb51ebebd16150ee12df247841a5437951ea0f9d632ca165e6ab391532e75e701be6a1caa88c8a6bcca3511f55b4183',
  ],
] as const)('a signature that schnorrkel published holds in a batch: %s', ([message, publicKey, signature]) => {
  const known = { message: text(message), publicKey: hex(publicKey), signature: hex(signature) };
  expect(together([known, signed(text('own'))])).toEqual([true, true]);
});

test('what is signed holds, whatever its length, and the batch alone says so', () => {
  // Past one and two blocks of the transcript, which absorbs 166 bytes at a time.
  const messages = fc.array(fc.uint8Array({ maxLength: 400 }), { minLength: 2, maxLength: 6 });
  fc.assert(
    fc.property(messages, (all) => {
      const claims = all.map((message, at) => signed(message, at));
      expect(together(claims)).toEqual(claims.map(() => true));
    }),
    { numRuns: 60 },
  );
});

test.for(Object.entries(WRONG))('%s: it is refused, and condemns nothing else', ([, change]) => {
  const good = [signed(text('first'), 0), signed(text('second'), 1), signed(text('third'), 1)];
  const wrong = change(signed(text('wrong'), 2), 77);
  expect(one(wrong)).toBe(false);
  expect(verifySr25519Batch([good[0]!, wrong, good[1]!, good[2]!])).toEqual([true, false, true, true]);
  expect(together([good[0]!, wrong])[1]).toBe(false);
  expect(together([wrong, wrong])).toEqual([false, false]);
});

test('a batch says what each says alone, and its sum never says more', () => {
  const kinds = fc.constantFrom(...Object.keys(WRONG), 'right', 'right', 'right');
  const claim = fc.record({ kind: kinds, message: fc.uint8Array({ minLength: 1, maxLength: 60 }), bit: fc.nat(511) });
  fc.assert(
    fc.property(fc.array(claim, { maxLength: 8 }), (drawn) => {
      const claims = drawn.map(({ kind, message, bit }, at) => {
        const right = signed(message, at);
        return WRONG[kind]?.(right, bit) ?? right;
      });
      const alone = claims.map(one);
      expect(verifySr25519Batch(claims)).toEqual(alone);
      expect(together(claims).filter((isGood, at) => isGood && alone[at] !== true)).toEqual([]);
    }),
    { numRuns: 150 },
  );
});

test('wrong signatures do not cancel out, whatever they are off by', () => {
  const multiple = fc.integer({ min: 1, max: 4 });
  fc.assert(
    fc.property(fc.bigInt(1n, ORDER - 1n), multiple, multiple, fc.nat(1), (off, up, down, key) => {
      // Off by as much as cancels out where one weighs `down` and the other `up`.
      const shifted = (claim: Sr25519Claim, by: bigint) => withScalar(claim, Point.Fn.create(scalarOf(claim) + by));
      const claims = [
        shifted(signed(text('first'), 0), BigInt(up) * off),
        shifted(signed(text('second'), key), -BigInt(down) * off),
        signed(text('third'), key),
      ];
      expect(together(claims)).toEqual([false, false, false]);
      expect(verifySr25519Batch(claims)).toEqual([false, false, true]);
    }),
    { numRuns: 60 },
  );
});

test('none, one and as many as a batch takes', () => {
  const right = signed(text('own'));
  expect(verifySr25519Batch([])).toEqual([]);
  expect(verifySr25519Batch([right])).toEqual([true]);
  const most = Array.from({ length: SR25519_BATCH_MAX }, () => right);
  expect(together(most)).toEqual(most.map(() => true));
  expect(() => verifySr25519Batch([...most, right])).toThrow(RangeError);
});

function hex(digits: string): Uint8Array {
  return new Uint8Array(Buffer.from(digits, 'hex'));
}
