import { sha256 } from '@noble/hashes/sha2.js';
import { EnvelopeType, type SignedEnvelope } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { canonicalJson } from './canonical-hash.ts';
import { type EnvelopeRefusal, signEnvelope, verifyEnvelope } from './envelope.ts';
import type { KeyPair, KeyScheme } from './key-pair.ts';
import { publicKeyOf } from './ss58.ts';

/** A subnet owner's word that a hotkey may register there. */
export interface Invitation {
  /** Hex of 32 bytes. */
  readonly networkId: string;
  readonly netuid: number;
  /** SS58; empty: whoever has it may use it. */
  readonly hotkey: string;
  readonly maxUses: number;
  /** Its last block. */
  readonly expiresAtBlock: string;
  /** Makes two invitations of the same terms different. */
  readonly nonce: string;
}

export type ReadInvitation =
  | {
      readonly ok: true;
      readonly invitation: Invitation;
      /** SS58 of who signed it; that this is the subnet's owner is for the ledger to see. */
      readonly signer: string;
      /** Its name: sha256 of the payload. */
      readonly sha256: Uint8Array;
      readonly scheme: KeyScheme;
    }
  | EnvelopeRefusal;

/** Uses of one invitation at most: as many as a subnet has neurons. */
export const INVITATION_USES_MAX = 256;

const PAYLOAD_BYTES_MAX = 1024;

/** Signs an invitation with the coldkey that owns the subnet. */
export function signInvitation(invitation: Invitation, coldkey: KeyPair): SignedEnvelope {
  const payload = new TextEncoder().encode(canonicalJson(invitation));
  const networkId = Uint8Array.from(Buffer.from(invitation.networkId, 'hex'));
  const expiresAtBlock = BigInt(invitation.expiresAtBlock);
  return signEnvelope({ networkId, type: EnvelopeType.INVITATION, sequence: 0n, expiresAtBlock, payload }, coldkey);
}

/** Verifies signature, network, expiry and form. Uses are for the ledger to count. */
export function readInvitation(
  envelope: SignedEnvelope,
  known: { readonly networkId: Uint8Array; readonly block: bigint; readonly takesEd25519?: boolean },
): ReadInvitation {
  const verified = verifyEnvelope(envelope, { ...known, type: EnvelopeType.INVITATION, isDirect: true });
  if (!verified.ok) return verified;
  const invitation = parseInvitation(verified.payload);
  const isSame =
    invitation?.networkId === Buffer.from(known.networkId).toString('hex') &&
    BigInt(invitation.expiresAtBlock) === envelope.expiresAtBlock;
  if (invitation === undefined || !isSame) {
    return { ok: false, reason: 'MALFORMED_ENVELOPE', message: 'the payload is no invitation of this network' };
  }
  return { ok: true, invitation, signer: verified.signer, sha256: sha256(envelope.payload), scheme: verified.scheme };
}

function parseInvitation(payload: Uint8Array): Invitation | undefined {
  if (payload.length > PAYLOAD_BYTES_MAX) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  } catch {
    return undefined; // not JSON: the caller is told so by undefined
  }
  return isInvitation(value) ? value : undefined;
}

function isInvitation(value: unknown): value is Invitation {
  if (typeof value !== 'object' || value === null) return false;
  const { networkId, netuid, hotkey, maxUses, expiresAtBlock, nonce } = value as Record<string, unknown>;
  return (
    isText(networkId, /^[0-9a-f]{64}$/) &&
    isWhole(netuid, 1, 65_535) &&
    (hotkey === '' || (typeof hotkey === 'string' && publicKeyOf(hotkey) !== undefined)) &&
    isWhole(maxUses, 1, INVITATION_USES_MAX) &&
    isText(expiresAtBlock, /^[1-9][0-9]{0,14}$/) &&
    isText(nonce, /^[0-9a-zA-Z-]{1,64}$/)
  );
}

function isWhole(value: unknown, min: number, max: number): boolean {
  return Number.isInteger(value) && Number(value) >= min && Number(value) <= max;
}

function isText(value: unknown, form: RegExp): boolean {
  return typeof value === 'string' && form.test(value);
}
