import type { Decision } from './refusal.ts';
import { accept, refuse } from './refusal.ts';

/** How long a gateway spends from one lease. */
export const LEASE_TTL_MS = 30_000;

/** How much longer than its lease a hold lives, for usage that is still under way. */
export const HOLD_EXTRA_MS = 600_000;

/** Most that one lease reserves: 1000 tokens. */
export const LEASE_RAO_MAX = 1_000_000_000_000n;

const LEASE_ID_PATTERN = /^[a-z0-9][a-z0-9-]{7,63}$/;
const INSTANCE_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
const ACCOUNT_PATTERN = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const DISPLAY_NAME_MAX = 128;

/** What a gateway asks for. */
export interface LeaseRequest {
  readonly leaseId: string;
  readonly account: string;
  readonly instance: string;
  readonly askedRao: bigint;
}

/** A lease as billing keeps it. */
export interface Lease extends LeaseRequest {
  /** At most what was asked for, and what the account had. */
  readonly grantedRao: bigint;
  readonly expiresAtBlock: bigint;
  readonly state: 'Granting' | 'Open' | 'Refused' | 'Released' | 'Expired';
  /** Absent until the gateway closed it. */
  readonly lastCounter?: bigint;
}

export interface Account {
  readonly account: string;
  readonly owner: string;
  readonly displayName: string;
}

/** The ledger's account that holds the money of a billing account. */
export function ledgerAccountOf(account: string): string {
  return `billing:${account}`;
}

/** The block by which a hold granted at `block` ends. */
export function holdExpiryBlock(block: bigint, blockTimeMs: number): bigint {
  return block + BigInt(Math.ceil((LEASE_TTL_MS + HOLD_EXTRA_MS) / blockTimeMs)) + 1n;
}

export function checkLeaseRequest(request: LeaseRequest): Decision<LeaseRequest> {
  if (!LEASE_ID_PATTERN.test(request.leaseId)) {
    return refuse('INVALID_ARGUMENT', 'lease_id must have 8 to 64 lower-case letters, digits and dashes');
  }
  if (!INSTANCE_PATTERN.test(request.instance)) {
    return refuse('INVALID_ARGUMENT', 'instance must have 1 to 128 letters, digits and . _ -');
  }
  if (request.askedRao < 1n || request.askedRao > LEASE_RAO_MAX) {
    return refuse('INVALID_ARGUMENT', `max_rao must be between 1 and ${LEASE_RAO_MAX}`);
  }
  return accept(request);
}

/** Whether two requests for one lease id mean the same lease. */
export function isSameLease(lease: Lease, request: LeaseRequest): boolean {
  return (
    lease.account === request.account && lease.instance === request.instance && lease.askedRao === request.askedRao
  );
}

export function checkAccountName(account: string): Decision<string> {
  return ACCOUNT_PATTERN.test(account)
    ? accept(account)
    : refuse('INVALID_ARGUMENT', 'account must be a DNS label: 1 to 63 lower-case letters, digits and dashes');
}

export function checkAccount(account: Account): Decision<Account> {
  const named = checkAccountName(account.account);
  if (!named.ok) return named;
  if (account.displayName.length > DISPLAY_NAME_MAX) {
    return refuse('INVALID_ARGUMENT', `display_name must have at most ${DISPLAY_NAME_MAX} characters`);
  }
  return accept(account);
}
