import { randomBytes } from 'node:crypto';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  HANDSHAKE_CONTENT_TYPE,
  HANDSHAKE_PATH,
  newEphemeralKey,
  sessionSecret,
  type EphemeralKey,
} from '@subnetes/keys/request-session';
import { verifyEnvelope } from '@subnetes/keys/envelope';
import { signedBytes } from '@subnetes/keys/signed-bytes';
import {
  EnvelopeType,
  SessionKeyCertificateSchema,
  SignedEnvelopeSchema,
  type SignedEnvelope,
} from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import {
  HandshakeAcceptSchema,
  HandshakeHelloSchema,
  HandshakeRequestSchema,
  HandshakeResponseSchema,
} from '@subnetes/proto/gen/subnetes/miner/v1/miner_pb';
import { createHash } from 'node:crypto';
import type { Pool } from 'undici';
import type { MarketMiner } from '../domain/market.ts';
import { exchange } from './exchange.ts';
import type { GatewayIdentity } from './gateway-identity.ts';

/** A session with one miner: its id, the key of its MACs, and when it is over by the monotonic clock. */
export interface Session {
  readonly id: string;
  readonly secret: Uint8Array;
  readonly expiresAtMs: number;
}

export type Opened = { readonly ok: true; readonly session: Session } | { readonly ok: false; readonly reason: string };

export interface HandshakeContext {
  readonly identity: GatewayIdentity;
  readonly networkId: Uint8Array;
  readonly block: bigint;
  readonly nowMs: number;
  readonly monotonicMs: () => number;
}

const TIMEOUT_MS = 5000;
const ANSWER_BYTES_MAX = 16_384;
/** How long the greeting holds. */
const HELLO_BLOCKS = 100n;
const NONCE_BYTES = 16;
/** A miner may seal what it has to know into the id. */
const SESSION_ID_MAX = 1024;

/** Opens a session: both sides sign, both give a one-time key, and neither is talked into being somebody else. */
export async function openSession(pool: Pool, miner: MarketMiner, context: HandshakeContext): Promise<Opened> {
  const own = newEphemeralKey();
  const nonce = randomBytes(NONCE_BYTES);
  const payload = toBinary(
    HandshakeHelloSchema,
    create(HandshakeHelloSchema, {
      ephemeralPublicKey: own.publicKey,
      nonce,
      timeMs: BigInt(context.nowMs),
      minerHotkey: miner.hotkey,
    }),
  );
  const request = create(HandshakeRequestSchema, { hello: signHello(payload, context) });
  const answer = await exchange(pool, {
    method: 'POST',
    path: HANDSHAKE_PATH,
    headers: { 'content-type': HANDSHAKE_CONTENT_TYPE },
    body: toBinary(HandshakeRequestSchema, request),
    firstByteMs: TIMEOUT_MS,
    totalMs: TIMEOUT_MS,
    bodyBytesMax: ANSWER_BYTES_MAX,
  });
  if ('failed' in answer) return { ok: false, reason: `${answer.failed}: ${answer.message}` };
  if (answer.status !== 200) return { ok: false, reason: `the miner answered the handshake with ${answer.status}` };
  return accepted(answer.body, { miner, context, own, nonce, hello: payload });
}

function signHello(payload: Uint8Array, { identity, networkId, block, nowMs }: HandshakeContext): SignedEnvelope {
  const terms = {
    type: EnvelopeType.HANDSHAKE,
    registrationId: new Uint8Array(0),
    sequence: BigInt(nowMs),
    expiresAtBlock: block + HELLO_BLOCKS,
    payload,
  };
  return create(SignedEnvelopeSchema, {
    ...terms,
    signer: 'gateway',
    signature: identity.sign(signedBytes({ ...terms, networkId })),
    sessionKey: create(SessionKeyCertificateSchema, { publicKey: identity.publicKey }),
  });
}

function accepted(
  body: Uint8Array,
  of: {
    readonly miner: MarketMiner;
    readonly context: HandshakeContext;
    readonly own: EphemeralKey;
    readonly nonce: Uint8Array;
    readonly hello: Uint8Array;
  },
): Opened {
  const { miner, context, own, nonce, hello } = of;
  const envelope = parse(() => fromBinary(HandshakeResponseSchema, body).accept);
  const verified = verifyEnvelope(envelope, {
    networkId: context.networkId,
    type: EnvelopeType.HANDSHAKE,
    block: context.block,
    registrationId: Buffer.from(miner.id, 'hex'),
    signer: miner.hotkey,
  });
  if (!verified.ok) return { ok: false, reason: `${verified.reason}: ${verified.message}` };
  const accept = parse(() => fromBinary(HandshakeAcceptSchema, verified.payload));
  if (accept === undefined) return { ok: false, reason: 'the acceptance is no protobuf' };
  if (!createHash('sha256').update(hello).digest().equals(accept.helloSha256)) {
    return { ok: false, reason: 'the miner accepted another greeting' };
  }
  const secret = sessionSecret(own, accept.ephemeralPublicKey, { caller: nonce, miner: accept.nonce });
  if (secret === undefined || accept.sessionId === '' || accept.sessionId.length > SESSION_ID_MAX) {
    return { ok: false, reason: 'the acceptance has no usable key or session id' };
  }
  const expiresAtMs = context.monotonicMs() + accept.ttlMs;
  return { ok: true, session: { id: accept.sessionId, secret, expiresAtMs } };
}

function parse<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined; // bytes from outside
  }
}
