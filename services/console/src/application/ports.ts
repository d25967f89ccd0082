import type { GovernanceRecord } from '#domain/proposals-view.ts';
import type {
  ExplanationRecord,
  MetagraphRecord,
  NetworkRecord,
  NeuronRecord,
  PoolRecord,
  SubnetRecord,
} from '#domain/market.ts';
import type { OutlookView, StakeAnswer } from '#domain/outlook.ts';
import type { SlashRecord } from '#domain/slash-view.ts';

/** A delegation that somebody thinks of. */
export interface StakeAsked {
  readonly netuid: number;
  readonly hotkey: string;
  readonly rao: bigint;
  readonly blocks: number;
}

/** The ledger, as far as the console reads it. Every call throws MarketUnavailable when it cannot answer. */
export interface LedgerReader {
  network(signal: AbortSignal): Promise<NetworkRecord>;
  /** All subnets, at most 256. */
  subnets(signal: AbortSignal): Promise<readonly SubnetRecord[]>;
  /** Pools of subnets' tokens, one a subnet; none where they have no tokens. */
  pools(signal: AbortSignal): Promise<readonly PoolRecord[]>;
  /** All registered neurons of a subnet, at most 256. */
  neurons(netuid: number, signal: AbortSignal): Promise<readonly NeuronRecord[]>;
  /** What projections of a subnet go by; undefined where the ledger has no such subnet. */
  outlook(netuid: number, signal: AbortSignal): Promise<OutlookView | undefined>;
  /** What a delegation would earn; undefined where the ledger has nothing to reckon by. */
  projectedStake(question: StakeAsked, signal: AbortSignal): Promise<StakeAnswer | undefined>;
}

/** Scoring, as far as the console reads it. Every call throws MarketUnavailable when it cannot answer. */
export interface ScoringReader {
  /** The newest scored epoch, or undefined before the first. */
  metagraph(netuid: number, signal: AbortSignal): Promise<MetagraphRecord | undefined>;
  /** Index 0 is the newest epoch; undefined where there is no such epoch or neuron. */
  explain(
    question: { netuid: number; uid: number; index: number },
    signal: AbortSignal,
  ): Promise<ExplanationRecord | undefined>;
}

/** The ledger's governance. Throws MarketUnavailable when it cannot answer. */
export interface GovernanceReader {
  /** Undefined where the network has none. `symbol`: of its token. */
  governance(symbol: string, signal: AbortSignal): Promise<GovernanceRecord | undefined>;
}

/** The ledger's slashes, the newest first. Every call throws MarketUnavailable when it cannot answer. */
export interface SlashReader {
  /** At most 16, decided ones too. */
  ofNeuron(
    neuron: { readonly netuid: number; readonly hotkey: string },
    signal: AbortSignal,
  ): Promise<readonly SlashRecord[]>;
  /** Of all neurons of a subnet those that are not decided, at most 64. */
  openIn(netuid: number, signal: AbortSignal): Promise<readonly SlashRecord[]>;
}

/** A service behind the console did not answer; the page says which one and tries again. */
export class MarketUnavailable extends Error {
  /** The log tells it without a stack. */
  readonly isOutage = true;
  readonly service: 'ledger' | 'scoring';

  constructor(service: 'ledger' | 'scoring', cause: unknown) {
    super(`${service} does not answer`, { cause });
    this.name = 'MarketUnavailable';
    this.service = service;
  }
}
