import { create } from '@bufbuild/protobuf';
import { SignedEnvelopeSchema } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import type { SessionKeyCertificate, SignedEnvelope } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { EnvelopeType, KeyScheme as WireScheme } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { verifyEd25519 } from './session-key.ts';
import type { SessionKey } from './session-key.ts';
import { signedBytes } from './signed-bytes.ts';
import { verifySr25519Batch } from './sr25519-batch.ts';
import type { Sr25519Claim } from './sr25519-challenge.ts';
import { verifyEd25519Wallet } from './ed25519-pair.ts';
import type { KeyPair, KeyScheme } from './key-pair.ts';
import { verifySr25519 } from './sr25519-pair.ts';
import { publicKeyOf } from './ss58.ts';

/** What is signed, and for how long it holds. */
export interface EnvelopeTerms {
  readonly networkId: Uint8Array;
  readonly type: EnvelopeType;
  /** 32 bytes, or none before there is a registration. */
  readonly registrationId?: Uint8Array;
  /** Rises per key and type. */
  readonly sequence: bigint;
  readonly expiresAtBlock: bigint;
  readonly payload: Uint8Array;
}

/** What the receiver demands. A field that is absent is not checked. */
export interface EnvelopeDemand {
  readonly networkId: Uint8Array;
  readonly type: EnvelopeType;
  /** The ledger's newest block; an envelope is good up to and including its last block. */
  readonly block: bigint;
  readonly registrationId?: Uint8Array;
  readonly signer?: string;
  /** The key itself has to sign: what a session key says is not enough. */
  readonly isDirect?: boolean;
  /** Wallets may sign with ed25519; whoever takes that has to hold each of them to one scheme. */
  readonly takesEd25519?: boolean;
}

export type EnvelopeRefusalReason =
  | 'ENVELOPE_MISSING'
  | 'WRONG_NETWORK'
  | 'WRONG_ENVELOPE_TYPE'
  | 'ENVELOPE_EXPIRED'
  | 'WRONG_REGISTRATION'
  | 'WRONG_SIGNER'
  | 'MALFORMED_ENVELOPE'
  | 'BAD_SIGNATURE';

export interface EnvelopeRefusal {
  readonly ok: false;
  readonly reason: EnvelopeRefusalReason;
  readonly message: string;
}

export interface VerifiedEnvelope {
  readonly ok: true;
  /** SS58 of the hotkey or coldkey that stands behind it, also where a session key signed. */
  readonly signer: string;
  readonly publicKey: Uint8Array;
  /** Of the signer's own signature. */
  readonly scheme: KeyScheme;
  readonly sequence: bigint;
  readonly payload: Uint8Array;
}

const NONE = new Uint8Array(0);

/** Signs with a hotkey or coldkey. */
export function signEnvelope(terms: EnvelopeTerms, key: KeyPair): SignedEnvelope {
  return create(SignedEnvelopeSchema, {
    ...fieldsOf(terms),
    signer: key.address,
    signature: key.sign(bytesOf(terms)),
    scheme: key.scheme === 'ed25519' ? WireScheme.ED25519 : WireScheme.UNSPECIFIED,
  });
}

/** Signs with a session key that `certificate` vouches for. */
export function signWithSession(
  terms: EnvelopeTerms,
  key: SessionKey,
  certificate: SessionKeyCertificate,
): SignedEnvelope {
  return create(SignedEnvelopeSchema, {
    ...fieldsOf(terms),
    signer: certificate.signer,
    signature: key.sign(bytesOf(terms)),
    sessionKey: certificate,
  });
}

/** What is wrong with an envelope before its signature is looked at, which costs a hundred times as much. */
export function cheapRefusal(envelope: SignedEnvelope, demand: EnvelopeDemand): EnvelopeRefusal | undefined {
  return violationOf(envelope, demand);
}

/** Checks an envelope from outside against what the receiver demands; sequences are for the caller to compare. */
export function verifyEnvelope(
  envelope: SignedEnvelope | undefined,
  demand: EnvelopeDemand,
): VerifiedEnvelope | EnvelopeRefusal {
  if (envelope === undefined) return refusal('ENVELOPE_MISSING', 'the signed envelope is missing');
  const read = readEnvelope(envelope, demand);
  if ('ok' in read) return read;
  const { message, signature, publicKey } = read.claim;
  const verify = read.verified.scheme === 'ed25519' ? verifyEd25519Wallet : verifySr25519;
  return verify(message, signature, publicKey) ? read.verified : badSignature();
}

/** Checks many of hotkeys at once, each as `verifyEnvelope` would: their signatures are verified together, SR25519_BATCH_MAX at most. */
export function verifyEnvelopes(
  envelopes: readonly { readonly envelope: SignedEnvelope; readonly demand: Omit<EnvelopeDemand, 'takesEd25519'> }[],
): readonly (VerifiedEnvelope | EnvelopeRefusal)[] {
  const read = envelopes.map(({ envelope, demand }) => readEnvelope(envelope, demand));
  const valid = verifySr25519Batch(read.flatMap((each) => ('ok' in each ? [] : [each.claim]))).values();
  return read.map((each) => {
    if ('ok' in each) return each;
    return valid.next().value === true ? each.verified : badSignature();
  });
}

