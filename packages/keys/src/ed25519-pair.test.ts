import { ed25519 } from '@noble/curves/ed25519.js';
import { EnvelopeType, KeyScheme } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { describe, expect, test } from 'vitest';
import { ed25519PairOfMnemonic, ed25519PairOfSeed, isSoundEd25519Key, verifyEd25519Wallet } from './ed25519-pair.ts';
import { signEnvelope, verifyEnvelope } from './envelope.ts';
import { openPolkadotFile, polkadotSecretOf, sealPolkadotFile } from './polkadot-file.ts';
import { signMessage, verifyMessage } from './signed-message.ts';
import { pairOfMnemonic } from './sr25519-pair.ts';
import { publicKeyOf, ss58Of } from './ss58.ts';
import { openWallet, sealWallet, walletPairOf } from './wallet-file.ts';

const WORDS = 'bottom drive obey lake curtain smoke basket hold race lonely fit walk';
const wallet = ed25519PairOfMnemonic(WORDS);
const message = new TextEncoder().encode('hello');

test('the words of Substrate’s development accounts make the key that Polkadot-JS makes of them', () => {
  // Seed and address as `subkey inspect --scheme ed25519` prints them for these words.
  const seed = Buffer.from('fac7959dbfe72f052e5a0c3c8d6530f202b02fd8f9f5ca3580ec8deb7797479e', 'hex');
  expect(wallet.address).toBe(ed25519PairOfSeed(seed).address);
  expect(wallet.publicKey).toEqual(ed25519.getPublicKey(seed));
  expect(wallet.address).not.toBe(pairOfMnemonic(WORDS).address);
});

test('a signature is good for its message and key alone, and under its own scheme alone', () => {
  const signature = wallet.sign(message);
  expect([isSoundEd25519Key(wallet.publicKey), isSoundEd25519Key(new Uint8Array(32).fill(255))]).toEqual([true, false]);
  expect(verifyEd25519Wallet(message, signature, wallet.publicKey)).toBe(true);
  expect(verifyEd25519Wallet(message, signature, ed25519PairOfSeed(new Uint8Array(32)).publicKey)).toBe(false);
  const told = signMessage(message, wallet);
  expect(verifyMessage(message, told, wallet.address, 'ed25519')).toBe(true);
  expect(verifyMessage(message, told, wallet.address)).toBe(false);
  const other = pairOfMnemonic(WORDS);
  expect(verifyMessage(message, signMessage(message, other), other.address, 'ed25519')).toBe(false);
});

describe('keys that nobody has to know', () => {
  /** All encodings of points whose order divides eight, canonical ones and others. Source: RFC 8032 and Chalkias et al. 2020, table. */
  const SMALL = [
    '0100000000000000000000000000000000000000000000000000000000000000',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    '0000000000000000000000000000000000000000000000000000000000000080',
    '0000000000000000000000000000000000000000000000000000000000000000',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  ];

  /** A signature without a secret: of a key of small order the challenge falls out for one message in eight, at the latest. */
  function forged(secret: bigint): Uint8Array {
    const scalar = new Uint8Array(32);
    for (let at = 0, rest = secret; at < 32; at += 1, rest >>= 8n) scalar[at] = Number(rest & 255n);
    return Uint8Array.of(...ed25519.Point.BASE.multiply(secret).toBytes(), ...scalar);
  }

  test.each(SMALL)('%s signs nothing', (hex) => {
    const publicKey = Uint8Array.from(Buffer.from(hex, 'hex'));
    const signature = forged(12_345n);
    expect(isSoundEd25519Key(publicKey)).toBe(false);
    expect(ed25519.verify(signature, message, publicKey), 'a verifier after ZIP 215 takes it').toBe(true);
    for (let at = 0; at < 64; at += 1) {
      expect(verifyEd25519Wallet(Uint8Array.of(at), signature, publicKey)).toBe(false);
    }
  });
});

describe('an envelope', () => {
  const networkId = new Uint8Array(32).fill(1);
  const terms = { networkId, type: EnvelopeType.WALLET_ORDER, sequence: 1n, expiresAtBlock: 9n, payload: message };
  const demand = { networkId, type: EnvelopeType.WALLET_ORDER, block: 5n, isDirect: true };

  test('names its scheme, and is taken where ed25519 is', () => {
    const envelope = signEnvelope(terms, wallet);
    expect(verifyEnvelope(envelope, { ...demand, takesEd25519: true })).toMatchObject({
      ok: true,
      scheme: 'ed25519',
      signer: wallet.address,
    });
    expect(verifyEnvelope(envelope, demand)).toMatchObject({ ok: false, reason: 'MALFORMED_ENVELOPE' });
    const sr = signEnvelope(terms, pairOfMnemonic(WORDS));
    expect(verifyEnvelope(sr, { ...demand, takesEd25519: true })).toMatchObject({ ok: true, scheme: 'sr25519' });
  });

  test('is verified by the scheme that it names and by no other', () => {
    const takes = { ...demand, takesEd25519: true };
    const claimed = { ...signEnvelope(terms, wallet), scheme: KeyScheme.UNSPECIFIED };
    expect(verifyEnvelope(claimed, takes)).toMatchObject({ reason: 'BAD_SIGNATURE' });
    const other = { ...signEnvelope(terms, pairOfMnemonic(WORDS)), scheme: KeyScheme.ED25519 };
    expect(verifyEnvelope(other, takes)).toMatchObject({ reason: 'BAD_SIGNATURE' });
    const unknown = { ...signEnvelope(terms, wallet), scheme: 7 as KeyScheme };
    expect(verifyEnvelope(unknown, takes)).toMatchObject({ reason: 'MALFORMED_ENVELOPE' });
    const burn = { ...signEnvelope(terms, wallet), signer: ss58Of(new Uint8Array(32)) };
    expect(publicKeyOf(burn.signer)).toBeDefined();
    expect(verifyEnvelope(burn, takes)).toMatchObject({ reason: 'BAD_SIGNATURE' });
  });
});

test('a wallet file keeps its scheme, and one whose scheme was changed does not open', async () => {
  const file = await sealWallet(WORDS, 'secret', 'ed25519');
  expect(file).toMatchObject({ scheme: 'ed25519', address: wallet.address });
  expect(await openWallet(file, 'secret')).toBe(WORDS);
  expect(walletPairOf(WORDS, 'ed25519').address).toBe(file.address);
  const { scheme: _scheme, ...changed } = file;
  expect(await openWallet(changed, 'secret')).toBeUndefined();
});

test('a Polkadot-JS account of ed25519 comes back as it went', async () => {
  const secret = polkadotSecretOf(WORDS, 'ed25519');
  const file = await sealPolkadotFile(secret, { passphrase: 'secret', name: 'w', scheme: 'ed25519' });
  expect(file.encoding.content).toEqual(['pkcs8', 'ed25519']);
  const opened = await openPolkadotFile(file, 'secret');
  expect([opened?.address, opened?.scheme]).toEqual([wallet.address, 'ed25519']);
  const wrong = { ...file, encoding: { ...file.encoding, content: ['pkcs8', 'sr25519'] } };
  expect(await openPolkadotFile(wrong, 'secret')).toBeUndefined();
});
