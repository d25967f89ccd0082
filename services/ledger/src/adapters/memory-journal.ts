import { type Account, accountKey, BURNED, MINT } from '#domain/book/account.ts';
import type { Claim } from '#domain/book/claims.ts';
import type { Hold } from '#domain/book/hold.ts';
import { addressName, type Entry, GENESIS_PREVIOUS_HASH, type JournalHead } from '#domain/book/journal.ts';
import { type Batch, Fenced, type JournalStore, type Snapshot, type StoredEntry } from '#application/ports.ts';

/** What the memory stores of one database share; pass it to a second store to play a second process. */
export interface MemoryDatabase {
  readonly entries: Entry[];
  readonly accounts: Map<string, Account>;
  readonly holds: Map<string, Hold>;
  readonly documents: Map<string, { readonly table: string; readonly key: string; readonly row: unknown }>;
  readonly claims: Map<string, Claim>;
  writerEpoch: number;
  outboxCursor: number;
}

export function memoryDatabase(): MemoryDatabase {
  return {
    entries: [],
    accounts: new Map(),
    holds: new Map(),
    documents: new Map(),
    claims: new Map(),
    writerEpoch: 0,
    outboxCursor: 0,
  };
}

/** A journal in memory, for simulations and tests of use cases. It passes the contract of the real ones. */
export function memoryJournal(database: MemoryDatabase = memoryDatabase()): JournalStore {
  let epoch = 0;
  return {
    takeOver: async () => {
      database.writerEpoch += 1;
      epoch = database.writerEpoch;
      return snapshotOf(database);
    },
    append: async (batch) => appendTo(database, batch, epoch),
    readHead: async () => headOf(database),
    findClaims: async (keys) => {
      const found = new Map<string, Claim>();
      for (const key of keys) {
        const claim = database.claims.get(key);
        if (claim !== undefined) found.set(key, claim);
      }
      return found;
    },
    readClaimKeys: async (after, limit) =>
      [...database.claims.keys()]
        .filter((key) => key > after)
        .toSorted()
        .slice(0, limit),
    readArchive: async () => NOTHING_ARCHIVED,
    readGenesisText: async () => database.entries[0]?.payloadText,
    makeRoom: async () => {},
    settle: async () => headOf(database).sequence,
    readEntries: async ({ afterSequence, limit, account, eventsOnly }) =>
      database.entries
        .slice(afterSequence)
        .filter((entry) => account === undefined || entry.postings.some((posting) => posting.account === account))
        .filter((entry) => eventsOnly !== true || entry.event !== undefined)
        .slice(0, limit)
        .map(storedOf),
    readOutboxCursor: async () => database.outboxCursor,
    writeOutboxCursor: async (sequence) => {
      database.outboxCursor = sequence;
    },
    readSums: async ({ asset, afterSequence }) => sumsOf(database, asset, afterSequence),
    findBalanceMismatches: async (limit) => mismatchesOf(database).slice(0, limit),
  };
}

/** All of it is kept here. */
const NOTHING_ARCHIVED: JournalHead = { sequence: 0, hash: GENESIS_PREVIOUS_HASH };

function headOf(database: MemoryDatabase): JournalHead {
  const last = database.entries.at(-1);
  return { sequence: last?.sequence ?? 0, hash: last?.hash ?? GENESIS_PREVIOUS_HASH };
}

function appendTo(database: MemoryDatabase, batch: Batch, epoch: number): void {
  const head = headOf(database);
  if (
    epoch !== database.writerEpoch ||
    head.sequence !== batch.previous.sequence ||
    head.hash !== batch.previous.hash
  ) {
    throw new Fenced('another writer took over');
  }
  const taken = batch.entries.flatMap((entry) => entry.keys).find(({ key }) => database.claims.has(key));
  if (taken !== undefined) throw new Fenced(`key ${taken.key} is taken already`);
  database.entries.push(...batch.entries);
  for (const entry of batch.entries) {
    for (const { key, contentSha256 } of entry.keys) {
      database.claims.set(key, { sequence: entry.sequence, contentSha256 });
    }
  }
  for (const { key, row } of batch.accounts) setOrDelete(database.accounts, key, row);
  for (const { key, row } of batch.holds) setOrDelete(database.holds, key, row);
  for (const { table, key, row } of batch.documents) {
    setOrDelete(database.documents, `${table}/${key}`, row === undefined ? undefined : { table, key, row });
  }
}

