import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { sha256 } from '@noble/hashes/sha2.js';
import { EnvelopeType, SignedEnvelopeSchema } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import type { SignedEnvelope } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { canonicalJson } from './canonical-hash.ts';
import { signEnvelope, verifyEnvelope } from './envelope.ts';
import type { EnvelopeRefusal } from './envelope.ts';
import type { KeyPair, KeyScheme } from './key-pair.ts';
import { publicKeyOf } from './ss58.ts';

export const MANDATE_OPERATIONS = [
  'Register',
  'Stake',
  'SetPolicy',
  'Deregister',
  'RemoveStake',
  'MoveStake',
  'Delegate',
  'SetTake',
  'Transfer',
  'SwapHotkey',
  'SetChildren',
  'CreateSubnet',
  'DissolveSubnet',
  'KeepSubnet',
  'MatchEviction',
  'SetAutoStake',
  'Rebond',
  'SwapBuy',
  'SwapSell',
  'TransferAlpha',
  'ReportDoubleSigning',
  'DisputeSlash',
  'VoteSlash',
  'Propose',
  'Vote',
  'DelegateVote',
  'ClaimGrant',
] as const;
export type MandateOperation = (typeof MANDATE_OPERATIONS)[number];

/** What a sponsor can allow for what somebody else will own: to pay, and nothing that takes. */
export const SPONSOR_OPERATIONS: readonly MandateOperation[] = ['Register', 'Stake'];

/** What gives a subnet's token: a limit of its own is needed, which is in units of the token and holds for each token by itself. */
export const TOKEN_OPERATIONS: readonly MandateOperation[] = ['SwapSell', 'TransferAlpha'];

/** What pays accounts that the mandate names. */
export const PAYING_OPERATIONS: readonly MandateOperation[] = ['Transfer', 'TransferAlpha'];

/** What one operation may move, beside what the mandate allows altogether. Rao (or units of a token) as decimal strings. */
export interface MandateLimit {
  readonly operation: MandateOperation;
  readonly maxPerOperation: string;
  readonly maxTotal: string;
}

/** What the owner of a coldkey lets a namespace of a cluster do. Money in rao as decimal strings. */
export interface Mandate {
  /** Hex of 32 bytes. */
  readonly networkId: string;
  /** SS58 whose balance pays. */
  readonly payer: string;
  /** SS58 that owns what is registered or staked; another than the payer where that one sponsors it. */
  readonly owner: string;
  readonly grantee: { readonly cluster: string; readonly namespace: string };
  readonly operations: readonly MandateOperation[];
  /** Subnets it holds for; empty: any, new ones included. */
  readonly netuids: readonly number[];
  readonly maxPerOperation: string;
  readonly maxTotal: string;
  /** At most one an operation that it names. */
  readonly limits?: readonly MandateLimit[];
  /** Accounts that Transfer and TransferAlpha may pay; there where one of them is among the operations. */
  readonly transferTo?: readonly string[];
  readonly notAfterBlock: string;
  /** Makes two mandates of the same terms different. */
  readonly nonce: string;
}

export type ReadMandate =
  | { readonly ok: true; readonly mandate: Mandate; readonly sha256: Uint8Array; readonly scheme: KeyScheme }
  | EnvelopeRefusal
  | { readonly ok: false; readonly reason: 'MALFORMED_MANDATE'; readonly message: string };

const TEXT_CHARACTERS_MAX = 16_384;
/** Accounts that one mandate lets transfers pay. */
const TRANSFER_TO_MAX = 16;

/** Signs a mandate with the coldkey that pays. */
export function signMandate(mandate: Mandate, coldkey: KeyPair): SignedEnvelope {
  const payload = new TextEncoder().encode(canonicalJson(mandate));
  const networkId = Uint8Array.from(Buffer.from(mandate.networkId, 'hex'));
  return signEnvelope(
    { networkId, type: EnvelopeType.MANDATE, sequence: 0n, expiresAtBlock: BigInt(mandate.notAfterBlock), payload },
    coldkey,
  );
}

/** The text that stands under the key `mandate` of a ConfigMap: base64 of the envelope. */
export function mandateText(envelope: SignedEnvelope): string {
  return Buffer.from(toBinary(SignedEnvelopeSchema, envelope)).toString('base64');
}

/** The envelope of such a text; undefined where it is none. */
export function mandateOfText(text: string): SignedEnvelope | undefined {
  const trimmed = text.trim();
  if (trimmed.length === 0 || trimmed.length > TEXT_CHARACTERS_MAX || !/^[A-Za-z0-9+/=\s]+$/.test(trimmed))
    return undefined;
  try {
    return fromBinary(SignedEnvelopeSchema, Buffer.from(trimmed, 'base64'));
  } catch {
    return undefined; // not an envelope: the caller is told so by undefined
  }
}

