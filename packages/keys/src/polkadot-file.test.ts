import { expect, test } from 'vitest';
import { isPolkadotFile, openPolkadotFile, type PolkadotFile, sealPolkadotFile } from './polkadot-file.ts';
import { pairOfMnemonic, secretOfMnemonic } from './sr25519-pair.ts';

/** Written by @polkadot/keyring 14 from the words of Substrate's documentation. */
const FOREIGN: PolkadotFile = {
  encoded:
    'znAc6MgAmagmRvbe1cdD0K5AqISe2PXY6EfHRaCWEBUAAAIAAQAAAAgAAAA7L6ls9viEFeZbxeRot5m7Z77TVkFPVRL4BX4FFGJk2iXm6If2/uLoQKPk2fPj34liXpgtWQtQIGVGPTCKvFbZv0p+xA78TJEl9/arxKjYLgUUVNed9Uu/40f2Jmf7iXVQaT7k7PV+BZE/ymN5HfJ40lx7YlNk4aPdQmovaQgspgk+WM1/z3i/ZrVDUuTsxN8o/E0t7lUmDw+3Mydk',
  encoding: { content: ['pkcs8', 'sr25519'], type: ['scrypt', 'xsalsa20-poly1305'], version: '3' },
  address: '5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV',
  meta: { name: 'quant' },
};
const PASSPHRASE = 'correct horse';
const WORDS = 'bottom drive obey lake curtain smoke basket hold race lonely fit walk';

test('what Polkadot-JS sealed opens, and has the keys of the words', async () => {
  const pair = await openPolkadotFile(FOREIGN, PASSPHRASE);
  expect(pair?.address).toBe(FOREIGN.address);
  expect(pair?.publicKey).toEqual(pairOfMnemonic(WORDS).publicKey);
  const message = new TextEncoder().encode('a message');
  expect(pair?.sign(message)).toHaveLength(64);
});

test('what is sealed here opens here, says no secret, and is never the same twice', async () => {
  const secret = secretOfMnemonic(WORDS);
  const seal = () => sealPolkadotFile(secret, { passphrase: PASSPHRASE, name: 'quant' });
  const [one, two] = [await seal(), await seal()];
  expect({ ...one, encoded: '' }).toEqual({ ...FOREIGN, encoded: '' });
  expect(Buffer.from(one.encoded, 'base64')).toHaveLength(Buffer.from(FOREIGN.encoded, 'base64').length);
  expect(one.encoded).not.toBe(two.encoded);
  expect(Buffer.from(one.encoded, 'base64').includes(Buffer.from(secret.subarray(0, 16)))).toBe(false);
  expect((await openPolkadotFile(one, PASSPHRASE))?.address).toBe(FOREIGN.address);
});

test('a wrong passphrase, another address and a changed byte open nothing', async () => {
  expect(await openPolkadotFile(FOREIGN, 'wrong horse')).toBeUndefined();
  const other = pairOfMnemonic('legal winner thank year wave sausage worth useful legal winner thank yellow').address;
  expect(await openPolkadotFile({ ...FOREIGN, address: other }, PASSPHRASE)).toBeUndefined();
  const bytes = Buffer.from(FOREIGN.encoded, 'base64');
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  expect(await openPolkadotFile({ ...FOREIGN, encoded: bytes.toString('base64') }, PASSPHRASE)).toBeUndefined();
});

test('a file of another form, or one that asks for too much work, is named', async () => {
  const { encoding } = FOREIGN;
  const other = { ...FOREIGN, encoding: { ...encoding, content: ['pkcs8', 'ecdsa'] } };
  await expect(openPolkadotFile(other, PASSPHRASE)).rejects.toThrow('sr25519');
  const mistaken = { ...FOREIGN, encoding: { ...encoding, content: ['pkcs8', 'ed25519'] } };
  expect(await openPolkadotFile(mistaken, PASSPHRASE)).toBeUndefined();
  await expect(openPolkadotFile({ ...FOREIGN, encoded: 'AAAA' }, PASSPHRASE)).rejects.toThrow('amount of work');
  const bytes = Buffer.from(FOREIGN.encoded, 'base64');
  bytes.writeUInt32LE(2 ** 30, 32);
  await expect(openPolkadotFile({ ...FOREIGN, encoded: bytes.toString('base64') }, PASSPHRASE)).rejects.toThrow('work');
  expect([isPolkadotFile(FOREIGN), isPolkadotFile({ version: 1 }), isPolkadotFile(null)]).toEqual([true, false, false]);
});
