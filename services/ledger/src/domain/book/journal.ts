import { accountKey } from './account.ts';
import { canonicalText } from './canonical-json.ts';
import type { UndoLog, Undoes } from './table.ts';

/** One leg of a money movement. The deltas of an entry's postings sum to zero in each asset. */
export interface Posting {
  readonly account: string;
  readonly asset: string;
  readonly delta: bigint;
  readonly balanceAfter: bigint;
}

/** What an account has held after an entry that changed it. It follows from holds, so the entry's hash does not cover it. */
export interface HeldAfter {
  readonly account: string;
  readonly asset: string;
  readonly held: bigint;
}

/** An idempotency key that an entry takes for ever, with the hash of what was asked under it. */
export interface KeyClaim {
  readonly key: string;
  readonly contentSha256: string;
}

/** Streams of events that leave the ledger, by what they tell of. */
export type EventKind = 'block' | 'subnet' | 'registration' | 'endpoint' | 'epoch-due' | 'epoch-paid';

/** Where an entry's event goes: one subject for each kind and subnet (blocks have no subnet). */
export interface EventAddress {
  readonly kind: EventKind;
  readonly netuid?: number;
}

/** One step of the journal. */
export interface Entry {
  readonly sequence: number;
  readonly block: number;
  readonly kind: string;
  /** RFC 8785 text; what the hash covers. */
  readonly payloadText: string;
  readonly postings: readonly Posting[];
  /** One for each account, in the order of its first change; absent where no account has more or less held than before. */
  readonly held?: readonly HeldAfter[];
  /** Hex of sha256(previous hash, text of block, kind, payload and postings). */
  readonly hash: string;
  readonly event: EventAddress | undefined;
  /** Sequence of the event before this one under the same address; 0 for the first. */
  readonly previousEventSequence: number;
  readonly keys: readonly KeyClaim[];
}

/** What an entry's hash covers beside the hash before. */
export type HashedEntry = Pick<Entry, 'block' | 'kind' | 'payloadText' | 'postings'>;

/**
 * SHA-256, as hex, over the bytes of the previous hash and the canonical JSON of `{block, kind, payload, postings}`, where a posting
 * is `{account, asset, balanceAfter, delta}` with amounts as text. The domain does not hash by itself.
 */
export type ChainHash = (previousHash: string, entry: HashedEntry) => string;

export const GENESIS_PREVIOUS_HASH = '0'.repeat(64);

/** Where a journal stands. */
export interface JournalHead {
  readonly sequence: number;
  readonly hash: string;
}

/** Name of an event address in tables and indexes, such as `epoch-due.7`. */
export function addressName(address: EventAddress): string {
  return address.netuid === undefined ? address.kind : `${address.kind}.${address.netuid}`;
}

/** So many are looked through one by one. */
const HELD_FEW = 8;

/** The end of the journal, and the entries that are not stored yet. */
export class Journal {
  readonly #undo: UndoLog;
  readonly #chainHash: ChainHash;
  readonly #lastEvents = new Map<string, number>();
  #head: JournalHead = { sequence: 0, hash: GENESIS_PREVIOUS_HASH };
  #entries: Entry[] = [];
  #postings: Posting[] = [];
  readonly #lastPosting: Undoes = { undo: () => this.#postings.pop() };
  readonly #lastEntry: Undoes = { undo: (_key, head, postings) => this.#takeBack(head, postings) };
  #held: HeldAfter[] = [];
  /** Their places by account key, once there are many. */
  #heldPlaces: Map<string, number> | undefined;
  readonly #lastHeld: Undoes = { undo: (_key, place, before) => this.#takeBackHeld(place as number, before) };

  constructor(undo: UndoLog, chainHash: ChainHash) {
    this.#undo = undo;
    this.#chainHash = chainHash;
  }

  get head(): JournalHead {
    return this.#head;
  }

  /** Continues a journal that the store holds. */
  restore(head: JournalHead, lastEvents: Iterable<readonly [string, number]>): void {
    this.#head = head;
    for (const [address, sequence] of lastEvents) this.#lastEvents.set(address, sequence);
  }

  /** Adds a leg to the entry that is being made. */
  addPosting(posting: Posting): void {
    this.#postings.push(posting);
    this.#undo.record(this.#lastPosting);
  }