function setOrDelete<Row>(rows: Map<string, Row>, key: string, row: Row | undefined): void {
  if (row === undefined) rows.delete(key);
  else rows.set(key, row);
}

function snapshotOf(database: MemoryDatabase): Snapshot {
  const lastEvents = new Map<string, number>();
  for (const entry of database.entries) {
    if (entry.event !== undefined) lastEvents.set(addressName(entry.event), entry.sequence);
  }
  return {
    head: headOf(database),
    lastEvents: [...lastEvents],
    accounts: Array.from(database.accounts.values(), (account) => ({ ...account })),
    holds: [...database.holds.values()],
    documents: [...database.documents.values()],
  };
}

function storedOf(entry: Entry): StoredEntry {
  const { keys: _keys, event, held: _held, ...stored } = entry;
  return { ...stored, eventAddress: event === undefined ? undefined : addressName(event) };
}

function sumsOf(database: MemoryDatabase, asset: string, afterSequence: number) {
  const postings = database.entries
    .slice(afterSequence)
    .flatMap((entry) => entry.postings.map((posting) => ({ ...posting, kind: entry.kind })))
    .filter((posting) => posting.asset === asset);
  const sum = (wanted: (posting: (typeof postings)[number]) => boolean): bigint =>
    postings.filter(wanted).reduce((total, posting) => total + posting.delta, 0n);
  const accounts = [...database.accounts.values()].filter((account) => account.asset === asset);
  const balance = (wanted: (account: Account) => boolean): bigint =>
    accounts.filter(wanted).reduce((total, account) => total + account.posted, 0n);
  return {
    journal: {
      lastSequence: headOf(database).sequence,
      genesis: -sum((posting) => posting.account === MINT && posting.kind === 'Genesis'),
      rewards: -sum((posting) => posting.account === MINT && posting.kind === 'Block'),
      burned: sum((posting) => posting.account === BURNED),
      deltas: sum(() => true),
    },
    balances: {
      mint: balance((account) => account.id === MINT),
      burned: balance((account) => account.id === BURNED),
      others: balance((account) => account.id !== MINT && account.id !== BURNED),
      otherAssets: otherAssetsOf(database, asset),
      heldApart: heldApartOf(database),
      belowFloor: belowFloorOf(database),
    },
  };
}

function otherAssetsOf(database: MemoryDatabase, asset: string): bigint {
  const totals = new Map<string, bigint>();
  for (const account of database.accounts.values()) {
    totals.set(account.asset, (totals.get(account.asset) ?? 0n) + account.posted);
  }
  totals.delete(asset);
  return [...totals.values()].reduce((sum, total) => sum + (total < 0n ? -total : total), 0n);
}

function heldApartOf({ accounts, holds }: MemoryDatabase): number {
  const reserved = new Map<string, bigint>();
  for (const { asset, account, remaining } of holds.values()) {
    const key = accountKey(asset, account);
    reserved.set(key, (reserved.get(key) ?? 0n) + remaining);
  }
  const keys = new Set([...reserved.keys(), ...accounts.keys()]);
  return [...keys].filter((key) => (accounts.get(key)?.held ?? 0n) !== (reserved.get(key) ?? 0n)).length;
}

function belowFloorOf({ accounts, documents }: MemoryDatabase): number {
  const floorOf = (key: string): bigint =>
    (documents.get(`account-terms/${key}`)?.row as { readonly floor: bigint } | undefined)?.floor ?? 0n;
  return [...accounts].filter(([key, { id, posted, held }]) => id !== MINT && posted - held < floorOf(key)).length;
}

function mismatchesOf(database: MemoryDatabase) {
  const sums = new Map<string, bigint>();
  for (const { account, asset, delta } of database.entries.flatMap((entry) => entry.postings)) {
    const key = accountKey(asset, account);
    sums.set(key, (sums.get(key) ?? 0n) + delta);
  }
  const keys = new Set([...sums.keys(), ...database.accounts.keys()]);
  return [...keys].toSorted().flatMap((key) => {
    const stored = database.accounts.get(key)?.posted ?? 0n;
    const fromPostings = sums.get(key) ?? 0n;
    return stored === fromPostings ? [] : [{ account: key, stored, fromPostings }];
  });
}
