import { greetingBody, greetingFor, readAcceptance } from '@subnetes/dial/greeting';
import { signEnvelope } from '@subnetes/keys/envelope';
import { HANDSHAKE_CONTENT_TYPE, HANDSHAKE_PATH } from '@subnetes/keys/request-session';
import type { Sr25519Pair } from '@subnetes/keys/sr25519-pair';
import { EnvelopeType } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import type { Pool } from 'undici';
import type { Miner } from '#application/ports.ts';

/** The greeting is good for so many blocks; its time limit is much shorter. */
const HELLO_BLOCKS = 20n;

export type HandshakeOptions = {
  readonly networkId: Uint8Array;
  readonly registrationId: Uint8Array;
  readonly hotkey: Sr25519Pair;
  /** Sequence of the next envelope. */
  readonly sequence: () => bigint;
};

export type MinerSession = { readonly id: string; readonly secret: Uint8Array; readonly expiresAtMs: number };

/** The question was not put: not for want of an answer, and it may be this validator's own fault. */
export class NotAsked extends Error {
  override readonly name = 'NotAsked';
}

const TOO_MANY_REQUESTS = 429;
const SERVER_ERROR = 500;

/** Of the miner, or of what stands before it: nobody answered. What is below may be the caller's fault. */
export function isUnavailable(status: number): boolean {
  return status === TOO_MANY_REQUESTS || status >= SERVER_ERROR;
}

/** Agrees with a miner on a key, each side proving its hotkey. Throws Error with what went wrong, NotAsked where it was refused. */
export async function shakeHands(
  options: HandshakeOptions,
  call: {
    readonly pool: Pool;
    readonly miner: Miner;
    readonly block: number;
    readonly nowMs: number;
    readonly signal: AbortSignal;
  },
): Promise<MinerSession> {
  const { miner, block, nowMs, signal } = call;
  const greeting = greetingFor(miner.hotkey, nowMs);
  const { networkId, registrationId } = options;
  const terms = { networkId, registrationId, type: EnvelopeType.HANDSHAKE, payload: greeting.payload };
  const expiresAtBlock = BigInt(block) + HELLO_BLOCKS;
  const envelope = signEnvelope({ ...terms, sequence: options.sequence(), expiresAtBlock }, options.hotkey);
  const response = await call.pool.request({
    method: 'POST',
    path: HANDSHAKE_PATH,
    headers: { 'content-type': HANDSHAKE_CONTENT_TYPE },
    body: greetingBody(envelope),
    signal,
  });
  const body = await response.body.bytes();
  if (response.statusCode !== 200) {
    const message = `the handshake is refused: ${Buffer.from(body).toString().slice(0, 200)}`;
    throw isUnavailable(response.statusCode) ? new Error(message) : new NotAsked(message);
  }
  const accepted = readAcceptance(body, greeting, { networkId, block: BigInt(block), miner });
  if (!accepted.ok) throw new NotAsked(`the miner's handshake does not hold: ${accepted.reason}`);
  return { id: accepted.id, secret: accepted.secret, expiresAtMs: nowMs + accepted.ttlMs };
}
