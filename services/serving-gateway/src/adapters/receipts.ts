import { createHash, randomBytes, verify, type KeyObject } from 'node:crypto';
import { create, equals, fromBinary, toBinary } from '@bufbuild/protobuf';
import { verifyEnvelope } from '@subnetes/keys/envelope';
import { publicKeyOf } from '@subnetes/keys/raw-key';
import { signedBytes } from '@subnetes/keys/signed-bytes';
import {
  EnvelopeType,
  SessionKeyCertificateSchema,
  SignedEnvelopeSchema,
  type SessionKeyCertificate,
  type SignedEnvelope,
} from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { MinerReceiptSchema, ReceiptSchema } from '@subnetes/proto/gen/subnetes/gateway/v1/gateway_pb';
import type { SignedReceipt } from '../application/ports.ts';
import type { MarketMiner } from '../domain/market.ts';
import type { GatewayIdentity } from './gateway-identity.ts';

/** What the receipt has to speak of. */
export interface Exchanged {
  readonly miner: MarketMiner;
  readonly requestId: string;
  readonly model: string;
  readonly request: Uint8Array;
  readonly response: Uint8Array;
  readonly status: number;
  readonly costRao: bigint;
}

export type Countersigned =
  | { readonly ok: true; readonly receipt: SignedReceipt }
  | { readonly ok: false; readonly reason: string };

export interface Chain {
  readonly networkId: Uint8Array;
  readonly block: bigint;
}

const HEADER_CHARACTERS_MAX = 8192;
/** Session keys whose certificates were verified; sr25519 costs milliseconds, so it is done once for each. */
const CERTIFICATES_MAX = 4096;

/** Checks miners' receipts and adds the gateway's signature. */
export class Receipts {
  readonly #identity: GatewayIdentity;
  readonly #known = new Map<string, { readonly certificate: SessionKeyCertificate; readonly key: KeyObject }>();

  constructor(identity: GatewayIdentity) {
    this.#identity = identity;
  }

  /** Refused unless the miner's session key signed exactly this request and this answer. */
  countersign(header: string | undefined, exchanged: Exchanged, chain: Chain): Countersigned {
    if (header === undefined || header.length > HEADER_CHARACTERS_MAX) return no('the miner sent no receipt');
    const bytes = Buffer.from(header, 'base64');
    const envelope = parse(() => fromBinary(SignedEnvelopeSchema, bytes));
    if (envelope === undefined) return no('the receipt is no protobuf');
    const problem = this.#problemOf(envelope, exchanged, chain) ?? contentProblem(envelope, exchanged);
    if (problem !== undefined) return no(problem);
    const costRao = exchanged.costRao.toString();
    const digest = createHash('sha256').update(bytes).update(costRao).digest();
    const receipt = create(ReceiptSchema, {
      receiptId: newReceiptId(),
      miner: envelope,
      gatewayPublicKey: this.#identity.publicKey,
      gatewaySignature: this.#identity.sign(digest),
      costRao,
    });
    return { ok: true, receipt: { receiptId: receipt.receiptId, bytes: toBinary(ReceiptSchema, receipt) } };
  }

  #problemOf(envelope: SignedEnvelope, { miner }: Exchanged, { networkId, block }: Chain): string | undefined {
    const certificate = envelope.sessionKey;
    const id = certificate === undefined ? '' : Buffer.from(certificate.publicKey).toString('hex');
    const known = this.#known.get(`${miner.id} ${id}`);
    if (
      certificate !== undefined &&
      known !== undefined &&
      equals(SessionKeyCertificateSchema, known.certificate, certificate) &&
      isFor(envelope, miner, block)
    ) {
      const isSigned = verify(null, signedBytes({ ...envelope, networkId }), known.key, envelope.signature);
      return isSigned ? undefined : 'the signature of the receipt does not verify';
    }
    const demand = { networkId, type: EnvelopeType.RECEIPT, block, signer: miner.hotkey };
    const verified = verifyEnvelope(envelope, { ...demand, registrationId: Buffer.from(miner.id, 'hex') });
    if (!verified.ok) return `${verified.reason}: ${verified.message}`;
    if (certificate !== undefined) {
      if (this.#known.size >= CERTIFICATES_MAX) this.#known.clear();
      this.#known.set(`${miner.id} ${id}`, { certificate, key: publicKeyOf('ed25519', certificate.publicKey) });
    }
    return undefined;
  }
}

function isFor(envelope: SignedEnvelope, miner: MarketMiner, block: bigint): boolean {
  return (
    envelope.type === EnvelopeType.RECEIPT &&
    envelope.signer === miner.hotkey &&
    envelope.expiresAtBlock >= block &&
    (envelope.sessionKey?.expiresAtBlock ?? 0n) >= block &&
    Buffer.from(envelope.registrationId).toString('hex') === miner.id
  );
}

function contentProblem(envelope: SignedEnvelope, exchanged: Exchanged): string | undefined {
  const receipt = parse(() => fromBinary(MinerReceiptSchema, envelope.payload));
  if (receipt === undefined) return 'the receipt has no content';
  if (receipt.requestId !== exchanged.requestId) return 'the receipt is for another request';
  if (receipt.model !== exchanged.model) return 'the receipt is for another model';
  if (receipt.status !== exchanged.status) return 'the receipt tells another status';
  if (!isHashOf(receipt.requestSha256, exchanged.request)) return 'the receipt is for another request body';
  if (!isHashOf(receipt.responseSha256, exchanged.response)) return 'the receipt is for another answer';
  return undefined;
}

function isHashOf(hash: Uint8Array, content: Uint8Array): boolean {
  return createHash('sha256').update(content).digest().equals(hash);
}

/** `rcp_` and 26 characters that sort by time. */
function newReceiptId(): string {
  const time = Date.now().toString(36).padStart(9, '0');
  return `rcp_${time}${randomBytes(11).toString('hex').slice(0, 17)}`;
}

function no(reason: string): Countersigned {
  return { ok: false, reason };
}

function parse<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined; // bytes from outside
  }
}
