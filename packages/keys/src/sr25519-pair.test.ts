import { expect, test } from 'vitest';
import { publicKeyOf, ss58Of } from './ss58.ts';
import { derivedPair, isMnemonic, newMnemonic, pairOfMnemonic, verifySr25519 } from './sr25519-pair.ts';

/** Substrate's published development accounts. */
const DEV_WORDS = 'bottom drive obey lake curtain smoke basket hold race lonely fit walk';

test.for([
  ['Alice', '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY'],
  ['Bob', '5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty'],
  ['Charlie', '5FLSigC9HGRKVhB9FiEo4Y3koPsNmBmLJbpXg2mp1hXcS59Y'],
] as const)('the development words with //%s give the published address', ([name, address]) => {
  expect(derivedPair(DEV_WORDS, name).address).toBe(address);
});

test('the development words alone give the published address', () => {
  expect(pairOfMnemonic(DEV_WORDS).address).toBe('5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV');
});

test('a signature verifies for its message and key only', () => {
  const [alice, bob] = [derivedPair(DEV_WORDS, 'Alice'), derivedPair(DEV_WORDS, 'Bob')];
  const message = new TextEncoder().encode('weights');
  const signature = alice.sign(message);
  expect(verifySr25519(message, signature, alice.publicKey)).toBe(true);
  expect(verifySr25519(new TextEncoder().encode('weight!'), signature, alice.publicKey)).toBe(false);
  expect(verifySr25519(message, signature, bob.publicKey)).toBe(false);
  expect(verifySr25519(message, new Uint8Array(64), alice.publicKey)).toBe(false);
  expect(verifySr25519(message, signature, new Uint8Array(3))).toBe(false);
});

test('an address carries its key, and one wrong letter is noticed', () => {
  const { publicKey, address } = derivedPair(DEV_WORDS, 'Alice');
  expect(publicKeyOf(address)).toEqual(publicKey);
  expect(ss58Of(publicKey)).toBe(address);
  expect(publicKeyOf(address.replace('5Grw', '5Grx'))).toBeUndefined();
  expect(publicKeyOf('not an address')).toBeUndefined();
  // The same key under Polkadot's prefix 0.
  expect(publicKeyOf('15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5')).toBeUndefined();
});

test('new words are words', () => {
  expect(isMnemonic(newMnemonic())).toBe(true);
  expect(isMnemonic(DEV_WORDS.replace('bottom', 'walk'))).toBe(false);
});
