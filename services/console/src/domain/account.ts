/** Why one mechanism paid a neuron what it paid. Shares are counts of 2^-32, money is rao; lines and rests add up exactly. */
export interface AccountRecord {
  readonly mechanismId: number;
  readonly emissionWeight: number;
  readonly potRule: PotRule;
  readonly minerPotRao: bigint;
  readonly validatorPotRao: bigint;
  /** What flooring leaves of both pots to nobody. */
  readonly unattributedRao: bigint;
  readonly miner: MinerAccountRecord;
  /** Absent for who neither rates nor has bonds, stake that counts or dividends. */
  readonly validator: ValidatorAccountRecord | undefined;
  /** What the policy's rules changed of the consensus's pay, in the order in which they acted. */
  readonly policy: readonly PolicyLineRecord[];
}

/** What one rule gave or took; all with a sign. */
export interface PolicyLineRecord {
  readonly step: string;
  readonly incentive: bigint;
  readonly dividends: bigint;
  readonly incentiveRao: bigint;
  readonly dividendRao: bigint;
}

/** Whether each pot goes to its own kind, to the other as well, or both to validators by stake. */
export type PotRule = 'Own' | 'MinersTakeBoth' | 'ValidatorsTakeBoth' | 'ByStake';

export interface MinerAccountRecord {
  readonly lines: readonly MinerLineRecord[];
  readonly consensus: bigint;
  /** What clipping took of the rank. */
  readonly clipped: bigint;
  readonly rank: bigint;
  /** Of all neurons. */
  readonly rankSum: bigint;
  readonly incentive: bigint;
  readonly incentiveRest: bigint;
  readonly rao: bigint;
  readonly raoRest: bigint;
  readonly place: number;
  readonly rated: number;
  /** Absent for the first. */
  readonly lever: MinerLeverRecord | undefined;
}

export interface MinerLineRecord {
  readonly validatorUid: number;
  readonly stakeShare: bigint;
  readonly gave: bigint;
  readonly counted: bigint;
  readonly clipped: bigint;
  readonly contribution: bigint;
  readonly incentive: bigint;
  readonly rao: bigint;
}

/** Smallest changes that lift the miner over the next better one. */
export interface MinerLeverRecord {
  readonly passUid: number;
  readonly cheapest: RaiseRecord | undefined;
  /** Where the miner stands after the cheapest. */
  readonly incentive: bigint;
  readonly place: number;
  readonly together: {
    readonly validatorUids: readonly number[];
    readonly stakeShare: bigint;
    /** Absent when not even all of their weight would do. */
    readonly more: bigint | undefined;
    readonly incentive: bigint;
    readonly place: number;
  };
  /** Validators that give more than the consensus already. */
  readonly clippedUids: readonly number[];
}

/** How much more of its row a validator would have to give, in u16 with what its others are scaled by. */
export interface RaiseRecord {
  readonly validatorUid: number;
  readonly more: bigint;
  readonly fromU16: number;
  readonly toU16: number;
  readonly othersU16: number;
}

export interface ValidatorAccountRecord {
  readonly lines: readonly ValidatorLineRecord[];
  readonly stakeShare: bigint;
  readonly earned: bigint;
  readonly weighed: bigint;
  /** Of all neurons. */
  readonly weighedSum: bigint;
  readonly dividends: bigint;
  readonly dividendsRest: bigint;
  readonly rao: bigint;
  readonly byStakeRao: bigint;
  readonly raoRest: bigint;
  readonly switchedOff: readonly SwitchedOffRecord[];
  readonly lever: ValidatorLeverRecord | undefined;
}

export interface ValidatorLineRecord {
  readonly minerUid: number;
  readonly gave: bigint;
  readonly counted: bigint;
  readonly clipped: bigint;
  readonly bondShare: bigint;
  readonly incentive: bigint;
  readonly earned: bigint;
  readonly dividends: bigint;
  readonly rao: bigint;
}

/** Parts of the formula that were switched off, each alone. */
export type FormulaPart = 'BondsPenalty' | 'Clipping' | 'MovingAverage';

export interface SwitchedOffRecord {
  readonly part: FormulaPart;
  readonly dividends: bigint;
  readonly rao: bigint;
  readonly differenceRao: bigint;
}

/** What other weights would bring in the next epoch, if everybody else gives the same again. */
export interface ValidatorLeverRecord {
  readonly baselineRao: bigint;
  readonly agreeingGainRao: bigint;
  readonly moves: readonly {
    readonly minerUid: number;
    readonly gave: bigint;
    readonly consensus: bigint;
    readonly fromU16: number;
    readonly toU16: number;
    readonly othersU16: number;
    readonly gainRao: bigint;
  }[];
}
