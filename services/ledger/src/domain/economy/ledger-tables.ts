import type { AnyTable } from '../book/table.ts';
import type { PaidEpoch } from '../calculators/paid-epochs.ts';
import { Book } from '../book/book.ts';
import { Claims } from '../book/claims.ts';
import { type ChainHash, Journal } from '../book/journal.ts';
import { IndexedTable } from '../book/indexed-table.ts';
import { Table, UndoLog } from '../book/table.ts';
import { GovernanceState } from '../governance/governance-state.ts';
import type { Watched } from '../governance/stake-history.ts';
import type { Admissions, InvitationUse } from '../mandates/admission.ts';
import type { ChildTake, Children, Parent, PendingChildren } from '../children/links.ts';
import type { Scheme } from '../keys/scheme.ts';
import type { ColdkeySwap } from '../keys/swap-bar.ts';
import type { EndedRegistration } from '../slashing/ended-registrations.ts';
import { type Slash, slashGroups, type SlashTrace, traceGroups } from '../slashing/slash.ts';
import {
  type AutoStake,
  autoStakeGroups,
  type MovedBond,
  movedGroups,
  type Unbonding,
  unbondingGroups,
} from '../unbonding/bond.ts';
import type { MarketUse, RootShares } from './emission-state.ts';
import type { PoolRecord } from '../pools/pool.ts';
import type { Genesis } from './genesis.ts';
import type { MandateRecord } from './mandate.ts';
import { type Neuron, type RegistrationRecord } from './neuron.ts';
import type { SealedEpoch } from './sealed-epoch.ts';
import type { SessionRecord } from './session.ts';
import type { Position, Round, SharePool } from './share-pool.ts';
import type { Subnet } from './subnet.ts';
import type { Take } from './take.ts';
import type { Challenge } from '../life/challenge.ts';
import type { CreationPrice } from '../life/creation-lock.ts';

/** The network as a whole. */
export interface NetworkRecord {
  readonly genesis: Genesis;
  readonly block: number;
  /** Hash of the entry that produced the block. */
  readonly blockHash: string;
  /** Rao that genesis issued. */
  readonly genesisIssued: bigint;
  /** Rao that blocks minted. */
  readonly rewards: bigint;
  readonly lastNetuid: number;
  /** Stake answers for nothing that was done before; absent: since the beginning. */
  readonly answersFromBlock?: number;
}

