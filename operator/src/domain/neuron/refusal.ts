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

const SIGN_A_NEW_ONE = 'Sign a new one with `subnetes mandate create` and apply it under the same name.';

/** By the ledger's stable codes. A code that is not here is told in the ledger's words alone. */
const MEANINGS: Readonly<Record<string, RefusalMeaning>> = {
  NO_MANDATE: { condition: 'Accepted', reason: 'NoMandate', advice: SIGN_A_NEW_ONE },
  MANDATE_INVALID: { condition: 'Accepted', reason: 'NoMandate', advice: SIGN_A_NEW_ONE },
  MANDATE_EXPIRED: { condition: 'Accepted', reason: 'NoMandate', advice: SIGN_A_NEW_ONE },
  MANDATE_REVOKED: { condition: 'Accepted', reason: 'NoMandate', advice: SIGN_A_NEW_ONE },
  MANDATE_EXHAUSTED: { condition: 'Accepted', reason: 'MandateExhausted', advice: SIGN_A_NEW_ONE },
  FOREIGN_NETWORK: { condition: 'Accepted', reason: 'NoMandate', advice: SIGN_A_NEW_ONE },
  HANDLE_TAKEN: {
    condition: 'Accepted',
    reason: 'HandleTaken',
    advice: 'Choose another spec.handle in a new Subnet, or set spec.netuid to adopt the one that has it.',
  },
  ALREADY_MANAGED: {
    condition: 'Accepted',
    reason: 'AlreadyManaged',
    advice: 'Delete the object that manages it, or the annotation of its cluster, first.',
  },
  INVALID_POLICY: { condition: 'Accepted', reason: 'PolicyRefused', advice: 'Change the value in spec.policy.' },
  SUBNET_NOT_FOUND: { condition: 'Accepted', reason: 'SubnetNotFound', advice: 'Check spec.subnetRef.' },
  INSUFFICIENT_FUNDS: {
    condition: 'Registered',
    reason: 'PayerOutOfFunds',
    advice: 'Fund the payer with `subnetes wallet transfer`; it is tried again by itself.',
  },
  COST_ABOVE_MAX: {
    condition: 'Registered',
    reason: 'CostAboveMax',
    advice: 'Raise spec.registration.maxCost or wait for a lower cost.',
  },
  SUBNET_FULL: {
    condition: 'Registered',
    reason: 'SubnetFull',
    advice: 'Every uid is immune at present; it is tried again by itself.',
  },
  REGISTRATION_CLOSED: {
    condition: 'Registered',
    reason: 'RegistrationClosed',
    advice: 'Its owner has to open the registration; it is tried again by itself.',
  },
  HOTKEY_TAKEN: {
    condition: 'Registered',
    reason: 'NameTaken',
    advice: 'Another owner has registered this hotkey: remove spec.hotkeySecretRef in a new object.',
  },
};

/** Codes by which the ledger says that a binding cannot be used any more and a new one has to be signed. */
const BINDING_CODES: ReadonlySet<string> = new Set(['SIGNATURE_EXPIRED', 'EXPIRED', 'REPLAYED', 'SEQUENCE_REUSED']);

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
