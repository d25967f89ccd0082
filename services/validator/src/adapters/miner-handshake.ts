import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { randomBytes } from 'node:crypto';
import { signEnvelope, verifyEnvelope } from '@subnetes/keys/envelope';
import { HANDSHAKE_CONTENT_TYPE, HANDSHAKE_PATH, newEphemeralKey, sessionSecret } from '@subnetes/keys/request-session';
import type { Sr25519Pair } from '@subnetes/keys/sr25519-pair';
import { EnvelopeType } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import {
  HandshakeAcceptSchema,
  HandshakeHelloSchema,
  HandshakeRequestSchema,
  HandshakeResponseSchema,
} from '@subnetes/proto/gen/subnetes/miner/v1/miner_pb';
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

/** Agrees with a miner on a key, each side proving its hotkey. Throws Error with what went wrong. */
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
  const own = newEphemeralKey();
  const nonce = randomBytes(16);
  const hello = create(HandshakeHelloSchema, {
    ephemeralPublicKey: own.publicKey,
    nonce,
    timeMs: BigInt(nowMs),
    minerHotkey: miner.hotkey,
  });
  const payload = toBinary(HandshakeHelloSchema, hello);
  const { networkId, registrationId } = options;
  const terms = { networkId, registrationId, type: EnvelopeType.HANDSHAKE, payload };
  const expiresAtBlock = BigInt(block) + HELLO_BLOCKS;
  const envelope = signEnvelope({ ...terms, sequence: options.sequence(), expiresAtBlock }, options.hotkey);
  const response = await call.pool.request({
    method: 'POST',
    path: HANDSHAKE_PATH,
    headers: { 'content-type': HANDSHAKE_CONTENT_TYPE },
    body: toBinary(HandshakeRequestSchema, create(HandshakeRequestSchema, { hello: envelope })),
    signal,
  });
  const body = await response.body.bytes();
  if (response.statusCode !== 200)
    throw new Error(`the handshake is refused: ${Buffer.from(body).toString().slice(0, 200)}`);
  const { accept: signed } = fromBinary(HandshakeResponseSchema, body);
  const verified = verifyEnvelope(signed, {
    networkId,
    type: EnvelopeType.HANDSHAKE,
    block: BigInt(block),
    registrationId: hexToBytes(miner.id),
    signer: miner.hotkey,
  });
  if (!verified.ok) throw new Error(`the miner's handshake does not hold: ${verified.message}`);
  const accept = fromBinary(HandshakeAcceptSchema, verified.payload);
  if (bytesToHex(accept.helloSha256) !== bytesToHex(sha256(payload)))
    throw new Error('the miner accepted another greeting');
  const secret = sessionSecret(own, accept.ephemeralPublicKey, { caller: nonce, miner: accept.nonce });
  if (secret === undefined) throw new Error("the miner's ephemeral key is no x25519 key");
  return { id: accept.sessionId, secret, expiresAtMs: nowMs + accept.ttlMs };
}
