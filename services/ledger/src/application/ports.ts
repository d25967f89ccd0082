import type { Account } from '#domain/book/account.ts';
import type { Claim } from '#domain/book/claims.ts';
import type { Hold } from '#domain/book/hold.ts';
import type { Entry, JournalHead } from '#domain/book/journal.ts';
import type { TableChange } from '#domain/book/table.ts';

/** A changed row of the tables that the store keeps as documents. */
export interface DocumentChange {
  readonly table: string;
  readonly key: string;
  /** undefined: removed. */
  readonly row: unknown;
}

/** What one transaction of the store holds: entries that follow `previous`, and the rows that they changed. */
export interface Batch {
  readonly previous: JournalHead;
  readonly entries: readonly Entry[];
  readonly accounts: readonly TableChange<Account>[];
  readonly holds: readonly TableChange<Hold>[];
  readonly documents: readonly DocumentChange[];
}

/** All that a starting ledger needs. It is as large as the state and does not grow with the journal. */
export interface Snapshot {
  readonly head: JournalHead;
  /** Last event's sequence by address name. */
  readonly lastEvents: readonly (readonly [string, number])[];
  readonly accounts: readonly Account[];
  readonly holds: readonly Hold[];
  readonly documents: readonly { readonly table: string; readonly key: string; readonly row: unknown }[];
}

/** An entry as the store gives it back; the idempotency keys are left out. */
export type StoredEntry = Omit<Entry, 'keys' | 'event' | 'held'> & {
  readonly eventAddress: string | undefined;
  /** Unix milliseconds by the store's clock, for people; absent where nobody told. No hash covers it. */
  readonly recordedAtMs?: number;
};

/** Sums over the journal's postings, for the audit. Smallest units of one asset. */
export interface JournalSums {
  readonly lastSequence: number;
  /** Minted by genesis. */
  readonly genesis: bigint;
  /** Minted by blocks. */
  readonly rewards: bigint;
  /** Credited to the account without a key. */
  readonly burned: bigint;
  /** Of all deltas: zero, or money was made. */
  readonly deltas: bigint;
}

/** Sums over the stored balances of one asset. */
export interface BalanceSums {
  readonly mint: bigint;
  readonly burned: bigint;
  /** Of all other accounts. */
  readonly others: bigint;
  /** How far the balances of each other asset, its mint included, are from zero, summed up: zero, or some was made or lost. */
  readonly otherAssets: bigint;
  /** Accounts of any asset whose held is not what their open holds reserve. */
  readonly heldApart: number;
  /** Accounts of any asset, mints left out, that stand below their floor with what they have held. */
  readonly belowFloor: number;
}

/** A stored balance that does not follow from the postings. */
export interface BalanceMismatch {
  readonly account: string;
  readonly stored: bigint;
  readonly fromPostings: bigint;
}

/**
 * Where the journal and the state are kept. One writer at a time: whoever took over last. Every method throws
 * StoreUnavailable when the store cannot be reached.
 */
export interface JournalStore {
  /** Makes the caller the one writer, and any earlier one fail at its next append. Throws Fenced if another holds the lock. */
  takeOver(): Promise<Snapshot>;
  /**
   * Stores a batch: all of it or nothing. Throws Fenced when somebody else writes, CommitUnknown when no answer came. May be
   * called again before it has answered, with what follows: batches are stored in the order of the calls, and one that fails
   * makes those behind it fail.
   */
  append(batch: Batch): Promise<void>;
  /** Where the stored journal ends; for finding out whether an append without an answer was done. */
  readHead(): Promise<JournalHead>;
  findClaims(keys: readonly string[]): Promise<ReadonlyMap<string, Claim>>;
  /** Idempotency keys after one, in order of their UTF-8 bytes. */
  readClaimKeys(after: string, limit: number): Promise<readonly string[]>;
  /**
   * Where the kept entries begin: the last one that was archived, sequence 0 while none was. Entries up to it are not read
   * any more: every read that would need them throws Archived.
   */
  readArchive(): Promise<JournalHead>;
  /** Payload of the first entry, also when it was archived; undefined in an empty store. */
  readGenesisText(): Promise<string | undefined>;
  /** Makes room for entries long before the journal has come to where it ends; cheap where there is enough. */
  makeRoom(headSequence: number): Promise<void>;
  /**
   * Puts balances that only entries tell where starts and audits find them without reading entries; changes nothing that can be
   * read. Answers up to which entry that is done, which may be before the end. For any process, at any time.
   */
  settle(): Promise<number>;
  /** Entries in order. `account`: only those with a posting on it. `eventsOnly`: only those that tell the bus something. */
  readEntries(query: {
    readonly afterSequence: number;
    readonly limit: number;
    readonly account?: string;
    readonly eventsOnly?: boolean;
  }): Promise<readonly StoredEntry[]>;
  /** How far the bus has been told. */
  readOutboxCursor(): Promise<number>;
  writeOutboxCursor(sequence: number): Promise<void>;
  /** Sums of the journal after a sequence, and of the balances, read at one moment. */
  readSums(query: {
    readonly asset: string;
    readonly afterSequence: number;
  }): Promise<{ readonly journal: JournalSums; readonly balances: BalanceSums }>;
  /** Compares every stored balance with the sum of its postings; reads the whole journal. At most `limit` findings. */
  findBalanceMismatches(limit: number): Promise<readonly BalanceMismatch[]>;
}

/** What was asked for was archived: it is not read from this store any more. */
export class Archived extends Error {
  override readonly name = 'Archived';
  /** The last entry that is not kept. */
  readonly sequence: number;

  constructor({ sequence }: Pick<JournalHead, 'sequence'>) {
    super(
      `entries up to ${sequence} are archived: read them in the file that they were exported to, or ask from ${sequence + 1} on`,
    );
    this.sequence = sequence;
  }
}

/** Another process writes to this store: stop at once, it is right. */
export class Fenced extends Error {
  override readonly name = 'Fenced';
}

/** The store cannot be reached; nothing was stored by the call. */
export class StoreUnavailable extends Error {
  override readonly name: string = 'StoreUnavailable';
  /** The log tells it without a stack. */
  readonly isOutage = true;
}

/** The connection was lost after COMMIT was sent: the batch is stored or it is not, and only reading tells. */
export class CommitUnknown extends Error {
  override readonly name = 'CommitUnknown';
  /** The log tells it without a stack. */
  readonly isOutage = true;
}

/** The ledger takes nothing at the moment: its queue is full, its store is away, or it has stopped. Try again later. */
export class LedgerUnavailable extends Error {
  override readonly name = 'LedgerUnavailable';
  /** The log tells it without a stack. */
  readonly isOutage = true;
}
