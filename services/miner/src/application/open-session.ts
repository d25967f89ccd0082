import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { verifyEnvelope } from '@subnetes/keys/envelope';
import { CLOCK_SKEW_MS_MAX, newEphemeralKey, sessionSecret } from '@subnetes/keys/request-session';
import { verifyEd25519 } from '@subnetes/keys/session-key';
import { signedBytes } from '@subnetes/keys/signed-bytes';
import { EnvelopeType } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import type { SignedEnvelope } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import {
  HandshakeAcceptSchema,
  HandshakeHelloSchema,
  HandshakeRequestSchema,
  HandshakeResponseSchema,
} from '@subnetes/proto/gen/subnetes/miner/v1/miner_pb';
import type { HandshakeHello } from '@subnetes/proto/gen/subnetes/miner/v1/miner_pb';
import type { ReplayWindow } from '#domain/replay-window.ts';
import type { Market, SessionSeal } from './ports.ts';

export const SESSION_TTL_MS = 600_000;
/** Blocks that an accept may be used for; its own time limit is much shorter. */
const ACCEPT_BLOCKS = 100n;
const NONCE_BYTES = 16;
const GATEWAY = 'gateway';

export type OpenSessionPorts = {
  readonly networkId: Uint8Array;
  readonly hotkey: string;
  readonly gatewayPublicKeys: readonly Uint8Array[];
  readonly market: Market;
  readonly seal: SessionSeal;
  readonly seen: ReplayWindow;
  readonly randomBytes: (count: number) => Uint8Array;
  /** Signs with the miner's session key. */
  readonly sign: (type: EnvelopeType, payload: Uint8Array, expiresAtBlock: bigint) => SignedEnvelope;
};

export type HandshakeResult =
  | { readonly ok: true; readonly response: Uint8Array }
  | { readonly ok: false; readonly reason: string; readonly message: string };

/** Answers a greeting: checks who greets and that it is fresh, and agrees on a key. */
export function makeOpenSession(ports: OpenSessionPorts): (body: Uint8Array, nowMs: number) => HandshakeResult {
  return (body, nowMs) => {
    const block = ports.market.block();
    if (block === undefined) return refuse('NOT_READY', 'this miner has not heard from its ledger yet');
    const parsed = parse(body);
    if (parsed === undefined) return refuse('MALFORMED_HANDSHAKE', 'the body is no HandshakeRequest');
    const { envelope, hello } = parsed;
    const known = peerOf(ports, envelope, block);
    if ('refusal' in known) return known.refusal;
    const refusal = helloRefusal(ports, hello, nowMs);
    if (refusal !== undefined) return refusal;
    if (ports.seen.admit(`${known.peer}/${bytesToHex(hello.nonce)}`, nowMs) !== 'new') {
      return refuse('REPLAYED', 'this greeting came before: make one with a new nonce');
    }
    const nonce = ports.randomBytes(NONCE_BYTES);
    const own = newEphemeralKey();
    const secret = sessionSecret(own, hello.ephemeralPublicKey, { caller: hello.nonce, miner: nonce });
    if (secret === undefined) return refuse('MALFORMED_HANDSHAKE', 'ephemeral_public_key is no x25519 key');
    const accept = create(HandshakeAcceptSchema, {
      sessionId: ports.seal.seal({ secret, expiresAtMs: nowMs + SESSION_TTL_MS, peer: known.peer }),
      ephemeralPublicKey: own.publicKey,
      nonce,
      helloSha256: sha256(envelope.payload),
      ttlMs: SESSION_TTL_MS,
    });
    const payload = toBinary(HandshakeAcceptSchema, accept);
    const signed = ports.sign(EnvelopeType.HANDSHAKE, payload, block + ACCEPT_BLOCKS);
    return {
      ok: true,
      response: toBinary(HandshakeResponseSchema, create(HandshakeResponseSchema, { accept: signed })),
    };
  };
}

function parse(body: Uint8Array): { readonly envelope: SignedEnvelope; readonly hello: HandshakeHello } | undefined {
  try {
    const { hello: envelope } = fromBinary(HandshakeRequestSchema, body);
    return envelope === undefined ? undefined : { envelope, hello: fromBinary(HandshakeHelloSchema, envelope.payload) };
  } catch {
    return undefined; // bytes from outside that are no protobuf
  }
}

/** Who stands behind an envelope: a gateway that this miner was told of, or a validator that the ledger knows. */
function peerOf(
  ports: OpenSessionPorts,
  envelope: SignedEnvelope,
  block: bigint,
): { readonly peer: string } | { readonly refusal: HandshakeResult } {
  if (envelope.signer === GATEWAY) {
    const publicKey = envelope.sessionKey?.publicKey ?? new Uint8Array();
    const isKnown = ports.gatewayPublicKeys.some((key) => bytesToHex(key) === bytesToHex(publicKey));
    if (!isKnown) return { refusal: refuse('UNKNOWN_GATEWAY', "neuron.json does not list this gateway's key") };
    if (envelope.type !== EnvelopeType.HANDSHAKE || envelope.registrationId.length !== 0) {
      return { refusal: refuse('MALFORMED_HANDSHAKE', 'a gateway greets with type HANDSHAKE and no registration') };
    }
    if (envelope.expiresAtBlock < block) return { refusal: refuse('ENVELOPE_EXPIRED', 'the greeting has expired') };
    const message = signedBytes({ ...envelope, networkId: ports.networkId });
    if (verifyEd25519(message, envelope.signature, publicKey)) return { peer: GATEWAY };
    return { refusal: refuse('BAD_SIGNATURE', 'the signature does not verify: wrong key, content or network') };
  }
  const asker = ports.market.asker(bytesToHex(envelope.registrationId));
  if (asker === undefined) {
    return { refusal: refuse('NOT_A_VALIDATOR', 'only registered validators with a permit or stake may ask') };
  }
  const verified = verifyEnvelope(envelope, {
    networkId: ports.networkId,
    type: EnvelopeType.HANDSHAKE,
    block,
    signer: asker.hotkey,
  });
  return verified.ok ? { peer: asker.hotkey } : { refusal: verified };
}

function helloRefusal(ports: OpenSessionPorts, hello: HandshakeHello, nowMs: number): HandshakeResult | undefined {
  if (hello.minerHotkey !== ports.hotkey) return refuse('WRONG_MINER', 'the greeting is meant for another miner');
  if (Math.abs(Number(hello.timeMs) - nowMs) > CLOCK_SKEW_MS_MAX) {
    return refuse('WRONG_TIME', `the greeting's time is more than ${CLOCK_SKEW_MS_MAX} ms from this miner's clock`);
  }
  if (hello.nonce.length !== NONCE_BYTES) return refuse('MALFORMED_HANDSHAKE', `nonce must have ${NONCE_BYTES} bytes`);
  return undefined;
}

function refuse(reason: string, message: string): HandshakeResult & { readonly ok: false } {
  return { ok: false, reason, message };
}
