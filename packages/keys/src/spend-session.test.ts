import { create } from '@bufbuild/protobuf';
import { EnvelopeType, type SignedEnvelope } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { SessionBatchSchema, SessionScope } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { expect, test } from 'vitest';
import { signEnvelope, signWithSession, verifyEnvelope } from './envelope.ts';
import { certifySessionKey, newSessionKey } from './session-key.ts';
import {
  batchKeyOf,
  readSession,
  sessionIdOf,
  type SessionTerms,
  signBatch,
  signSession,
  verifyBatch,
} from './spend-session.ts';
import { pairOfSeed } from './sr25519-pair.ts';

const networkId = new Uint8Array(32).fill(1);
const wallet = pairOfSeed(new Uint8Array(32).fill(7), 'wallet');
const other = pairOfSeed(new Uint8Array(32).fill(7), 'other');
const key = newSessionKey();
const terms: SessionTerms = {
  networkId,
  publicKey: key.publicKey,
  scopes: [SessionScope.FUND, SessionScope.STAKE],
  maxPerOrder: 10n,
  maxTotal: 10n ** 38n,
  expiresAtBlock: 9n,
  nonce: new Uint8Array(16),
};
const known = { networkId, block: 9n };
const refused = (reason: string) => expect.objectContaining({ ok: false, reason });

test('a session is read as it was signed', () => {
  const envelope = signSession(terms, wallet);
  const read = readSession(envelope, known);
  const id = Buffer.from(sessionIdOf(envelope)).toString('hex');
  expect(read).toMatchObject({ ok: true, session: { ...terms, id, wallet: wallet.address } });
});

test.for<readonly [string, () => SignedEnvelope, string]>([
  ['nobody', () => ({ ...signSession(terms, wallet), signature: new Uint8Array(0) }), 'BAD_SIGNATURE'],
  ['another wallet', () => ({ ...signSession(terms, wallet), signer: other.address }), 'BAD_SIGNATURE'],
  ['a wallet for another one', () => signEnvelope(signSession(terms, wallet), other), 'MALFORMED_ENVELOPE'],
  [
    'a wallet in another network',
    () => signSession({ ...terms, networkId: new Uint8Array(32) }, wallet),
    'WRONG_NETWORK',
  ],
  [
    'a wallet until a block that is over',
    () => signSession({ ...terms, expiresAtBlock: 8n }, wallet),
    'ENVELOPE_EXPIRED',
  ],
  [
    'a wallet for a key that is none',
    () => signSession({ ...terms, publicKey: new Uint8Array(31) }, wallet),
    'MALFORMED_ENVELOPE',
  ],
  ['a wallet for no scope', () => signSession({ ...terms, scopes: [] }, wallet), 'MALFORMED_ENVELOPE'],
  [
    'a wallet for no scope that is known',
    () => signSession({ ...terms, scopes: [SessionScope.UNSPECIFIED] }, wallet),
    'MALFORMED_ENVELOPE',
  ],
  [
    'a wallet without a nonce',
    () => signSession({ ...terms, nonce: new Uint8Array(15) }, wallet),
    'MALFORMED_ENVELOPE',
  ],
  ['a wallet for a negative amount', () => signSession({ ...terms, maxTotal: -1n }, wallet), 'MALFORMED_ENVELOPE'],
  [
    'a wallet, under another end',
    () => signEnvelope({ ...signSession(terms, wallet), expiresAtBlock: 99n }, wallet),
    'MALFORMED_ENVELOPE',
  ],
  [
    'a wallet, as something else',
    () => signEnvelope({ ...signSession(terms, wallet), type: EnvelopeType.WALLET_ORDER }, wallet),
    'WRONG_ENVELOPE_TYPE',
  ],
])('a session that was signed by %s is refused', ([, make, reason]) => {
  expect(readSession(make(), known)).toEqual(refused(reason));
});

test('a batch is verified as ed25519 by its key, in its network, and not otherwise', async () => {
  const sessionId = sessionIdOf(signSession(terms, wallet));
  const batch = create(SessionBatchSchema, { orders: [{ order: { case: 'transfer', value: { to: 'x' } } }] });
  const of = { networkId, sessionId, wallet: wallet.address, sequence: 1n, expiresAtBlock: 9n };
  const good = signBatch(of, batch, key);
  const publicKey = batchKeyOf(key.publicKey)!;
  expect(await verifyBatch(good, networkId, publicKey)).toBe(true);
  const changed: SignedEnvelope[] = [
    { ...good, sequence: 2n },
    { ...good, expiresAtBlock: 10n },
    { ...good, type: EnvelopeType.SPEND_SESSION },
    { ...good, registrationId: new Uint8Array(32) },
    { ...good, payload: new Uint8Array(0) },
    { ...good, signature: new Uint8Array(0) },
    { ...good, signature: new Uint8Array(65) },
    signEnvelope(good, wallet),
    signBatch(of, batch, newSessionKey()),
    ...Array.from({ length: 64 }, (_, at) => ({
      ...good,
      signature: good.signature.map((byte, index) => (index === at ? byte ^ 1 : byte)),
    })),
  ];
  for (const one of changed) expect(await verifyBatch(one, networkId, publicKey)).toBe(false);
  expect(await verifyBatch(good, new Uint8Array(32), publicKey)).toBe(false);
  expect(batchKeyOf(new Uint8Array(31))).toBeUndefined();
});

test('where the key itself has to sign, a session key will not do', () => {
  const none = new Uint8Array(0);
  const session = newSessionKey();
  const of = { networkId, type: EnvelopeType.WALLET_ORDER, sequence: 1n, expiresAtBlock: 9n, payload: none };
  const certificate = certifySessionKey(wallet, session.publicKey, { ...of, registrationId: none });
  const envelope = signWithSession(of, session, certificate);
  const demand = { networkId, type: EnvelopeType.WALLET_ORDER, block: 1n };
  expect(verifyEnvelope(envelope, demand).ok).toBe(true);
  expect(verifyEnvelope(envelope, { ...demand, isDirect: true })).toEqual(refused('WRONG_SIGNER'));
});
