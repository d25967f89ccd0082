import { type EnvelopeDemand, verifyEnvelope } from '@subnetes/keys/envelope';
import { readInvitation } from '@subnetes/keys/invitation';
import { type MandateLimit, readMandate } from '@subnetes/keys/mandate';
import { publicKeyOf } from '@subnetes/keys/ss58';
import { EnvelopeType, type SignedEnvelope } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { accept, type Decision, refuse } from '#domain/book/refusal.ts';
import type { Mandate, OperationLimit } from '#domain/economy/mandate.ts';
import type { Scheme } from '#domain/keys/scheme.ts';
import type { Invitation } from '#domain/mandates/admission.ts';

/** Against what a signature is judged: the network and its newest block. */
export interface SignedContext {
  readonly networkId: Uint8Array;
  readonly block: number;
}

/** An envelope whose signature, network, type and life were checked. The sequence is judged by the ledger. */
export interface Verified {
  /** SS58 of the key that stands behind it. */
  readonly signer: string;
  readonly sequence: number;
  readonly expiresAtBlock: number;
  readonly payload: Uint8Array;
  readonly scheme: Scheme;
}

export function readSigned(
  envelope: SignedEnvelope | undefined,
  context: SignedContext,
  demand: Pick<EnvelopeDemand, 'type' | 'registrationId' | 'signer' | 'isDirect' | 'takesEd25519'>,
): Decision<Verified> {
  const verified = verifyEnvelope(envelope, {
    ...demand,
    networkId: context.networkId,
    block: BigInt(context.block),
  });
  if (!verified.ok) return refuse(verified.reason, verified.message);
  const sequence = wholeNumber(verified.sequence);
  const expiresAtBlock = wholeNumber(envelope?.expiresAtBlock ?? 0n);
  if (sequence === undefined || expiresAtBlock === undefined) {
    return refuse('MALFORMED_ENVELOPE', 'sequence and expires_at_block must be below 2^53');
  }
  return accept({
    signer: verified.signer,
    sequence,
    expiresAtBlock,
    payload: verified.payload,
    scheme: verified.scheme,
  });
}

/** A verified mandate as the domain meters it. */
export function readGrant(envelope: SignedEnvelope | undefined, context: SignedContext): Decision<Mandate> {
  if (envelope === undefined) {
    return refuse('NO_MANDATE', 'the call carries no mandate: make one with `subnetes mandate create`');
  }
  const read = readMandate(envelope, wallets(context));
  if (!read.ok) {
    return read.reason === 'ENVELOPE_EXPIRED'
      ? refuse('MANDATE_EXPIRED', `the mandate is over: ${read.message} with \`subnetes mandate create\``)
      : refuse(read.reason, `mandate: ${read.message}`);
  }
  const { mandate, sha256, scheme } = read;
  return accept({
    sha256: Buffer.from(sha256).toString('hex'),
    scheme,
    payer: mandate.payer,
    owner: mandate.owner,
    cluster: mandate.grantee.cluster,
    namespace: mandate.grantee.namespace,
    operations: mandate.operations,
    netuids: mandate.netuids,
    maxPerOperation: BigInt(mandate.maxPerOperation),
    maxTotal: BigInt(mandate.maxTotal),
    ...(mandate.limits === undefined ? {} : { limits: mandate.limits.map(limitOf) }),
    ...(mandate.transferTo === undefined ? {} : { transferTo: mandate.transferTo }),
    notAfterBlock: Number(mandate.notAfterBlock),
  });
}

/** Wallets sign by either scheme; the ledger holds each to one. */
function wallets({ networkId, block }: SignedContext) {
  return { networkId, block: BigInt(block), takesEd25519: true };
}

function limitOf({ operation, maxPerOperation, maxTotal }: MandateLimit): OperationLimit {
  return { operation, maxPerOperation: BigInt(maxPerOperation), maxTotal: BigInt(maxTotal) };
}

/** Who owns a hotkey, by its own statement. */
export interface Binding {
  readonly hotkey: string;
  /** SS58. */
  readonly coldkey: string;
  /** Hex hash of the mandate by which somebody else than the owner may pay; empty: nobody else may. */
  readonly sponsoredBy: string;
}

export function readBinding(envelope: SignedEnvelope | undefined, context: SignedContext): Decision<Binding> {
  const verified = readSigned(envelope, context, { type: EnvelopeType.HOTKEY_BINDING, isDirect: true });
  if (!verified.ok) return refuse(verified.code, `binding: ${verified.message}`);
  const text = new TextDecoder().decode(verified.value.payload);
  const [coldkey = '', sponsoredBy = '', ...more] = text.split(' ');
  if (!isWallet(coldkey) || more.length > 0 || !/^([0-9a-f]{64})?$/.test(sponsoredBy)) {
    return refuse(
      'MALFORMED_ENVELOPE',
      "binding: the payload must be the SS58 address of the owner, and for a sponsor the mandate's sha256 after a space",
    );
  }
  return accept({ hotkey: verified.value.signer, coldkey, sponsoredBy });
}

/** An invitation whose signature was verified; undefined where none came. */
export function readInvited(
  envelope: SignedEnvelope | undefined,
  context: SignedContext,
): Decision<{ readonly invitation?: Invitation }> {
  if (envelope === undefined) return accept({});
  const read = readInvitation(envelope, wallets(context));
  if (!read.ok) return refuse('INVITATION_INVALID', `invitation: ${read.message}`);
  const { netuid, hotkey, maxUses, expiresAtBlock } = read.invitation;
  const sha256 = Buffer.from(read.sha256).toString('hex');
  const invitation = {
    sha256,
    signer: read.signer,
    scheme: read.scheme,
    netuid,
    hotkey,
    maxUses,
    expiresAtBlock: Number(expiresAtBlock),
  };
  return accept({ invitation });
}

/** Whether the text is the address of a key. */
export function isWallet(text: string): boolean {
  return publicKeyOf(text) !== undefined;
}

function wholeNumber(value: bigint): number | undefined {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : undefined;
}
