import type { Account } from '../book/account.ts';
import { GroupedTable } from '../book/grouped-table.ts';
import { type AnyTable, Table, type UndoLog, type Undoes } from '../book/table.ts';
import type { EmissionPolicy } from '../economy/genesis.ts';
import type { Grant } from './grant.ts';
import { PlaceIndex } from './place-index.ts';
import type { Ballot, Proposal } from './proposal.ts';
import { isStake, StakeHistory } from './stake-history.ts';

/** What governance remembers in one row. */
export interface GovernanceRecord {
  readonly lastProposal: number;
  /** Ids that are voted on, ascending. */
  readonly voting: readonly number[];
  /** Ids that wait for their time lock. */
  readonly queued: readonly number[];
  /** Ids that are over, oldest first. */
  readonly over: readonly number[];
  /** Ids whose votes are being taken away. */
  readonly sweeping: readonly number[];
  /** Grants that are not paid out. */
  readonly grants: readonly number[];
  /** Rao of the network's account of which the treasury has had its part. */
  readonly feesSeen: bigint;
  /** An emission policy that was voted for and whose block is to come. */
  readonly nextEmission?: { readonly proposal: number; readonly policy: EmissionPolicy; readonly fromBlock: number };
}

const RECORD_KEY = 'governance';
const NOTHING: GovernanceRecord = {
  lastProposal: 0,
  voting: [],
  queued: [],
  over: [],
  sweeping: [],
  grants: [],
  feesSeen: 0n,
};

/** Tables of proposals, votes and grants. All are empty where genesis has no governance. */
export class GovernanceState {
  readonly history: StakeHistory;
  readonly places = new PlaceIndex();
  readonly proposals: Table<Proposal>;
  /** By proposal and wallet. */
  readonly ballots: GroupedTable<Ballot>;
  /** Rao of a pool that does not vote with its hotkey's owner, by proposal and pool. */
  readonly claimed: GroupedTable<bigint>;
  /** Proposals whose time comes with a block. */
  readonly due: Table<readonly number[]>;
  /** Whom a wallet named to vote with its stake. */
  readonly voteDelegates: Table<string>;
  /** Wallets that named one. */
  readonly represented: Table<readonly string[]>;
  readonly grants: Table<Grant>;
  readonly #records: Table<GovernanceRecord>;
  readonly #undo: UndoLog;
  readonly #stakedBack: Undoes = {
    undo: (_key, delta) => {
      this.#staked = (this.#staked ?? 0n) - (delta as bigint); // as it was recorded
    },
  };
  /** Rao of all stake that counts; unknown until somebody asks. */
  #staked: bigint | undefined;

  constructor(undo: UndoLog) {
    this.#undo = undo;
    this.history = new StakeHistory(undo);
    const { history } = this;
    this.proposals = new Table<Proposal>('proposals', undo);
    this.ballots = new GroupedTable<Ballot>('ballots', undo);
    this.claimed = new GroupedTable<bigint>('claimed-pools', undo);
    this.due = new Table<readonly number[]>('proposals-due', undo);
    this.voteDelegates = new Table<string>('vote-delegates', undo, (key, before) =>
      history.note('vote-delegates', key, before),
    );
    this.represented = new Table<readonly string[]>('represented', undo, (key, before) =>
      history.note('represented', key, before),
    );
    this.grants = new Table<Grant>('grants', undo);
    this.#records = new Table<GovernanceRecord>('governance', undo);
  }

  get documents(): readonly AnyTable[] {
    return [
      this.history.kept.table,
      this.history.snapshots,
      this.proposals,
      this.ballots.table,
      this.claimed.table,
      this.due,
      this.voteDelegates,
      this.represented,
      this.grants,
      this.#records,
    ];
  }

  get record(): GovernanceRecord {
    return this.#records.get(RECORD_KEY) ?? NOTHING;
  }

  set record(record: GovernanceRecord) {
    this.#records.put(RECORD_KEY, record);
  }

  /** Before a balance changes. */
  onAccount(before: Account | undefined, after: Account | undefined): void {
    if (after === undefined || !isStake(after.id)) return;
    this.history.noteAccount(before, after);
    if (this.#staked === undefined) return;
    const delta = after.posted - (before?.posted ?? 0n);
    this.#staked += delta;
    this.#undo.record(this.#stakedBack, '', delta);
  }

  /** All stake that counts. The first question reads all accounts; a ledger that starts asks it before it serves. */
  staked(accounts: () => Iterable<Account>): bigint {
    if (this.#staked !== undefined) return this.#staked;
    let sum = 0n;
    for (const { id, posted } of accounts()) if (isStake(id)) sum += posted;
    this.#staked = sum;
    return sum;
  }

  proposal(id: number): Proposal | undefined {
    return this.proposals.get(String(id));
  }

  putProposal(proposal: Proposal): void {
    this.proposals.put(String(proposal.id), proposal);
  }

  grant(id: number): Grant | undefined {
    return this.grants.get(String(id));
  }
}
