import { type EnvelopeDemand, verifyEnvelope } from '@subnetes/keys/envelope';
import { readMandate } from '@subnetes/keys/mandate';
import { publicKeyOf } from '@subnetes/keys/ss58';
import { EnvelopeType, type SignedEnvelope } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { accept, type Decision, refuse } from '#domain/book/refusal.ts';
import type { Mandate } from '#domain/economy/mandate.ts';

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
}

export function readSigned(
  envelope: SignedEnvelope | undefined,
  context: SignedContext,
  demand: Pick<EnvelopeDemand, 'type' | 'registrationId' | 'signer' | 'isDirect'>,
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
  return accept({ signer: verified.signer, sequence, expiresAtBlock, payload: verified.payload });
}

/** A verified mandate as the domain meters it. */
export function readGrant(envelope: SignedEnvelope | undefined, context: SignedContext): Decision<Mandate> {
  if (envelope === undefined) {
    return refuse('NO_MANDATE', 'the call carries no mandate: make one with `subnetes mandate create`');
  }
  const read = readMandate(envelope, { networkId: context.networkId, block: BigInt(context.block) });
  if (!read.ok) {
    return read.reason === 'ENVELOPE_EXPIRED'
      ? refuse('MANDATE_EXPIRED', `the mandate is over: ${read.message} with \`subnetes mandate create\``)
      : refuse(read.reason, `mandate: ${read.message}`);
  }
  const { mandate, sha256 } = read;
  return accept({
    sha256: Buffer.from(sha256).toString('hex'),
    payer: mandate.payer,
    owner: mandate.owner,
    cluster: mandate.grantee.cluster,
    namespace: mandate.grantee.namespace,
    operations: mandate.operations,
    netuids: mandate.netuids,
    maxPerOperation: BigInt(mandate.maxPerOperation),
    maxTotal: BigInt(mandate.maxTotal),
    notAfterBlock: Number(mandate.notAfterBlock),
  });
}

/** A hotkey's statement of who owns it: hotkey and coldkey in SS58. */
export function readBinding(
  envelope: SignedEnvelope | undefined,
  context: SignedContext,
): Decision<{ readonly hotkey: string; readonly coldkey: string }> {
  const verified = readSigned(envelope, context, { type: EnvelopeType.HOTKEY_BINDING, isDirect: true });
  if (!verified.ok) return refuse(verified.code, `binding: ${verified.message}`);
  const coldkey = new TextDecoder().decode(verified.value.payload);
  if (!isWallet(coldkey)) {
    return refuse('MALFORMED_ENVELOPE', 'binding: the payload must be the SS58 address of the owner');
  }
  return accept({ hotkey: verified.value.signer, coldkey });
}

/** Whether the text is the address of a key. */
export function isWallet(text: string): boolean {
  return publicKeyOf(text) !== undefined;
}

function wholeNumber(value: bigint): number | undefined {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : undefined;
}
