import type { Reason } from '../reason.ts';

/** The ledger said no: a stable code and its own words. */
export interface LedgerRefusal {
  readonly kind: 'refused';
  readonly code: string;
  readonly message: string;
}

/** What a refusal means on a condition, with what a person can do about it. */
export interface RefusalMeaning {
  readonly condition: 'Accepted' | 'Registered';
  readonly reason: Reason;
  readonly advice: string;
}

const SIGN_A_NEW_ONE = 'Sign one with `subnetes mandate create` and apply it under the same name.';
const TRIED_AGAIN = 'It is tried again by itself.';

const accepted = (reason: Reason, advice = ''): RefusalMeaning => ({ condition: 'Accepted', reason, advice });
const registered = (reason: Reason, advice = TRIED_AGAIN): RefusalMeaning => ({
  condition: 'Registered',
  reason,
  advice,
});

/** By the ledger's stable codes. A code that is not here is told in the ledger's words alone. */
const MEANINGS: Readonly<Record<string, RefusalMeaning>> = {
  NO_MANDATE: accepted('NoMandate', SIGN_A_NEW_ONE),
  MALFORMED_MANDATE: accepted('NoMandate', SIGN_A_NEW_ONE),
  // The key job signs bindings as they must be: what does not verify is the mandate.
  BAD_SIGNATURE: accepted('NoMandate', SIGN_A_NEW_ONE),
  WRONG_NETWORK: accepted('NoMandate', SIGN_A_NEW_ONE),
  MALFORMED_ENVELOPE: accepted('NoMandate', SIGN_A_NEW_ONE),
  WRONG_ENVELOPE_TYPE: accepted('NoMandate', SIGN_A_NEW_ONE),
  WRONG_SIGNER: accepted('NoMandate', SIGN_A_NEW_ONE),
  MANDATE_NOT_GRANTED: accepted('NoMandate', SIGN_A_NEW_ONE),
  MANDATE_EXPIRED: accepted('NoMandate', SIGN_A_NEW_ONE),
  MANDATE_REVOKED: accepted('NoMandate', SIGN_A_NEW_ONE),
  MANDATE_EXHAUSTED: accepted('MandateExhausted', SIGN_A_NEW_ONE),
  HANDLE_TAKEN: accepted('HandleTaken', 'Choose another spec.handle in a new Subnet.'),
  HANDLE_FIXED: accepted('PolicyRefused'),
  NOT_OWNER: accepted('NoMandate', "Use a mandate of the subnet's owner."),
  ALREADY_MANAGED: accepted('AlreadyManaged'),
  POLICY_INVALID: accepted('PolicyRefused', 'Change the value in spec.policy.'),
  SUBNET_UNKNOWN: accepted('SubnetNotFound', 'Check spec.subnetRef.'),
  SUBNET_LIMIT: accepted('PolicyRefused', TRIED_AGAIN),
  SUBNET_RATE_LIMIT: accepted('PolicyRefused', TRIED_AGAIN),
  SUBNET_DISSOLVING: registered('RegistrationClosed', ''),
  INSUFFICIENT_FUNDS: registered(
    'PayerOutOfFunds',
    'Fund the payer with `subnetes wallet transfer`; it is tried again by itself.',
  ),
  COST_ABOVE_MAX: registered('CostAboveMax', 'Raise spec.registration.maxCost.'),
  SUBNET_FULL: registered('SubnetFull'),
  REGISTRATION_CLOSED: registered('RegistrationClosed'),
  APPROVAL_NEEDED: registered(
    'ApprovalNeeded',
    'Ask with `subnetes subnet request`, or put an invitation of the owner into spec.registration.invitation; it is tried again by itself.',
  ),
  INVITATION_INVALID: registered('ApprovalNeeded', 'Put another invitation into spec.registration.invitation.'),
  SPONSOR_NEEDED: registered('ApprovalNeeded', "Name a mandate of the subnet's owner in spec.mandateRef."),
  KEY_SWAP_PENDING: accepted('NoMandate', 'Sign one with the key that follows, once the swap is done.'),
  KEY_SWAP_DISPUTED: accepted('NoMandate'),
  HOTKEY_OWNED_BY_OTHER: registered('NameTaken', 'Name another hotkey in spec.hotkeySecretRef of a new object.'),
};

/** Codes by which the ledger says that a binding cannot be used (any more) and a new one has to be signed. */
const BINDING_CODES: ReadonlySet<string> = new Set(['ENVELOPE_EXPIRED', 'ENVELOPE_REPLAYED']);

export function meaningOf(refusal: LedgerRefusal, fallback: RefusalMeaning): RefusalMeaning {
  return MEANINGS[refusal.code] ?? fallback;
}

export function needsNewBinding(refusal: LedgerRefusal): boolean {
  return BINDING_CODES.has(refusal.code);
}

/** The ledger's words followed by what to do. */
export function refusalMessage(refusal: LedgerRefusal, meaning: RefusalMeaning): string {
  const words = refusal.message.endsWith('.') ? refusal.message : `${refusal.message}.`;
  return meaning.advice === '' ? words : `${words} ${meaning.advice}`;
}