/** All that a ledger remembers, in tables whose changes can be taken back and are stored with the entry that made them. */
export class LedgerTables {
  readonly journal: Journal;
  readonly book: Book;
  readonly claims: Claims;
  readonly subnets: Table<Subnet>;
  /** netuid by handle. */
  readonly handles: Table<number>;
  readonly neurons: Table<Neuron>;
  readonly registrations: Table<RegistrationRecord>;
  /** Owner coldkey by hotkey, for ever. */
  readonly hotkeys: Table<string>;
  readonly mandates: Table<MandateRecord>;
  /** Epochs that are sealed and not paid, by netuid. */
  readonly sealed: Table<SealedEpoch>;
  /** What the root network agreed on last; empty where there is none. */
  readonly rootShares: Table<RootShares>;
  /** Spending sessions by wallet and id; revoked ones too, until they would have ended. */
  readonly sessions: Table<SessionRecord>;
  /** Ids of a wallet's sessions that have not ended. */
  readonly sessionLists: Table<readonly string[]>;
  /** Rao that billing accounts may owe by their floors, in one row. */
  protected readonly creditLines: Table<bigint>;
  /** Burned fees that emission has yet to follow, by netuid; empty unless blocks are split by use. */
  readonly use: Table<MarketUse>;
  /** Pools of what is delegated to a hotkey in a subnet, by both. */
  readonly sharePools: Table<SharePool>;
  /** Shares of rounds that were not claimed yet, by pool and round. */
  readonly shareRounds: Table<Round>;
  /** What a wallet has in a pool, by pool and wallet. */
  readonly delegations: Table<Position>;
  /** Where a wallet has delegated to. */
  readonly delegationLists: Table<readonly { readonly netuid: number; readonly hotkey: string }[]>;
  /** By hotkey; only of those whose owner has set one. */
  readonly takes: Table<Take>;
  /** Pools of subnets' tokens, by netuid; empty where subnets have none. */
  readonly pools: Table<PoolRecord>;
  readonly governance: GovernanceState;
  /** Who asked to register, and whom the owner has let in, by netuid. */
  readonly admissions: Table<Admissions>;
  /** Uses of invitations, by netuid and hash. */
  readonly invitations: Table<InvitationUse>;
  /** To whom a hotkey gives its stake, by netuid and hotkey. */
  readonly children: Table<Children>;
  /** Who gives stake to a hotkey, by netuid and hotkey. */
  readonly parents: Table<readonly Parent[]>;
  /** Changes of children that wait for their block, by netuid. */
  readonly pendingChildren: Table<readonly PendingChildren[]>;
  /** What a child keeps of what its parents' stake earns, by netuid and hotkey. */
  readonly childTakes: Table<ChildTake>;
  /** Announced swaps of coldkeys, by the old one. */
  readonly coldkeySwaps: Table<ColdkeySwap>;
  /** The hotkey under whose name what was delegated lies, by netuid and the hotkey that has it now. */
  readonly poolNames: Table<string>;
  /** The other way round: the hotkey that has it now. */
  readonly poolHolders: Table<string>;
  /** Block of the last swap, by netuid and coldkey. */
  readonly hotkeySwaps: Table<number>;
  /** How a wallet signs, from its first signature on. */
  readonly schemes: Table<Scheme>;
  /** What has left a neuron and is not released yet, by the sequence of the entry that began it. */
  readonly unbondings: IndexedTable<Unbonding>;
  /** What was moved to another neuron and still answers for the first one, by number. */
  readonly movedBonds: IndexedTable<MovedBond>;
  readonly slashes: IndexedTable<Slash>;
  /** What is left of slashes that have left that table. */
  readonly slashTraces: IndexedTable<SlashTrace>;
  /** Registrations that are over and may still be slashed, oldest first, by place. */
  readonly endedRegistrations: Table<readonly EndedRegistration[]>;
  /** First block of which something is still due, by table; only where one block was not enough. */
  readonly dueBacklogs: Table<number>;
  /** Registrations whose earnings are staked, by place. */
  readonly autoStakes: IndexedTable<AutoStake>;
  protected readonly counters: Table<number>;
  /** Newcomers that wait for the place of somebody who has notice, by netuid. */
  readonly challenges: Table<readonly Challenge[]>;
  /** Keys of delegations that a subnet's end still has to give back, by netuid and slice. */
  readonly dissolving: Table<readonly string[]>;
  /** What the last subnet cost, in one row; empty where subnets are free. */
  readonly creationPrices: Table<CreationPrice>;
  /** What epochs of late paid, for calculators; a ring of rows by netuid. */
  readonly paidEpochs: Table<PaidEpoch>;
  /** Last sequence that a key used, by type and key. */
  readonly sequences: Table<number>;
  protected readonly networks: Table<NetworkRecord>;
  protected readonly undo = new UndoLog();

