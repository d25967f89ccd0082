import { randomBytes } from 'node:crypto';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { verifyEnvelope } from '@subnetes/keys/envelope';
import { newEphemeralKey, sessionSecret, type EphemeralKey } from '@subnetes/keys/request-session';
import { EnvelopeType, type SignedEnvelope } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import {
  HandshakeAcceptSchema,
  HandshakeHelloSchema,
  HandshakeRequestSchema,
  HandshakeResponseSchema,
} from '@subnetes/proto/gen/subnetes/miner/v1/miner_pb';

const NONCE_BYTES = 16;
/** A miner may seal what it has to know into the id. */
const SESSION_ID_MAX = 1024;

/** What a caller begins a session with; it is good for one acceptance. */
export interface Greeting {
  /** Bytes of the HandshakeHello, for the caller's envelope of type HANDSHAKE. */
  readonly payload: Uint8Array;
  readonly nonce: Uint8Array;
  readonly own: EphemeralKey;
}

/** Who has to have accepted, as the ledger tells it. */
export interface AcceptDemand {
  readonly networkId: Uint8Array;
  /** Newest block of the ledger. */
  readonly block: bigint;
  readonly miner: { readonly id: string; readonly hotkey: string };
}

export type Accepted =
  | { readonly ok: true; readonly id: string; readonly secret: Uint8Array; readonly ttlMs: number }
  | { readonly ok: false; readonly reason: string };

/** Makes a greeting for one miner, with a key and a nonce of its own. */
export function greetingFor(minerHotkey: string, nowMs: number): Greeting {
  const own = newEphemeralKey();
  const nonce = randomBytes(NONCE_BYTES);
  const hello = { ephemeralPublicKey: own.publicKey, nonce, timeMs: BigInt(nowMs), minerHotkey };
  return { payload: toBinary(HandshakeHelloSchema, create(HandshakeHelloSchema, hello)), nonce, own };
}

/** Body of the handshake's request. */
export function greetingBody(hello: SignedEnvelope): Uint8Array {
  return toBinary(HandshakeRequestSchema, create(HandshakeRequestSchema, { hello }));
}

/** Reads the miner's answer: it must be this miner's signature over this greeting. */
export function readAcceptance(body: Uint8Array, greeting: Greeting, demand: AcceptDemand): Accepted {
  const { networkId, block, miner } = demand;
  const envelope = parse(() => fromBinary(HandshakeResponseSchema, body).accept);
  const verified = verifyEnvelope(envelope, {
    networkId,
    type: EnvelopeType.HANDSHAKE,
    block,
    registrationId: hexToBytes(miner.id),
    signer: miner.hotkey,
  });
  if (!verified.ok) return { ok: false, reason: `${verified.reason}: ${verified.message}` };
  const accept = parse(() => fromBinary(HandshakeAcceptSchema, verified.payload));
  if (accept === undefined) return { ok: false, reason: 'the acceptance is no protobuf' };
  if (bytesToHex(accept.helloSha256) !== bytesToHex(sha256(greeting.payload))) {
    return { ok: false, reason: 'the miner accepted another greeting' };
  }
  const { nonce, own } = greeting;
  const secret = sessionSecret(own, accept.ephemeralPublicKey, { caller: nonce, miner: accept.nonce });
  if (secret === undefined || accept.sessionId === '' || accept.sessionId.length > SESSION_ID_MAX) {
    return { ok: false, reason: 'the acceptance has no usable key or session id' };
  }
  return { ok: true, id: accept.sessionId, secret, ttlMs: accept.ttlMs };
}

function parse<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined; // bytes from outside
  }
}
