import type { Hashes } from '#domain/economy/ledger.ts';
import { type Incidents, NO_INCIDENTS } from './incidents.ts';
import {
  Archived,
  type BalanceMismatch,
  type BalanceSums,
  type JournalStore,
  type JournalSums,
  StoreUnavailable,
} from './ports.ts';

/** Entries that are read at once while the chain is verified. */
const PAGE_ENTRIES = 500;
const FINDINGS_MAX = 20;

/** What must hold of the money; each is a metric's label. */
export type Invariant =
  | 'conservation'
  | 'postings_balance'
  | 'mint_equals_issued'
  | 'burned_is_kept'
  /** Nothing is issued above genesis' cap. */
  | 'cap_holds'
  /** No account is negative beyond what it was allowed. */
  | 'floors_hold'
  /** What accounts have held is what open holds reserve. */
  | 'holds_match'
  /** The audit from outside found nothing, or a person has cleared it. */
  | 'outside_audit';

/** What the network's token is, by genesis. */
export interface AuditedMoney {
  readonly symbol: string;
  /** Rao. */
  readonly cap: bigint;
}

/** What an audit found. Money in rao. */
export interface AuditResult {
  readonly entries: number;
  readonly genesis: bigint;
  readonly issued: bigint;
  readonly burned: bigint;
  /** Balances less (genesis + rewards − burned): zero, or money was created or lost. Of the network's token. */
  readonly difference: bigint;
  readonly broken: readonly Invariant[];
}

/** What a verification of the whole journal found. */
export interface ChainResult {
  readonly verified: boolean;
  /** 0: none. */
  readonly firstBrokenSequence: number;
  readonly findings: readonly string[];
}

const NOTHING_SEEN: JournalSums = { lastSequence: 0, genesis: 0n, rewards: 0n, burned: 0n, deltas: 0n };

/**
 * Compares the stored balances with what genesis, blocks and burns say they must be. The journal is summed once and from
 * then on only its new part, so that the audit can run all the time.
 */
export class Auditor {
  readonly #store: JournalStore;
  readonly #money: AuditedMoney;
  readonly #incidents: Pick<Incidents, 'countOpen'>;
  #seen = NOTHING_SEEN;
  #conserved = false;
  #last: Promise<unknown> = Promise.resolve();

  constructor(store: JournalStore, money: AuditedMoney, incidents: Pick<Incidents, 'countOpen'> = NO_INCIDENTS) {
    this.#store = store;
    this.#money = money;
    this.#incidents = incidents;
  }

  /** False before the first audit, and once one has failed, until one succeeds: payouts stop meanwhile. */
  get isConserved(): boolean {
    return this.#conserved;
  }

  /** Audits up to the journal's present end, one audit after the other: two at once would count the same part twice. */
  audit(): Promise<AuditResult> {
    const turn = this.#last.then(() => this.#auditNow());
    this.#last = turn.catch(() => {}); // the caller has the error; the next one only waits for its end
    return turn;
  }

  async #auditNow(): Promise<AuditResult> {
    const open = await this.#incidents.countOpen();
    const { journal, balances } = await this.#readSums();
    this.#seen = {
      lastSequence: journal.lastSequence,
      genesis: this.#seen.genesis + journal.genesis,
      rewards: this.#seen.rewards + journal.rewards,
      burned: this.#seen.burned + journal.burned,
      deltas: this.#seen.deltas + journal.deltas,
    };
    const judged = judge(this.#seen, balances, this.#money.cap);
    const result: AuditResult = open === 0 ? judged : { ...judged, broken: [...judged.broken, 'outside_audit'] };
    this.#conserved = result.broken.length === 0;
    return result;
  }

  /** What it had not summed when it was archived is told from the first entry on alone. */
  async #readSums(): ReturnType<JournalStore['readSums']> {
    const read = () => this.#store.readSums({ asset: this.#money.symbol, afterSequence: this.#seen.lastSequence });
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof Archived)) throw error;
      this.#seen = NOTHING_SEEN;
      return await read();
    }
  }
}

/** Compares two independent accounts of the same money. @param cap rao */
export function judge(journal: JournalSums, balances: BalanceSums, cap: bigint): AuditResult {
  const issued = journal.genesis + journal.rewards;
  const difference = balances.others - (issued - journal.burned);
  const rules: readonly (readonly [Invariant, boolean])[] = [
    ['conservation', difference === 0n && balances.otherAssets === 0n],
    ['postings_balance', journal.deltas === 0n],
    ['mint_equals_issued', balances.mint === -issued],
    ['burned_is_kept', balances.burned === journal.burned],
    ['cap_holds', issued <= cap],
    ['floors_hold', balances.belowFloor === 0],
    ['holds_match', balances.heldApart === 0],
  ];
  return {
    entries: journal.lastSequence,
    genesis: journal.genesis,
    issued,
    burned: journal.burned,
    difference,
    broken: rules.filter(([, holds]) => !holds).map(([name]) => name),
  };
}

/** Audits in intervals until the signal is aborted. */
export async function runAudits(options: {
  readonly auditor: Auditor;
  readonly everyMs: number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
  readonly onResult: (result: AuditResult) => void;
  readonly onFailure: (error: unknown) => void;
}): Promise<void> {
  while (!options.signal.aborted) {
    try {
      options.onResult(await options.auditor.audit());
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      options.onFailure(error);
    }
    await options.sleep(options.everyMs, options.signal);
  }
}

/**
 * Recomputes every entry's hash and every balance from the journal. Reads all of it that is not archived.
 *
 * @param pause after each page, where others wait for the same thread.
 */
export async function verifyJournal(
  store: JournalStore,
  hashes: Pick<Hashes, 'chain'>,
  pause: () => Promise<void> = async () => {},
): Promise<ChainResult> {
  const broken = await firstBrokenEntry(store, hashes, pause);
  const mismatches = await store.findBalanceMismatches(FINDINGS_MAX);
  return {
    verified: broken === undefined && mismatches.length === 0,
    firstBrokenSequence: broken?.sequence ?? 0,
    findings: [...(broken === undefined ? [] : [broken.finding]), ...mismatches.map(describe)],
  };
}

async function firstBrokenEntry(
  store: JournalStore,
  hashes: Pick<Hashes, 'chain'>,
  pause: () => Promise<void>,
): Promise<{ readonly sequence: number; readonly finding: string } | undefined> {
  // What is written while this runs is for the next verification.
  const head = await store.readHead();
  let previous = await store.readArchive();
  while (previous.sequence < head.sequence) {
    const page = await store.readEntries({ afterSequence: previous.sequence, limit: PAGE_ENTRIES });
    if (page.length === 0) return missing(previous.sequence + 1);
    for (const entry of page) {
      if (entry.sequence !== previous.sequence + 1) return missing(previous.sequence + 1);
      if (hashes.chain(previous.hash, entry) !== entry.hash) {
        return { sequence: entry.sequence, finding: `entry ${entry.sequence} does not have the hash of its content` };
      }
      previous = { sequence: entry.sequence, hash: entry.hash };
      if (entry.sequence === head.sequence && entry.hash !== head.hash) {
        return { sequence: entry.sequence, finding: `the journal was left at another entry ${head.sequence}` };
      }
    }
    await pause();
  }
  return undefined;
}

function missing(sequence: number): { readonly sequence: number; readonly finding: string } {
  return { sequence, finding: `entry ${sequence} is missing` };
}

function describe(mismatch: BalanceMismatch): string {
  return `${mismatch.account} holds ${mismatch.stored}, its postings sum to ${mismatch.fromPostings}`;
}
