import { verify, type KeyObject } from 'node:crypto';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { sha256 } from '@noble/hashes/sha2.js';
import {
  EnvelopeType,
  type SignedEnvelope,
  SignedEnvelopeSchema,
} from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import {
  type SessionBatch,
  SessionBatchSchema,
  type SessionDocument,
  SessionDocumentSchema,
  SessionScope,
} from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { type EnvelopeRefusal, signEnvelope, verifyEnvelope } from './envelope.ts';
import { publicKeyOf as rawKey } from './raw-key.ts';
import type { SessionKey } from './session-key.ts';
import { signedBytes } from './signed-bytes.ts';
import type { KeyPair, KeyScheme } from './key-pair.ts';
import { publicKeyOf } from './ss58.ts';

/** What a wallet lets a session's key do. Money in rao. */
export interface SessionTerms {
  readonly networkId: Uint8Array;
  /** ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly scopes: readonly SessionScope[];
  readonly maxPerOrder: bigint;
  readonly maxTotal: bigint;
  /** Its last block. */
  readonly expiresAtBlock: bigint;
  /** 16 bytes. */
  readonly nonce: Uint8Array;
}

/** A session as the wallet signed it. */
export interface ReadSession extends SessionTerms {
  /** Hex: sha256 of the document. */
  readonly id: string;
  /** SS58. */
  readonly wallet: string;
}

const DOCUMENT_BYTES_MAX = 1024;
const SCOPES: ReadonlySet<SessionScope> = new Set([SessionScope.FUND, SessionScope.TRANSFER, SessionScope.STAKE]);
const SCOPES_MAX = 8;
const KEY_BYTES = 32;
const NONCE_BYTES = 16;
const SIGNATURE_BYTES = 64;
const AMOUNT = /^(0|[1-9][0-9]{0,38})$/;

/** Signs a session with the wallet whose money it may spend. */
export function signSession(terms: SessionTerms, wallet: KeyPair): SignedEnvelope {
  const { networkId, publicKey, scopes, expiresAtBlock, nonce } = terms;
  const document = create(SessionDocumentSchema, {
    networkId,
    wallet: wallet.address,
    publicKey,
    scopes: [...scopes],
    maxPerOrderRao: terms.maxPerOrder.toString(),
    maxTotalRao: terms.maxTotal.toString(),
    expiresAtBlock,
    nonce,
  });
  const payload = toBinary(SessionDocumentSchema, document);
  return signEnvelope({ networkId, type: EnvelopeType.SPEND_SESSION, sequence: 1n, expiresAtBlock, payload }, wallet);
}

/** The id by which batches name a session: sha256 of its document. */
export function sessionIdOf(envelope: SignedEnvelope): Uint8Array {
  return sha256(envelope.payload);
}

/** Verifies a session's signature, network, life and form. */
export function readSession(
  envelope: SignedEnvelope | undefined,
  known: { readonly networkId: Uint8Array; readonly block: bigint; readonly takesEd25519?: boolean },
): { readonly ok: true; readonly session: ReadSession; readonly scheme: KeyScheme } | EnvelopeRefusal {
  const verified = verifyEnvelope(envelope, { ...known, type: EnvelopeType.SPEND_SESSION, isDirect: true });
  if (!verified.ok) return verified;
  const document = documentOf(verified.payload);
  if (document === undefined || envelope === undefined) return malformed('the payload is no session');
  if (document.wallet !== verified.signer)
    return malformed('the session is for another wallet than the one that signed');
  if (!Buffer.from(document.networkId).equals(known.networkId)) return malformed('the session is for another network');
  if (document.expiresAtBlock !== envelope.expiresAtBlock)
    return malformed('the session ends at another block than its envelope');
  const { wallet, publicKey, scopes, expiresAtBlock, nonce, networkId } = document;
  return {
    ok: true,
    scheme: verified.scheme,
    session: {
      id: Buffer.from(sessionIdOf(envelope)).toString('hex'),
      networkId,
      wallet,
      publicKey,
      scopes,
      maxPerOrder: BigInt(document.maxPerOrderRao),
      maxTotal: BigInt(document.maxTotalRao),
      expiresAtBlock,
      nonce,
    },
  };
}

/** What a batch is signed for. */
export interface BatchTerms {
  readonly networkId: Uint8Array;
  /** 32 bytes. */
  readonly sessionId: Uint8Array;
  readonly wallet: string;
  /** Above that of every batch before. */
  readonly sequence: bigint;
  readonly expiresAtBlock: bigint;
}

/** Signs a batch of orders with a session's key. */
export function signBatch(terms: BatchTerms, batch: SessionBatch, key: SessionKey): SignedEnvelope {
  const { networkId, sessionId: registrationId, sequence, expiresAtBlock, wallet: signer } = terms;
  const payload = toBinary(SessionBatchSchema, batch);
  const fields = { type: EnvelopeType.SESSION_BATCH, networkId, registrationId, sequence, expiresAtBlock, payload };
  return create(SignedEnvelopeSchema, { ...fields, signer, signature: key.sign(signedBytes(fields)) });
}

/** A session's key, made once for all of its batches. Undefined for bytes that are no key. */
export function batchKeyOf(publicKey: Uint8Array): KeyObject | undefined {
  try {
    return rawKey('ed25519', publicKey);
  } catch {
    return undefined; // bytes from outside
  }
}

/**
 * Whether a batch was signed by a session's key: ed25519 and nothing else, whatever scheme a signature may be of. Off this
 * thread, so that a flood of wrong ones leaves it free.
 */
export function verifyBatch(envelope: SignedEnvelope, networkId: Uint8Array, key: KeyObject): Promise<boolean> {
  if (envelope.signature.length !== SIGNATURE_BYTES) return Promise.resolve(false);
  const message = signedBytes({ ...envelope, networkId });
  const { promise, resolve } = Promise.withResolvers<boolean>();
  verify(null, message, key, envelope.signature, (error, isGood) => resolve(error === null && isGood));
  return promise;
}

function documentOf(payload: Uint8Array): SessionDocument | undefined {
  if (payload.length > DOCUMENT_BYTES_MAX) return undefined;
  let document: SessionDocument;
  try {
    document = fromBinary(SessionDocumentSchema, payload);
  } catch {
    return undefined; // not that message: the caller is told so by undefined
  }
  return isSound(document) ? document : undefined;
}

function isSound(document: SessionDocument): boolean {
  const { wallet, publicKey, scopes, maxPerOrderRao, maxTotalRao, nonce } = document;
  return (
    publicKeyOf(wallet) !== undefined &&
    publicKey.length === KEY_BYTES &&
    batchKeyOf(publicKey) !== undefined &&
    nonce.length === NONCE_BYTES &&
    scopes.length > 0 &&
    scopes.length <= SCOPES_MAX &&
    scopes.every((scope) => SCOPES.has(scope)) &&
    AMOUNT.test(maxPerOrderRao) &&
    AMOUNT.test(maxTotalRao)
  );
}

function malformed(message: string): EnvelopeRefusal {
  return { ok: false, reason: 'MALFORMED_ENVELOPE', message };
}