  constructor(chainHash: ChainHash) {
    this.governance = new GovernanceState(this.undo);
    const { history, places } = this.governance;
    const noted = (table: Watched) => (key: string, before: unknown) => history.note(table, key, before);
    this.journal = new Journal(this.undo, chainHash);
    this.book = new Book(this.undo, this.journal, (_id, before, after) => this.governance.onAccount(before, after));
    this.claims = new Claims(this.undo);
    this.subnets = new Table<Subnet>('subnets', this.undo);
    this.handles = new Table<number>('handles', this.undo);
    this.neurons = new Table<Neuron>('neurons', this.undo);
    this.registrations = new Table<RegistrationRecord>('registrations', this.undo, (key) => places.onRegistration(key));
    this.hotkeys = new Table<string>('hotkeys', this.undo, (hotkey, before, owner) => {
      history.note('hotkeys', hotkey, before);
      places.onHotkey(hotkey, owner);
    });
    this.mandates = new Table<MandateRecord>('mandates', this.undo);
    this.sealed = new Table<SealedEpoch>('sealed', this.undo);
    this.rootShares = new Table<RootShares>('root-shares', this.undo);
    this.use = new Table<MarketUse>('use', this.undo);
    this.sequences = new Table<number>('sequences', this.undo);
    this.sessions = new Table<SessionRecord>('sessions', this.undo);
    this.sessionLists = new Table<readonly string[]>('session-lists', this.undo);
    this.sharePools = new Table<SharePool>('share-pools', this.undo, noted('share-pools'));
    this.shareRounds = new Table<Round>('share-rounds', this.undo, noted('share-rounds'));
    this.delegations = new Table<Position>('delegations', this.undo, noted('delegations'));
    this.delegationLists = new Table<readonly { readonly netuid: number; readonly hotkey: string }[]>(
      'delegation-lists',
      this.undo,
      noted('delegation-lists'),
    );
    this.takes = new Table<Take>('takes', this.undo);
    this.pools = new Table<PoolRecord>('pools', this.undo);
    this.admissions = new Table<Admissions>('admissions', this.undo);
    this.invitations = new Table<InvitationUse>('invitations', this.undo);
    this.children = new Table<Children>('children', this.undo);
    this.parents = new Table<readonly Parent[]>('parents', this.undo);
    this.pendingChildren = new Table<readonly PendingChildren[]>('pending-children', this.undo);
    this.childTakes = new Table<ChildTake>('child-takes', this.undo);
    this.coldkeySwaps = new Table<ColdkeySwap>('coldkey-swaps', this.undo);
    this.poolNames = new Table<string>('pool-names', this.undo);
    this.poolHolders = new Table<string>('pool-holders', this.undo);
    this.hotkeySwaps = new Table<number>('hotkey-swaps', this.undo);
    this.schemes = new Table<Scheme>('schemes', this.undo);
    this.unbondings = new IndexedTable('unbondings', this.undo, unbondingGroups);
    this.movedBonds = new IndexedTable('moved-bonds', this.undo, movedGroups);
    this.slashes = new IndexedTable('slashes', this.undo, slashGroups);
    this.slashTraces = new IndexedTable('slash-traces', this.undo, traceGroups);
    this.endedRegistrations = new Table<readonly EndedRegistration[]>('ended-registrations', this.undo);
    this.dueBacklogs = new Table<number>('due-backlogs', this.undo);
    this.autoStakes = new IndexedTable('auto-stakes', this.undo, autoStakeGroups);
    this.counters = new Table<number>('counters', this.undo);
    this.challenges = new Table<readonly Challenge[]>('challenges', this.undo);
    this.dissolving = new Table<readonly string[]>('dissolving', this.undo);
    this.creationPrices = new Table<CreationPrice>('creation-prices', this.undo);
    this.paidEpochs = new Table<PaidEpoch>('paid-epochs', this.undo);
    this.creditLines = new Table<bigint>('credit-lines', this.undo);
    this.networks = new Table<NetworkRecord>('network', this.undo);
  }

  /** The tables whose rows the store keeps as documents; accounts and holds have tables of their own there. */
  get documents(): readonly AnyTable[] {
    return [
      this.subnets,
      this.handles,
      this.neurons,
      this.registrations,
      this.hotkeys,
      this.mandates,
      this.sealed,
      this.rootShares,
      this.use,
      this.sequences,
      this.sessions,
      this.sessionLists,
      this.sharePools,
      this.shareRounds,
      this.delegations,
      this.delegationLists,
      this.takes,
      this.pools,
      ...this.governance.documents,
      this.admissions,
      this.invitations,
      this.children,
      this.parents,
      this.pendingChildren,
      this.childTakes,
      this.coldkeySwaps,
      this.poolNames,
      this.poolHolders,
      this.hotkeySwaps,
      this.schemes,
      this.unbondings,
      this.movedBonds,
      this.slashes,
      this.slashTraces,
      this.endedRegistrations,
      this.dueBacklogs,
      this.autoStakes,
      this.counters,
      this.challenges,
      this.dissolving,
      this.creationPrices,
      this.paidEpochs,
      this.book.terms,
      this.creditLines,
      this.networks,
    ];
  }
}
