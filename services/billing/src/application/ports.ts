import type { ApiKey, KeyHash, StoredKey } from '../domain/api-key.ts';
import type { Account, Lease } from '../domain/lease.ts';
import type { PriceLine } from '../domain/rating.ts';
import type { Shares } from '../domain/shares.ts';
import type { UsageRecord, WriteOffReason } from '../domain/usage.ts';

/** A subnet's terms of sale as the ledger has them in force. */
export interface SubnetTerms {
  readonly netuid: number;
  readonly policyVersion: bigint;
  readonly ownerColdkey: string;
  /** By public model name `<handle>.<model>`. */
  readonly models: Readonly<Record<string, readonly PriceLine[]>>;
}

export interface HoldRequest {
  readonly holdId: string;
  /** Ledger account. */
  readonly account: string;
  readonly amountRao: bigint;
  readonly expiresAtBlock: bigint;
}

export interface HoldPosting {
  /** Idempotency key. */
  readonly id: string;
  readonly holdId: string;
  readonly parts: readonly {
    readonly to: string;
    readonly amountRao: bigint;
    readonly code: string;
    /** Of a part that burns the network fee: the subnet that was used. */
    readonly netuid?: number;
  }[];
}

/** What became of one item of a batch; `reason` is the ledger's stable code. */
export type LedgerResult =
  | { readonly ok: true; readonly sequence: bigint }
  | { readonly ok: false; readonly reason: string; readonly message: string };

/** The only record of money. Every call may throw OutageError; repeating one with the same ids is safe. */
export interface LedgerPort {
  clock(): Promise<{ readonly block: bigint; readonly blockTimeMs: number }>;
  /** Whether this network burns its share of a sale; it does or does not for ever. */
  burnsNetworkFee(): Promise<boolean>;
  balance(account: string): Promise<{ readonly postedRao: bigint; readonly heldRao: bigint }>;
  createHold(hold: HoldRequest): Promise<LedgerResult>;
  /** At most 1000, answered in order. */
  postHolds(posts: readonly HoldPosting[]): Promise<readonly LedgerResult[]>;
  /** At most 1000, answered in order; a hold that is closed already counts as voided. */
  voidHolds(holdIds: readonly string[]): Promise<readonly LedgerResult[]>;
  subnets(): Promise<readonly SubnetTerms[]>;
  /** Hotkeys of a subnet and who owns them. */
  owners(netuid: number): Promise<ReadonlyMap<string, string>>;
}

/** What happened to one event of a batch that was taken in. */
export type IntakeResult = 'stored' | 'duplicate' | 'conflict' | 'flawed' | 'lease_closed';

export type IntakeEvent =
  | { readonly kind: 'usage'; readonly record: UsageRecord }
  /** Nothing above `lastCounter` will come. `abandoned`: nor anything below that has not come yet. */
  | {
      readonly kind: 'lease-closed';
      readonly leaseId: string;
      readonly account: string;
      readonly lastCounter: bigint;
      readonly abandoned: boolean;
    };

/** A stored record that waits for its charge. */
export interface UnsettledUsage {
  readonly arrival: bigint;
  readonly record: UsageRecord;
  /** Absent until it is rated. */
  readonly charge?: Charge;
  /** The lease that it names, if billing granted one. */
  readonly lease?: { readonly account: string; readonly state: Lease['state'] };
}

/** What a request costs and who gets it; fixed when rated. */
export interface Charge extends Shares {
  readonly amountRao: bigint;
  readonly minerColdkey: string;
  readonly ownerColdkey: string;
}

export type Settlement =
  | { readonly arrival: bigint; readonly outcome: 'empty' }
  | { readonly arrival: bigint; readonly outcome: 'rated'; readonly charge: Charge }
  | { readonly arrival: bigint; readonly outcome: 'written-off'; readonly reason: WriteOffReason };

export interface Posted {
  readonly arrival: bigint;
  readonly account: string;
  readonly amountRao: bigint;
  /** UTC day of the request. */
  readonly period: string;
  readonly ledgerSequence: bigint;
}

/** A page of what is numbered in the order of making, newest first. */
export interface Page {
  readonly size: number;
  /** Continue below this number; absent at the start. */
  readonly before?: bigint;
}

export interface StoredInvoice {
  readonly number: bigint;
  readonly account: string;
  readonly period: string;
  readonly totalRao: bigint;
  readonly lineCount: bigint;
  /** The newest, at most LINES_MAX. */
  readonly lines: readonly InvoiceLine[];
}

export interface InvoiceLine extends Shares {
  readonly requestId: string;
  readonly model: string;
  readonly units: Readonly<Record<string, bigint>>;
  readonly amountRao: bigint;
  readonly minerHotkey: string;
  readonly receiptId: string;
  readonly policyVersion: bigint;
  readonly ledgerSequence: bigint;
  readonly timeMs: number;
}