/** What an envelope says, once its claim is verified: its own signature, or that of its session key's certificate. */
interface ReadEnvelope {
  readonly verified: VerifiedEnvelope;
  readonly claim: Sr25519Claim;
}

function readEnvelope(envelope: SignedEnvelope, demand: EnvelopeDemand): ReadEnvelope | EnvelopeRefusal {
  const violation = violationOf(envelope, demand);
  if (violation !== undefined) return violation;
  const { signer, signature, sequence, payload, sessionKey: certificate } = envelope;
  const publicKey = publicKeyOf(signer);
  if (publicKey === undefined)
    return refusal('MALFORMED_ENVELOPE', `signer ${signer} is no SS58 address with prefix 42`);
  const scheme = schemeOf(envelope, demand);
  if (scheme === undefined) return refusal('MALFORMED_ENVELOPE', 'the signature is of a scheme that is not taken here');
  const verified: VerifiedEnvelope = { ok: true, signer, publicKey, scheme, sequence, payload };
  const message = signedBytes({ ...envelope, networkId: demand.networkId });
  if (certificate === undefined) return { verified, claim: { message, signature, publicKey } };
  const statement = certifiedBytes(envelope, certificate, demand);
  if (statement === undefined || !verifyEd25519(message, signature, certificate.publicKey)) return badSignature();
  return { verified, claim: { message: statement, signature: certificate.signature, publicKey } };
}

/** The one scheme that a signature is verified by: the one that it names. Undefined where that one cannot be. */
function schemeOf({ scheme, sessionKey }: SignedEnvelope, { takesEd25519 }: EnvelopeDemand): KeyScheme | undefined {
  if (scheme === WireScheme.UNSPECIFIED) return 'sr25519';
  const isTaken = scheme === WireScheme.ED25519 && takesEd25519 === true && sessionKey === undefined;
  return isTaken ? 'ed25519' : undefined;
}

function violationOf(envelope: SignedEnvelope, demand: EnvelopeDemand): EnvelopeRefusal | undefined {
  // Signatures of before the field existed leave it empty: for another network they do not verify, as ever.
  if (envelope.networkId.length > 0 && !areEqual(envelope.networkId, demand.networkId)) {
    return refusal('WRONG_NETWORK', 'signed for another network: sign for the one that this service belongs to');
  }
  if (envelope.type !== demand.type) {
    return refusal('WRONG_ENVELOPE_TYPE', `envelope type ${envelope.type} came where type ${demand.type} is due`);
  }
  if (envelope.expiresAtBlock < demand.block) {
    return refusal(
      'ENVELOPE_EXPIRED',
      `signed until block ${envelope.expiresAtBlock}, it is block ${demand.block}: sign it anew`,
    );
  }
  const { registrationId } = envelope;
  if (registrationId.length !== 0 && registrationId.length !== 32)
    return refusal('MALFORMED_ENVELOPE', 'registration_id must have 32 bytes or none');
  if (demand.registrationId !== undefined && !areEqual(registrationId, demand.registrationId)) {
    return refusal('WRONG_REGISTRATION', 'signed for another registration of this hotkey, or for none');
  }
  if (demand.signer !== undefined && envelope.signer !== demand.signer) {
    return refusal('WRONG_SIGNER', `signed by ${envelope.signer}, but ${demand.signer} has to sign`);
  }
  if (demand.isDirect === true && envelope.sessionKey !== undefined) {
    return refusal('WRONG_SIGNER', `signed by a session key, but ${envelope.signer} itself has to sign`);
  }
  return undefined;
}

/** What a certificate's signer has signed; undefined where it does not hold for this envelope. */
function certifiedBytes(
  envelope: SignedEnvelope,
  certificate: SessionKeyCertificate,
  demand: EnvelopeDemand,
): Uint8Array | undefined {
  if (certificate.signer !== envelope.signer || certificate.expiresAtBlock < demand.block) return undefined;
  if (!areEqual(certificate.registrationId, envelope.registrationId) || certificate.publicKey.length !== 32)
    return undefined;
  return signedBytes({
    networkId: demand.networkId,
    type: EnvelopeType.SESSION_KEY,
    registrationId: certificate.registrationId,
    sequence: certificate.sequence,
    expiresAtBlock: certificate.expiresAtBlock,
    payload: certificate.publicKey,
  });
}

function bytesOf(terms: EnvelopeTerms): Uint8Array {
  return signedBytes({ ...terms, registrationId: terms.registrationId ?? NONE });
}

function fieldsOf(terms: EnvelopeTerms) {
  const { type, sequence, expiresAtBlock, payload, networkId } = terms;
  return { type, sequence, expiresAtBlock, payload, networkId, registrationId: terms.registrationId ?? NONE };
}

function areEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

function badSignature(): EnvelopeRefusal {
  return refusal(
    'BAD_SIGNATURE',
    'the signature does not verify: wrong key, changed content, or signed for another network',
  );
}

function refusal(reason: EnvelopeRefusalReason, message: string): EnvelopeRefusal {
  return { ok: false, reason, message };
}