  /** Tells what an account has held from the entry on that is being made; said again of the same account, the last one counts. */
  addHeld(after: HeldAfter): void {
    const place = this.#placeOfHeld(after);
    this.#undo.record(this.#lastHeld, '', place, this.#held[place]);
    this.#held[place] = after;
    this.#heldPlaces?.set(accountKey(after.asset, after.account), place);
  }

  /** Closes the entry that is being made; its postings are those added since the last one. */
  write(draft: {
    readonly block: number;
    readonly kind: string;
    /** Strings, safe integers, booleans, bigint, lists and records of them; or the text of it, as `canonicalText` makes it. */
    readonly payload: object | string;
    readonly event?: EventAddress;
    readonly keys?: readonly KeyClaim[];
  }): Entry {
    assertBalanced(this.#postings);
    const { block, kind, event, keys = [] } = draft;
    const payloadText = typeof draft.payload === 'string' ? draft.payload : canonicalText(draft.payload);
    const postings = this.#postings;
    const hash = this.#chainHash(this.#head.hash, { block, kind, payloadText, postings });
    const previousEventSequence = event === undefined ? 0 : (this.#lastEvents.get(addressName(event)) ?? 0);
    const sequence = this.#head.sequence + 1;
    const entry: Entry =
      this.#held.length === 0
        ? { sequence, block, kind, payloadText, postings, hash, event, previousEventSequence, keys }
        : { sequence, block, kind, payloadText, postings, held: this.#held, hash, event, previousEventSequence, keys };
    this.#append(entry);
    return entry;
  }

  /** The entries that nobody has taken yet, in order; they stay. */
  get untaken(): readonly Entry[] {
    return [...this.#entries];
  }

  /** The entries since the last call, in order. */
  takeEntries(): readonly Entry[] {
    const entries = this.#entries;
    this.#entries = [];
    return entries;
  }

  #append(entry: Entry): void {
    this.#undo.record(this.#lastEntry, '', this.#head, this.#postings);
    this.#head = { sequence: entry.sequence, hash: entry.hash };
    this.#postings = [];
    if (this.#held.length > 0) this.#clearHeld();
    this.#entries.push(entry);
    if (entry.event !== undefined) this.#lastEvents.set(addressName(entry.event), entry.sequence);
  }

  /** The entry keeps the list. */
  #clearHeld(): void {
    const held = this.#held;
    const places = this.#heldPlaces;
    this.#held = [];
    this.#heldPlaces = undefined;
    this.#undo.record({
      undo: () => {
        this.#held = held;
        this.#heldPlaces = places;
      },
    });
  }

  /** Where an account stands among those that have more or less held, or where it would. Most entries have one of them. */
  #placeOfHeld({ account, asset }: HeldAfter): number {
    const held = this.#held;
    if (held.length <= HELD_FEW) {
      const place = held.findIndex((other) => other.account === account && other.asset === asset);
      return place < 0 ? held.length : place;
    }
    this.#heldPlaces ??= new Map(held.map((other, place) => [accountKey(other.asset, other.account), place]));
    return this.#heldPlaces.get(accountKey(asset, account)) ?? held.length;
  }

  /** As `addHeld` recorded it. */
  #takeBackHeld(place: number, before: unknown): void {
    if (before !== undefined) {
      this.#held[place] = before as HeldAfter;
      return;
    }
    const gone = this.#held.pop();
    if (gone !== undefined) this.#heldPlaces?.delete(accountKey(gone.asset, gone.account));
  }

  /** As `#append` recorded them. */
  #takeBack(head: unknown, postings: unknown): void {
    this.#head = head as JournalHead;
    this.#postings = postings as Posting[];
    const entry = this.#entries.pop();
    if (entry?.event !== undefined) this.#lastEvents.set(addressName(entry.event), entry.previousEventSequence);
  }
}

/** An entry whose legs do not sum to zero is a bug, and money would be made of nothing: the process has to stop. */
function assertBalanced(postings: readonly Posting[]): void {
  const [from, to, third] = postings;
  // Two legs of one asset are what nearly every entry has.
  if (third === undefined && from?.asset === to?.asset && (from?.delta ?? 0n) === -(to?.delta ?? 0n)) return;
  const sums = new Map<string, bigint>();
  for (const { asset, delta } of postings) sums.set(asset, (sums.get(asset) ?? 0n) + delta);
  for (const [asset, sum] of sums) {
    if (sum !== 0n) throw new Error(`postings of ${asset} sum to ${sum} instead of zero`);
  }
}
