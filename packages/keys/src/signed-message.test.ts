import { EnvelopeType } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { expect, test } from 'vitest';
import { signEnvelope, verifyEnvelope } from './envelope.ts';
import { signedBytes } from './signed-bytes.ts';
import { signMessage, verifyMessage } from './signed-message.ts';
import { pairOfSeed, verifySr25519 } from './sr25519-pair.ts';

const wallet = pairOfSeed(new Uint8Array(32).fill(3), 'wallet');
const other = pairOfSeed(new Uint8Array(32).fill(3), 'other');
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test('a message is signed by its wallet, as it is, and by nobody else', () => {
  const signature = signMessage(bytes('I run validator val-a'), wallet);
  expect(verifyMessage(bytes('I run validator val-a'), signature, wallet.address)).toBe(true);
  expect(verifySr25519(bytes('<Bytes>I run validator val-a</Bytes>'), signature, wallet.publicKey)).toBe(true);
  expect(verifyMessage(bytes('I run validator val-b'), signature, wallet.address)).toBe(false);
  expect(verifyMessage(bytes('I run validator val-a'), signature, other.address)).toBe(false);
  expect(verifyMessage(bytes('I run validator val-a'), signature.subarray(1), wallet.address)).toBe(false);
  expect(verifyMessage(bytes('I run validator val-a'), signature, 'no address')).toBe(false);
});

test('nobody gets an order by asking for the signature of its bytes as a message', () => {
  const terms = {
    networkId: new Uint8Array(32).fill(1),
    type: EnvelopeType.WALLET_ORDER,
    sequence: 1n,
    expiresAtBlock: 100n,
    payload: bytes('all of it'),
  };
  const demand = { networkId: terms.networkId, type: terms.type, block: 1n };
  const order = signEnvelope(terms, wallet);
  expect(verifyEnvelope(order, demand).ok).toBe(true);
  const asked = signMessage(signedBytes({ ...order, networkId: terms.networkId }), wallet);
  expect(verifyEnvelope({ ...order, signature: asked }, demand)).toMatchObject({ ok: false, reason: 'BAD_SIGNATURE' });
});