/** Lines of one invoice in an answer. */
export const LINES_MAX = 1000;

/** What became of a new key. Of refusals the first that applies. */
export type KeyMade = 'stored' | 'account-unknown' | 'account-full' | 'full';

/** The record of API keys. Every method is one transaction and may throw OutageError. */
export interface KeyStore {
  /** Stores a valid key, unless its account or all together have as many as they may have. */
  createKey(key: StoredKey, max: { readonly perAccount: number; readonly inAll: number }): Promise<KeyMade>;
  /** False where there is no such key. The first time stands. */
  revokeKey(keyId: string, nowMs: number): Promise<boolean>;
  /** Valid and revoked ones. */
  listKeys(account: string, page: Page): Promise<readonly (ApiKey & { readonly number: bigint })[]>;
  /** Those that there are, valid and revoked, in any order. */
  readKeys(keyIds: readonly string[]): Promise<readonly StoredKey[]>;
  /** In order of their ids. */
  validKeys(afterKeyId: string, limit: number): Promise<readonly StoredKey[]>;
}

/** Billing's own tables. Every method is one transaction and may throw OutageError. */
export interface BillingStore extends KeyStore {
  createAccount(account: Account): Promise<Account>;
  readAccount(account: string): Promise<Account | undefined>;

  /** Keeps the first terms that came under this id and answers them. */
  openLease(lease: Lease): Promise<Lease>;
  /** Lowers what a lease in state Granting asks the ledger for. */
  lowerLease(leaseId: string, grantedRao: bigint): Promise<void>;
  /** Ends the state Granting, unless the lease has ended meanwhile; answers the state that it is in now. */
  finishGrant(leaseId: string, state: 'Open' | 'Refused'): Promise<Lease['state']>;
  /** Leases whose gateway closed them and whose usage is all in and settled; also those whose grant it never heard of. */
  completeLeases(limit: number): Promise<readonly string[]>;
  /** Unfinished leases whose hold has ended at `block`, without unsettled usage. */
  expiredLeases(block: bigint, limit: number): Promise<readonly string[]>;
  endLeases(leaseIds: readonly string[], state: 'Released' | 'Expired'): Promise<void>;

  /** Stores a batch at once; one result per event in order. */
  takeIn(events: readonly IntakeEvent[]): Promise<readonly IntakeResult[]>;
  /** In order of arrival, rated or not. */
  unsettled(afterArrival: bigint, limit: number): Promise<readonly UnsettledUsage[]>;
  settle(settlements: readonly Settlement[]): Promise<void>;
  /** Marks rated usage as posted and puts it on its account's invoice of the day; repeats change nothing. */
  markPosted(posted: readonly Posted[]): Promise<void>;
  counts(): Promise<{ readonly openLeases: number; readonly unsettled: number }>;

  putPrices(terms: SubnetTerms): Promise<void>;
  /** The newest terms of every subnet. */
  latestPrices(): Promise<readonly SubnetTerms[]>;
  readPrices(netuid: number, policyVersion: bigint): Promise<SubnetTerms | undefined>;
  putPayees(owners: ReadonlyMap<string, string>): Promise<void>;
  readPayee(hotkey: string): Promise<string | undefined>;

  listInvoices(account: string, page: Page): Promise<readonly StoredInvoice[]>;
  isReachable(): Promise<boolean>;
}

/** What gateways read of our tables: a copy on the bus, to be written again whenever it does not stand as it was left. */
interface Board {
  /** False at first, and when it was lost or somebody else wrote on it. Makes it where there is none. Answers once each time. */
  isAsLeft(): Promise<boolean>;
}

/** Tells gateways which keys are valid. */
export interface KeyBoard extends Board {
  /** All that is on it by key id; undefined where that cannot be read. */
  read(): Promise<ReadonlyMap<string, KeyHash | undefined>>;
  put(keyId: string, hash: KeyHash): Promise<void>;
  remove(keyId: string): Promise<void>;
  /** Says that every valid key is on it: from then on a key that is not there is none. */
  complete(): Promise<void>;
  /** Makes the next look answer that it does not stand as it was left. */
  doubt(): void;
}

/** Tells gateways what models cost. */
export interface PriceBoard extends Board {
  publish(terms: SubnetTerms): Promise<void>;
}

/** What the numbers on the dashboards are made of. */
export interface BillingObserver {
  usageTaken(result: IntakeResult | 'empty' | 'posted' | 'written_off'): void;
  charged(netuid: number, amountRao: bigint): void;
  writtenOff(requestId: string, reason: WriteOffReason, quotedRao: bigint): void;
  conflict(requestId: string): void;
}
