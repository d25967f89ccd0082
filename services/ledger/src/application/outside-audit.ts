import { type Finding, Findings } from '#domain/audit/finding.ts';
import type { AuditedEntry } from '#domain/audit/audited-entry.ts';
import { JournalAudit } from '#domain/audit/journal-audit.ts';
import { compareState, type StoredState } from '#domain/audit/stored-state.ts';
import type { ChainHash } from '#domain/book/journal.ts';
import { CheckpointAudit } from './checkpoint-audit.ts';
import type { StoredCheckpoint } from './tree-store.ts';

/** Entries that are read at once. */
const PAGE_ENTRIES = 1000;

/** A ledger's database or a copy of it, read and never written. Throws StoreUnavailable when it cannot be reached. */
export interface AuditSource {
  /** Entries after a sequence, in order. */
  readEntries(query: { readonly afterSequence: number; readonly limit: number }): Promise<readonly AuditedEntry[]>;
  readCheckpoint(): Promise<StoredCheckpoint | undefined>;
  /** The journal after a sequence, at most `limit` entries of it, and what is stored beside it, all of one moment. */
  readMoment(query: {
    readonly afterSequence: number;
    readonly limit: number;
  }): Promise<StoredState & { readonly entries: readonly AuditedEntry[] }>;
}

export interface OutsideAuditResult {
  readonly findings: readonly Finding[];
  /** Entries that were followed since the first one. */
  readonly entries: number;
  readonly headHash: string;
  readonly accounts: number;
  /** The newest signed checkpoint that was held against the entries; undefined when there is none. */
  readonly checkpoint: StoredCheckpoint | undefined;
}

/**
 * Judges a ledger from outside: its whole journal at the first audit, and what is new at each later one. What is changed in
 * a part that has been followed shows at the next audit from the first entry, and in balances and roots before.
 */
export class OutsideAudit {
  readonly #source: AuditSource;
  readonly #journal: JournalAudit;
  readonly #tree = new CheckpointAudit();
  /** What somebody kept of an earlier day; the journal has to hold it too. */
  readonly #kept: StoredCheckpoint | undefined;

  constructor(source: AuditSource, chainHash: ChainHash, kept?: StoredCheckpoint) {
    this.#source = source;
    this.#journal = new JournalAudit(chainHash);
    this.#kept = kept;
  }

  /** Only an audit from the first entry can judge the newest checkpoint. */
  get isStale(): boolean {
    return this.#tree.isStale;
  }

  /** Judges what is new. */
  async audit(): Promise<OutsideAuditResult> {
    const findings = new Findings();
    if (this.#kept !== undefined && this.#journal.head.sequence === 0) {
      this.#tree.expect('somebody kept', this.#kept, findings);
    }
    // Before the entries, so that those which it covers are among them.
    const checkpoint = await this.#source.readCheckpoint();
    if (checkpoint !== undefined) this.#tree.expect('the ledger signed', checkpoint, findings);
    const query = () => ({ afterSequence: this.#journal.head.sequence, limit: PAGE_ENTRIES });
    let page = await this.#source.readEntries(query());
    for (; page.length === PAGE_ENTRIES; page = await this.#source.readEntries(query())) this.#take(page, findings);
    this.#take(page, findings);
    // What is stored beside the journal is compared where the journal has been followed to the end of the same moment.
    let moment = await this.#source.readMoment(query());
    for (; moment.entries.length === PAGE_ENTRIES; moment = await this.#source.readMoment(query())) {
      this.#take(moment.entries, findings);
    }
    this.#take(moment.entries, findings);
    compareState(this.#journal, moment, findings);
    this.#tree.end(this.#journal.head.sequence, findings);
    return {
      findings: findings.all,
      entries: this.#journal.head.sequence,
      headHash: this.#journal.head.hash,
      accounts: this.#journal.balances.size,
      checkpoint,
    };
  }

  #take(entries: readonly AuditedEntry[], findings: Findings): void {
    for (const entry of entries) this.#journal.take(entry, findings);
    this.#tree.take(entries, findings);
  }
}
