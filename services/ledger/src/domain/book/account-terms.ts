import { BURNED, INSURANCE, MINT, NETWORK, SLASH_DEPOSITS, TREASURY, isBillingAccount } from './account.ts';

/**
 * What was agreed about a billing account beyond its name. Other accounts have no terms: what wallets, pots and stakes
 * get is decided by rules, and nobody may stand in the way of a payout.
 */
export interface AccountTerms {
  /** SS58 of the wallet behind it, for people and refunds; null where nobody is named. */
  readonly owner: string | null;
  /** What can be spent ends here: zero or below, in smallest units. */
  readonly floor: bigint;
  /** The balance ends here; null where it does not. */
  readonly limit: bigint | null;
  /** Nothing new goes out: no payment and no hold. Holds of before may still be posted: their answers were given. */
  readonly frozen: boolean;
  /** For ever: nothing goes in or out. */
  readonly closed: boolean;
}

export const DEFAULT_TERMS: AccountTerms = { owner: null, floor: 0n, limit: null, frozen: false, closed: false };

/** What an account is, by its name. */
export type AccountKind =
  | 'Mint'
  | 'Burned'
  | 'Network'
  | 'Billing'
  | 'Pot'
  | 'Sealed'
  | 'Unattributed'
  | 'Stake'
  | 'Delegated'
  | 'Pool'
  | 'Treasury'
  | 'Deposit'
  | 'Grant'
  | 'Unbonding'
  | 'Insurance'
  | 'Deposits'
  | 'Waiting'
  | 'Lock'
  | 'Wallet';

const SYSTEM_KINDS: ReadonlyMap<string, AccountKind> = new Map([
  [MINT, 'Mint'],
  [BURNED, 'Burned'],
  [NETWORK, 'Network'],
  [TREASURY, 'Treasury'],
  [INSURANCE, 'Insurance'],
  [SLASH_DEPOSITS, 'Deposits'],
]);
const PREFIX_KINDS: ReadonlyMap<string, AccountKind> = new Map([
  ['pot', 'Pot'],
  ['sealed', 'Sealed'],
  ['unattributed', 'Unattributed'],
  ['stake', 'Stake'],
  ['delegated', 'Delegated'],
  ['delegating', 'Delegated'],
  ['pool', 'Pool'],
  ['protocol', 'Pool'],
  ['deposit', 'Deposit'],
  ['grant', 'Grant'],
  ['unbonding', 'Unbonding'],
  ['waiting', 'Waiting'],
  ['lock', 'Lock'],
]);

export function kindOf(id: string): AccountKind {
  const [prefix = ''] = id.split(':', 1);
  return isBillingAccount(id) ? 'Billing' : (SYSTEM_KINDS.get(id) ?? PREFIX_KINDS.get(prefix) ?? 'Wallet');
}

/** Whose an account is, where its name or its terms say so: a wallet is its own, a stake its coldkey's. */
export function ownerOf(id: string, terms: AccountTerms | undefined): string | null {
  switch (kindOf(id)) {
    case 'Wallet':
      return id;
    case 'Stake':
      return id.split(':').at(-1) ?? null;
    case 'Billing':
      return terms?.owner ?? null;
    case 'Mint':
    case 'Burned':
    case 'Network':
    case 'Pot':
    case 'Sealed':
    case 'Unattributed':
    case 'Treasury':
    case 'Deposit':
    case 'Grant':
    case 'Insurance':
    case 'Deposits':
    case 'Unbonding': // of many wallets
    case 'Waiting':
    case 'Lock':
    case 'Delegated': // everybody's who has a share of it
    case 'Pool':
      return null;
  }
}
