import { create } from '@bufbuild/protobuf';
import { greetingBody, greetingFor, readAcceptance } from '@subnetes/dial/greeting';
import { HANDSHAKE_CONTENT_TYPE, HANDSHAKE_PATH } from '@subnetes/keys/request-session';
import { signedBytes } from '@subnetes/keys/signed-bytes';
import {
  EnvelopeType,
  SessionKeyCertificateSchema,
  SignedEnvelopeSchema,
  type SignedEnvelope,
} from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
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

/** Opens a session: both sides sign, both give a one-time key, and neither is talked into being somebody else. */
export async function openSession(pool: Pool, miner: MarketMiner, context: HandshakeContext): Promise<Opened> {
  const greeting = greetingFor(miner.hotkey, context.nowMs);
  const answer = await exchange(pool, {
    method: 'POST',
    path: HANDSHAKE_PATH,
    headers: { 'content-type': HANDSHAKE_CONTENT_TYPE },
    body: greetingBody(signHello(greeting.payload, context)),
    firstByteMs: TIMEOUT_MS,
    totalMs: TIMEOUT_MS,
    bodyBytesMax: ANSWER_BYTES_MAX,
  });
  if ('failed' in answer) return { ok: false, reason: `${answer.failed}: ${answer.message}` };
  if (answer.status !== 200) return { ok: false, reason: `the miner answered the handshake with ${answer.status}` };
  const { networkId, block } = context;
  const accepted = readAcceptance(answer.body, greeting, { networkId, block, miner });
  if (!accepted.ok) return accepted;
  const { id, secret, ttlMs } = accepted;
  return { ok: true, session: { id, secret, expiresAtMs: context.monotonicMs() + ttlMs } };
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
