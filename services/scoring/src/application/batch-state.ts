import type { StoredCommit } from '#domain/commit.ts';
import type { Registration, Subnet } from '#domain/sender.ts';
import type { RowHead } from '#domain/set-weights.ts';
import type { StoredRow } from '#domain/weights.ts';
import {
  type AcceptedBatch,
  commitName,
  type CommitKey,
  type EnvelopeKind,
  type Evidence,
  type RowKey,
  rowName,
  sequenceName,
  type SubmissionFacts,
} from './ports.ts';

/** What any submission of a registration is judged by. */
export interface CommonFacts {
  readonly subnet: Subnet | undefined;
  readonly block: number;
  readonly registration: Registration | undefined;
  readonly hasPermit: boolean;
  readonly lastSequence: bigint;
  readonly knownUids: ReadonlySet<number>;
}

/** What was known before a batch and what its items have changed so far: each item sees those before it. */
export class BatchState {
  readonly #facts: SubmissionFacts;
  readonly #commits = new Map<string, StoredCommit>();
  readonly #rows = new Map<string, RowHead>();
  readonly #sequences = new Map<string, AcceptedBatch['sequences'][number]>();
  readonly #newCommits: AcceptedBatch['commits'][number][] = [];
  readonly #newRows = new Map<string, AcceptedBatch['rows'][number]>();

  constructor(facts: SubmissionFacts) {
    this.#facts = facts;
  }

  factsOf(registrationId: string, kind: EnvelopeKind): CommonFacts {
    const { subnet, block, registrations, permits, knownUids, sequences } = this.#facts;
    const name = sequenceName(registrationId, kind);
    return {
      subnet,
      block,
      registration: registrations.get(registrationId),
      hasPermit: permits.has(registrationId),
      lastSequence: this.#sequences.get(name)?.sequence ?? sequences.get(name) ?? 0n,
      knownUids,
    };
  }

  commit(key: CommitKey): StoredCommit | undefined {
    const name = commitName(key);
    return this.#commits.get(name) ?? this.#facts.commits.get(name);
  }

  row(key: RowKey): RowHead | undefined {
    return this.#rows.get(rowName(key)) ?? this.#facts.rows.get(rowName(key));
  }

  addCommit(commit: StoredCommit, evidence: Evidence): void {
    this.#commits.set(commitName(commit), commit);
    this.#newCommits.push({ commit, evidence });
    this.#raise(commit.registrationId, 'commit', evidence.sequence);
  }

  addRow(
    row: StoredRow,
    from: { readonly kind: 'reveal' | 'set'; readonly hash: string; readonly evidence: Evidence },
  ): void {
    const { hash, evidence } = from;
    const commit = this.commit(row);
    if (from.kind === 'reveal' && commit !== undefined)
      this.#commits.set(commitName(row), { ...commit, revealed: true });
    const { source, interval, block } = row;
    const inForce = this.row(row);
    if (inForce === undefined || isNewer(row, inForce)) {
      this.#rows.set(rowName(row), { source, interval, block, sequence: evidence.sequence, hash });
    }
    // Two rows in the open within one interval are one: the newer.
    this.#newRows.set(`${commitName(row)}/${source}`, { row, hash, evidence });
    this.#raise(row.registrationId, from.kind, evidence.sequence);
  }

  accepted(): AcceptedBatch {
    return {
      commits: this.#newCommits,
      rows: [...this.#newRows.values()],
      sequences: [...this.#sequences.values()],
    };
  }

  #raise(registrationId: string, kind: EnvelopeKind, sequence: bigint): void {
    this.#sequences.set(sequenceName(registrationId, kind), { registrationId, kind, sequence });
  }
}

/** Whether a row takes the place of the one in force: by when it was decided on, not by when it became known. */
function isNewer(row: Pick<RowHead, 'block' | 'interval'>, inForce: Pick<RowHead, 'block' | 'interval'>): boolean {
  return row.block === inForce.block ? row.interval >= inForce.interval : row.block > inForce.block;
}
