import { create, fromBinary, toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { signEnvelope } from '@subnetes/keys/envelope';
import { newHotkeyFile, readHotkeyFile } from '@subnetes/keys/key-file';
import { newEphemeralKey, sessionSecret } from '@subnetes/keys/request-session';
import { EnvelopeType } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import {
  HandshakeAcceptSchema,
  HandshakeHelloSchema,
  HandshakeRequestSchema,
  HandshakeResponseSchema,
} from '@subnetes/proto/gen/subnetes/miner/v1/miner_pb';
import { expect, test } from 'vitest';
import { greetingBody, greetingFor, readAcceptance, type Greeting } from './greeting.ts';

const NOW_MS = 1_800_000_000_000;
const networkId = new Uint8Array(32).fill(7);
const registrationId = new Uint8Array(32).fill(1);
const hotkey = readHotkeyFile(JSON.stringify(newHotkeyFile()));
const stranger = readHotkeyFile(JSON.stringify(newHotkeyFile()));
const demand = { networkId, block: 10n, miner: { id: bytesToHex(registrationId), hotkey: hotkey.address } };
const own = newEphemeralKey();
const nonce = new Uint8Array(16).fill(9);

type Changes = {
  readonly accept?: MessageInitShape<typeof HandshakeAcceptSchema>;
  readonly terms?: { readonly expiresAtBlock?: bigint; readonly networkId?: Uint8Array };
  readonly payload?: Uint8Array;
  readonly signer?: typeof hotkey;
};

/** What a miner answers, with what is wrong about it. */
function acceptance(greeting: Greeting, changes: Changes = {}): Uint8Array {
  const accept = create(HandshakeAcceptSchema, {
    sessionId: 's1',
    ephemeralPublicKey: own.publicKey,
    nonce,
    helloSha256: sha256(greeting.payload),
    ttlMs: 600_000,
    ...changes.accept,
  });
  const payload = changes.payload ?? toBinary(HandshakeAcceptSchema, accept);
  const terms = { networkId, registrationId, type: EnvelopeType.HANDSHAKE, sequence: 1n, expiresAtBlock: 20n, payload };
  const signed = signEnvelope({ ...terms, ...changes.terms }, changes.signer ?? hotkey);
  return toBinary(HandshakeResponseSchema, create(HandshakeResponseSchema, { accept: signed }));
}

test('both sides end with one key', () => {
  const greeting = greetingFor(hotkey.address, NOW_MS);
  const hello = fromBinary(HandshakeHelloSchema, greeting.payload);
  expect(hello).toMatchObject({ minerHotkey: hotkey.address, timeMs: BigInt(NOW_MS) });
  expect(hello.nonce).toHaveLength(16);
  const secret = sessionSecret(own, hello.ephemeralPublicKey, { caller: hello.nonce, miner: nonce });
  expect(readAcceptance(acceptance(greeting), greeting, demand)).toEqual({
    ok: true,
    id: 's1',
    secret,
    ttlMs: 600_000,
  });
});

test('no two greetings are alike', () => {
  const [one, other] = [greetingFor(hotkey.address, NOW_MS), greetingFor(hotkey.address, NOW_MS)];
  expect(one.payload).not.toEqual(other.payload);
  expect(readAcceptance(acceptance(one), other, demand)).toEqual({
    ok: false,
    reason: 'the miner accepted another greeting',
  });
});

test('the body carries the signed greeting', () => {
  const { payload } = greetingFor(hotkey.address, NOW_MS);
  const terms = { networkId, type: EnvelopeType.HANDSHAKE, sequence: 1n, expiresAtBlock: 20n, payload };
  const { hello } = fromBinary(HandshakeRequestSchema, greetingBody(signEnvelope(terms, stranger)));
  expect(hello).toMatchObject({ signer: stranger.address, payload });
});

test.for<[string, Changes, RegExp]>([
  ['somebody else signed', { signer: stranger }, /WRONG_SIGNER/],
  ['it is for another network', { terms: { networkId: new Uint8Array(32) } }, /WRONG_NETWORK/],
  ['it has expired', { terms: { expiresAtBlock: 9n } }, /ENVELOPE_EXPIRED/],
  ['the payload is no protobuf', { payload: new Uint8Array([255]) }, /no protobuf/],
  ['the key is no point', { accept: { ephemeralPublicKey: new Uint8Array(32) } }, /no usable key/],
  ['there is no session id', { accept: { sessionId: '' } }, /session id/],
  ['the session id is too long', { accept: { sessionId: 'x'.repeat(1025) } }, /session id/],
])('no session where %s', ([, changes, reason]) => {
  const greeting = greetingFor(hotkey.address, NOW_MS);
  expect(readAcceptance(acceptance(greeting, changes), greeting, demand)).toEqual({
    ok: false,
    reason: expect.stringMatching(reason),
  });
});

test('junk and nothing are answers without an envelope', () => {
  const greeting = greetingFor(hotkey.address, NOW_MS);
  for (const body of [new Uint8Array(0), Buffer.from('no protobuf')]) {
    expect(readAcceptance(body, greeting, demand)).toEqual({
      ok: false,
      reason: expect.stringMatching(/^ENVELOPE_MISSING/),
    });
  }
});
