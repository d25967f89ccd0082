import { expect, test } from 'vitest';
import { EnvelopeType } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { networkIdOf, registrationIdOf } from './canonical-hash.ts';
import { signEnvelope, signWithSession, verifyEnvelope, verifyEnvelopes } from './envelope.ts';
import { newHotkeyFile, readHotkeyFile } from './key-file.ts';
import { mandateOfText, mandateText, readMandate, signMandate } from './mandate.ts';
import type { Mandate } from './mandate.ts';
import { certifySessionKey, newSessionKey } from './session-key.ts';
import { derivedPair } from './sr25519-pair.ts';
import { openWallet, sealWallet } from './wallet-file.ts';

const WORDS = 'bottom drive obey lake curtain smoke basket hold race lonely fit walk';
const [alice, bob] = [derivedPair(WORDS, 'Alice'), derivedPair(WORDS, 'Bob')];
const networkId = networkIdOf({ token: 'TAO' });
const registrationId = registrationIdOf({ networkId, netuid: 1, hotkey: alice.address, registeredAtBlock: 12n });
const terms = {
  networkId,
  type: EnvelopeType.COMMIT,
  registrationId,
  sequence: 3n,
  expiresAtBlock: 100n,
  payload: Uint8Array.of(1, 2),
};
const demand = { networkId, type: EnvelopeType.COMMIT, block: 100n, registrationId, signer: alice.address };

test('a registration that begins in the block of the one before is another one', () => {
  const named = { networkId, netuid: 1, hotkey: alice.address, registeredAtBlock: 12n };
  const ids = [named, { ...named, attempt: 2n }, { ...named, attempt: 3n }].map((each) =>
    Buffer.from(registrationIdOf(each)).toString('hex'),
  );
  expect(new Set(ids).size).toBe(3);
  expect(registrationIdOf(named), 'ids of before stay').toEqual(registrationId);
});

test('a signed envelope verifies in its last block', () => {
  expect(verifyEnvelope(signEnvelope(terms, alice), demand)).toMatchObject({
    ok: true,
    signer: alice.address,
    sequence: 3n,
  });
});

test.for([
  { name: 'after its last block', change: {}, demand: { block: 101n }, reason: 'ENVELOPE_EXPIRED' },
  { name: 'of another type', change: {}, demand: { type: EnvelopeType.REVEAL }, reason: 'WRONG_ENVELOPE_TYPE' },
  {
    name: 'for another network',
    change: {},
    demand: { networkId: networkIdOf({ token: 'X' }) },
    reason: 'WRONG_NETWORK',
  },
  {
    name: 'for another network, said by the signature alone',
    change: { networkId: new Uint8Array() },
    demand: { networkId: networkIdOf({ token: 'X' }) },
    reason: 'BAD_SIGNATURE',
  },
  {
    name: 'for an earlier registration',
    change: {},
    demand: { registrationId: new Uint8Array(32) },
    reason: 'WRONG_REGISTRATION',
  },
  { name: 'by somebody else', change: { signer: bob.address }, demand: {}, reason: 'WRONG_SIGNER' },
  {
    name: 'by somebody else, where anybody may',
    change: { signer: bob.address },
    demand: { signer: undefined },
    reason: 'BAD_SIGNATURE',
  },
  { name: 'with another payload', change: { payload: Uint8Array.of(1, 3) }, demand: {}, reason: 'BAD_SIGNATURE' },
  { name: 'with another sequence', change: { sequence: 4n }, demand: {}, reason: 'BAD_SIGNATURE' },
  { name: 'with a longer life', change: { expiresAtBlock: 1000n }, demand: {}, reason: 'BAD_SIGNATURE' },
  {
    name: 'with a signer that is no address',
    change: { signer: 'x' },
    demand: { signer: undefined },
    reason: 'MALFORMED_ENVELOPE',
  },
])('an envelope $name is refused', ({ change, demand: changed, reason }) => {
  const { signer, ...rest } = { ...demand, ...changed };
  const asked = signer === undefined ? rest : { ...rest, signer };
  expect(verifyEnvelope({ ...signEnvelope(terms, alice), ...change }, asked)).toMatchObject({ ok: false, reason });
});

test('no envelope is refused', () => {
  expect(verifyEnvelope(undefined, demand)).toMatchObject({ ok: false, reason: 'ENVELOPE_MISSING' });
});

