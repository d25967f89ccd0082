import type { RegistrationType } from './market.ts';

/** What the page gets as JSON. Every amount carries its text; rao stay decimal strings so that nothing is rounded. */

/** Money as the page shows and sorts it. */
export interface MoneyView {
  /** Smallest units, decimal string. */
  readonly rao: string;
  /** For people: `7.405 TAO`. */
  readonly text: string;
}

/** Head of every page. */
export interface NetworkView {
  readonly networkId: string;
  readonly symbol: string;
  readonly block: number;
  readonly blockTimeMs: number;
  readonly blockReward: MoneyView;
  readonly issued: MoneyView;
  readonly burned: MoneyView;
  readonly cap: MoneyView;
  readonly journalEntries: number;
  readonly subnets: readonly SubnetView[];
}

/** One row of the subnets list. */
export interface SubnetView {
  readonly netuid: number;
  readonly handle: string;
  readonly owner: string;
  readonly emission: 'Started' | 'Held';
  readonly registration: RegistrationType;
  readonly neurons: number;
  /** Last sealed epoch; 0 before the first. */
  readonly epoch: number;
  readonly epochBlock: number;
  readonly paidEpoch: number;
  readonly nextEpochBlock: number;
  /** Blocks until the next epoch may be sealed; 0 when it is due. */
  readonly nextEpochIn: number;
  readonly tempo: number;
  readonly policyVersion: number;
  readonly emissionLastEpoch: MoneyView;
  readonly pot: MoneyView;
  readonly registrationCost: MoneyView;
  /** Where intervals move the cost: when it moves next, and by what. Null elsewhere. */
  readonly registrationInterval: {
    readonly inBlocks: number;
    readonly registrations: number;
    readonly targetRegistrations: number;
  } | null;
  /** Null where subnets have no tokens. */
  readonly pool: PoolView | null;
  /** Newcomers that wait for a place. */
  readonly pendingEvictions: number;
  /** Blocks of warning before an eviction; 0: none. */
  readonly evictionNoticeBlocks: number;
  /** null while it goes on. */
  readonly dissolution: { readonly phase: string; readonly atBlock: number; readonly inBlocks: number } | null;
}

/** The pool of a subnet's token. */
export interface PoolView {
  readonly token: string;
  /** Of one whole token. */
  readonly price: MoneyView;
  readonly movingPrice: MoneyView;
  readonly reserve: MoneyView;
  readonly tokenReserve: MoneyView;
}

export type Role = 'Miner' | 'Validator';

/** One row of the metagraph. */
export interface NeuronView {
  readonly uid: number;
  /** Name of the resource that manages it, else the start of its hotkey. */
  readonly name: string;
  readonly namespace: string;
  readonly hotkey: string;
  readonly coldkey: string;
  readonly role: Role;
  readonly stake: MoneyView;
  /** Of the stake, what others delegated. */
  readonly delegated: MoneyView;
  /** What the owner keeps of their dividends, share of one. */
  readonly take: number;
  readonly permit: boolean;
  readonly immune: boolean;
  /** null unless a newcomer has paid for its place. */
  readonly notice: { readonly dueBlock: number; readonly inBlocks: number; readonly price: MoneyView } | null;
  readonly registeredAtBlock: number;
  /** Shares of one. */
  readonly incentive: number;
  readonly dividends: number;
  readonly validatorTrust: number;
  readonly earnedLastEpoch: MoneyView;
  readonly earnedTotal: MoneyView;
  /** Average CRPS of its answers; null until it was judged. */
  readonly loss: number | null;
  readonly judged: number;
  /** Share of answers that were refused, late or missing; null when none were asked for. */
  readonly invalidShare: number | null;
  readonly weights: string | null;
  readonly why: string;
  readonly reason: string;
  readonly urls: readonly string[];
}

/** A subnet's whole registered state. */
export interface MetagraphView {
  readonly subnet: SubnetView;
  /** The scored epoch that the shares are of; 0 before the first. */
  readonly epoch: number;
  /** The block that this epoch was sealed at. */
  readonly block: number;
  readonly inputsSha256: string;
  readonly validatorsWithPermit: number;
  readonly validatorsRevealed: number;
  readonly replayDay: string;
  readonly neurons: readonly NeuronView[];
  /** Those that are not decided, the newest first, at most 64. */
  readonly slashes: readonly AccusedView[];
}

/** A figure as it stands in a table; empty where a column has none. */
export type AccountCell = string;

/** One row of an account; `uid` is whose it is, null for rests and sums. */
export interface AccountRow {
  readonly name: string;
  readonly uid: number | null;
  readonly cells: readonly AccountCell[];
}

/** A table of an account: a head column of names, then figures, then rests and sums. */
export interface AccountTable {
  readonly title: string;
  readonly caption: string;
  readonly head: string;
  readonly columns: readonly string[];
  readonly rows: readonly AccountRow[];
  readonly sums: readonly AccountRow[];
}

/** Why one mechanism paid what it paid, and what would make it more, in sentences for people. */
export interface AccountView {
  readonly mechanismId: number;
  readonly tables: readonly AccountTable[];
  readonly facts: readonly string[];
  readonly changes: readonly string[];
}

/** Why a neuron earns what it earns. */
export interface ExplanationView {
  readonly epoch: number;
  readonly inputsSha256: string;
  readonly formula: string;
  readonly policyVersion: number;
  readonly neuron: NeuronView;
  readonly standing: string;
  /** One a mechanism, that with the most emission first: of a miner as one, of a validator as one. */
  readonly accounts: readonly AccountView[];
  /** The newest first, at most 16. */
  readonly slashes: readonly SlashView[];
}

/** What a neuron is accused of, and what comes of it. */
export interface SlashView {
  readonly id: string;
  readonly status: string;
  readonly what: string;
  readonly isOpen: boolean;
  /** What happens next, or what happened. */
  readonly next: string;
  /** Taken, or at most to be taken. */
  readonly amount: MoneyView;
}

/** A slash, and whose it is. */
export interface AccusedView extends SlashView {
  /** null where the neuron has left. */
  readonly uid: number | null;
  readonly name: string;
}

/** What the API answers when it refuses or cannot answer. */
export interface ErrorView {
  readonly error: { readonly code: string; readonly message: string };
}
