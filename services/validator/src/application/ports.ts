import type { Answer, ForecastTask } from '#domain/answer.ts';
import type { Judgement, MinerStanding } from '#domain/judge.ts';
import type { UidWeight } from '#domain/score-to-weight.ts';
import type { Answered, CommitReveal, Submission } from '#domain/submission.ts';

/** A miner that can be asked. */
export type Miner = {
  /** Registration id, hexadecimal. */
  readonly id: string;
  readonly uid: number;
  readonly hotkey: string;
  readonly registeredAt: number;
  readonly urls: readonly string[];
  readonly spkiSha256: Uint8Array;
};

/** What holds in the subnet at a block, in the validator's own words. */
export type Market = {
  readonly block: number;
  readonly netuid: number;
  readonly miners: readonly Miner[];
  /** Hexadecimal ids of all registrations that hold. */
  readonly registered: ReadonlySet<string>;
  readonly hasPermit: boolean;
  readonly firstBlock: number;
  /** Block of the last epoch, or the first block. */
  readonly intervalStart: number;
  readonly terms: MarketTerms;
};

/** What the policy says about judging. */
export type MarketTerms = {
  readonly mechanismId: number;
  /** By which miners know what is asked. */
  readonly modelName: string;
  readonly task: ForecastTask;
  readonly dataset: string;
  readonly startDay: string;
  readonly daysPerBlock: number;
  readonly perEpoch: number;
  readonly timeoutMs: number;
  readonly emaPpm: number;
  readonly similarityPpm: number;
  readonly tempo: number;
  readonly blockTimeMs: number;
  readonly commitReveal: CommitReveal;
  readonly weightsVersionKey: bigint;
};

export type PriceHistory = { readonly dates: readonly string[]; readonly closes: readonly number[] };

/** Asks one miner. Whatever goes wrong comes back as an invalid answer with its reason; only bugs throw. */
export type AskMiner = (question: Question) => Promise<SignedAnswer>;

/** With what the miner signed of it, base64; absent where it sent nothing. */
export type SignedAnswer = Answer & { readonly receipt?: string };

export type Question = {
  readonly miner: Miner;
  readonly modelName: string;
  readonly task: ForecastTask;
  readonly closes: readonly number[];
  readonly block: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
};

/** All that outlives this process. */
export type ValidatorState = { readonly judgement: Judgement; readonly submissions: readonly Submission[] };

export type StateStore = {
  /** Returns once it is on the disk. */
  readonly save: (state: ValidatorState) => Promise<void>;
};

/** What is committed and later revealed. */
export type WeightsToSubmit = {
  readonly interval: number;
  readonly weights: readonly UidWeight[];
  readonly standings: readonly MinerStanding[];
  readonly replayDay: string;
  readonly market: Market;
};

/** Where scoring is, and what that means for this validator. */
export type Interval = {
  readonly interval: number;
  /** Registrations of miners that others were drawn to judge; empty while no draw is known. */
  readonly notToJudge: ReadonlySet<string>;
};

export type Scoring = {
  readonly interval: (mechanismId: number, signal: AbortSignal) => Promise<Interval>;
  /** Signs what the policy asks for, and keeps what is to be revealed; nothing is sent. */
  readonly prepare: (submission: WeightsToSubmit) => Submission;
  /** Sends a commit, or weights in the open. */
  readonly commit: (submission: Submission, signal: AbortSignal) => Promise<Answered>;
  readonly reveal: (submission: Submission, market: Market, signal: AbortSignal) => Promise<Answered>;
};

/** What people and dashboards are told. */
export type Journal = {
  readonly challenged: (miners: number) => void;
  readonly answered: (outcome: 'valid' | 'invalid' | 'late', seconds: number) => void;
  /** A miner answered one question in two ways. */
  readonly auditFailed: (uid: number) => void;
  readonly judged: (standings: readonly MinerStanding[]) => void;
  readonly submitted: (step: 'commit' | 'reveal' | 'set', result: string) => void;
  readonly wrapped: (lap: number) => void;
  readonly warn: (message: string, details: object) => void;
};