test('a session key signs for its hotkey, until its certificate ends, and for that registration alone', () => {
  const key = newSessionKey();
  const certify = (change: object) =>
    certifySessionKey(alice, key.publicKey, {
      networkId,
      registrationId,
      sequence: 1n,
      expiresAtBlock: 100n,
      ...change,
    });
  expect(verifyEnvelope(signWithSession(terms, key, certify({})), demand)).toMatchObject({
    ok: true,
    signer: alice.address,
  });
  expect(verifyEnvelope(signWithSession(terms, key, certify({ expiresAtBlock: 99n })), demand).ok).toBe(false);
  expect(verifyEnvelope(signWithSession(terms, key, certify({ registrationId: new Uint8Array(32) })), demand).ok).toBe(
    false,
  );
  expect(verifyEnvelope(signWithSession(terms, newSessionKey(), certify({})), demand).ok).toBe(false);
  const forged = { ...certify({}), signer: bob.address };
  expect(verifyEnvelope(signWithSession(terms, key, forged), { ...demand, signer: bob.address }).ok).toBe(false);
});

const mandate: Mandate = {
  networkId: Buffer.from(networkId).toString('hex'),
  payer: alice.address,
  owner: alice.address,
  grantee: { cluster: 'c1', namespace: 'finance' },
  operations: ['Register', 'Stake'],
  netuids: [],
  maxPerOperation: '1000000000',
  maxTotal: '100000000000',
  notAfterBlock: '210000',
  nonce: 'a1',
};

test('a mandate goes through its text and verifies', () => {
  const envelope = mandateOfText(`${mandateText(signMandate(mandate, alice))}\n`);
  expect(readMandate(envelope, { networkId, block: 5n })).toMatchObject({ ok: true, mandate });
  expect(readMandate(envelope, { networkId, block: 210_001n })).toMatchObject({
    ok: false,
    reason: 'ENVELOPE_EXPIRED',
  });
});

test.for([
  ['signed by another than the payer', mandate, bob],
  ['with an unknown operation', { ...mandate, operations: ['Mint'] } as unknown as Mandate, alice],
  ['with a negative limit', { ...mandate, maxTotal: '-1' }, alice],
] as const)('a mandate %s is refused', ([, changed, key]) => {
  expect(readMandate(signMandate(changed, key), { networkId, block: 5n })).toMatchObject({
    ok: false,
    reason: 'MALFORMED_MANDATE',
  });
});

test('text that is no mandate is none', () => {
  expect(mandateOfText('')).toBeUndefined();
  expect(mandateOfText('apiVersion: v1')).toBeUndefined();
  expect(mandateOfText('AAAA')).toBeUndefined();
});

test('a hotkey file is read back, and a changed one refused without showing it', () => {
  const file = newHotkeyFile();
  expect(readHotkeyFile(JSON.stringify(file)).address).toBe(file.address);
  expect(() => readHotkeyFile(JSON.stringify({ ...file, address: bob.address }))).toThrow(/address/);
  expect(() => readHotkeyFile(`{"mnemonic": "${file.mnemonic}`)).toThrow(/^the hotkey file is not JSON$/);
});

test('a wallet opens with its passphrase only', async () => {
  const sealed = await sealWallet(WORDS, 'correct');
  expect(JSON.stringify(sealed)).not.toContain('bottom');
  expect(await openWallet(sealed, 'correct')).toBe(WORDS);
  expect(await openWallet(sealed, 'wrong')).toBeUndefined();
  expect(await openWallet({ ...sealed, address: bob.address }, 'correct')).toBeUndefined();
});

test('many at once are judged as each alone: by key, by session key, refused and forged', () => {
  const session = newSessionKey();
  const certificate = certifySessionKey(alice, session.publicKey, terms);
  const good = [signEnvelope(terms, alice), signWithSession(terms, session, certificate)];
  const bad = [
    { ...good[0]!, payload: Uint8Array.of(9) },
    { ...good[1]!, payload: Uint8Array.of(9) },
    { ...good[1]!, sessionKey: { ...certificate, signature: new Uint8Array(64) } },
    { ...good[1]!, sessionKey: { ...certificate, expiresAtBlock: 1n } },
    { ...good[0]!, signer: 'x' },
    { ...good[0]!, expiresAtBlock: 1n },
  ];
  const asked = { networkId, type: EnvelopeType.COMMIT, block: 100n };
  const all = [good[0]!, ...bad, good[1]!].map((envelope) => ({ envelope, demand: asked }));
  const judged = verifyEnvelopes(all);
  expect(judged).toEqual(all.map(({ envelope, demand: own }) => verifyEnvelope(envelope, own)));
  expect(judged.map((each) => (each.ok ? 'ok' : each.reason))).toEqual([
    'ok',
    ...Array.from({ length: 4 }, () => 'BAD_SIGNATURE'),
    'MALFORMED_ENVELOPE',
    'ENVELOPE_EXPIRED',
    'ok',
  ]);
});