/** Identity of a mandate: sha256 of its payload. */
export function mandateSha256(envelope: SignedEnvelope): Uint8Array {
  return sha256(envelope.payload);
}

/** Verifies signature, network, expiry and form. Limits and use are for the ledger to meter. */
export function readMandate(
  envelope: SignedEnvelope | undefined,
  known: { readonly networkId: Uint8Array; readonly block: bigint; readonly takesEd25519?: boolean },
): ReadMandate {
  const verified = verifyEnvelope(envelope, { ...known, type: EnvelopeType.MANDATE, isDirect: true });
  if (!verified.ok) return verified;
  const mandate = parseMandate(verified.payload);
  if (mandate === undefined) return malformed('the payload is no mandate: make it with `subnetes mandate create`');
  if (mandate.payer !== verified.signer) return malformed('payer must be the signer');
  if (mandate.owner !== mandate.payer && !mandate.operations.every((each) => SPONSOR_OPERATIONS.includes(each)))
    return malformed(`for another owner a mandate can allow ${SPONSOR_OPERATIONS.join(' and ')} only`);
  if (mandate.networkId !== Buffer.from(known.networkId).toString('hex'))
    return malformed('networkId is of another network');
  if (envelope === undefined || BigInt(mandate.notAfterBlock) !== envelope.expiresAtBlock)
    return malformed('notAfterBlock differs from the envelope');
  return { ok: true, mandate, sha256: mandateSha256(envelope), scheme: verified.scheme };
}

function malformed(message: string): ReadMandate {
  return { ok: false, reason: 'MALFORMED_MANDATE', message };
}

function parseMandate(payload: Uint8Array): Mandate | undefined {
  if (payload.length > TEXT_CHARACTERS_MAX) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  } catch {
    return undefined; // not JSON: the caller is told so by undefined
  }
  return isMandate(value) ? value : undefined;
}

function isMandate(value: unknown): value is Mandate {
  if (typeof value !== 'object' || value === null) return false;
  const { networkId, payer, owner, grantee, operations, netuids, maxPerOperation, maxTotal, notAfterBlock, nonce } =
    value as Record<string, unknown>;
  const { limits, transferTo } = value as Record<string, unknown>;
  const { cluster, namespace } = (typeof grantee === 'object' && grantee !== null ? grantee : {}) as Record<
    string,
    unknown
  >;
  return (
    isText(networkId, /^[0-9a-f]{64}$/) &&
    [payer, owner].every((address) => typeof address === 'string' && publicKeyOf(address) !== undefined) &&
    [cluster, namespace].every((name) => isText(name, /^[a-z0-9][a-z0-9.-]{0,62}$/)) &&
    Array.isArray(operations) &&
    operations.length > 0 &&
    operations.length <= MANDATE_OPERATIONS.length &&
    operations.every((operation) => MANDATE_OPERATIONS.includes(operation)) &&
    Array.isArray(netuids) &&
    netuids.length <= 256 &&
    netuids.every((netuid) => Number.isInteger(netuid) && netuid >= 0 && netuid <= 65_535) &&
    [maxPerOperation, maxTotal].every(isAmount) &&
    areLimits(limits ?? [], operations) &&
    areAccounts(transferTo, operations) &&
    isText(notAfterBlock, /^(0|[1-9][0-9]{0,17})$/) &&
    isText(nonce, /^[0-9a-zA-Z-]{1,64}$/)
  );
}

/** Each of an operation that the mandate names, and of no other twice; what gives tokens has one. */
function areLimits(value: unknown, operations: readonly unknown[]): boolean {
  if (!Array.isArray(value) || value.length > MANDATE_OPERATIONS.length) return false;
  const named = value.map((limit: unknown) => {
    const { operation, maxPerOperation, maxTotal } = (limit ?? {}) as Record<string, unknown>;
    return [maxPerOperation, maxTotal].every(isAmount) && operations.includes(operation) ? operation : undefined;
  });
  const isBounded = TOKEN_OPERATIONS.every((each) => !operations.includes(each) || named.includes(each));
  return isBounded && !named.includes(undefined) && new Set(named).size === named.length;
}

/** Whom transfers may pay; a mandate that names some names accounts, and no other does. */
function areAccounts(value: unknown, operations: readonly unknown[]): boolean {
  if (!PAYING_OPERATIONS.some((each) => operations.includes(each))) return value === undefined;
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.length <= TRANSFER_TO_MAX &&
    value.every((account) => isText(account, /^[A-Za-z0-9:-]{1,80}$/))
  );
}

function isAmount(value: unknown): boolean {
  return isText(value, /^(0|[1-9][0-9]{0,25})$/);
}

function isText(value: unknown, form: RegExp): boolean {
  return typeof value === 'string' && form.test(value);
}
