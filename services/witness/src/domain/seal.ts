/** A neuron as the ledger sealed it. */
export interface SealedNeuron {
  readonly uid: number;
  readonly hotkey: string;
  readonly coldkey: string;
  readonly registeredAtBlock: number;
  /** Hex. */
  readonly registrationId: string;
  /** Hotkeys that it had before, each until its block: rows that they signed then still count. */
  readonly formerHotkeys?: readonly { readonly hotkey: string; readonly untilBlock: number }[] | undefined;
  /** Rao as decimal text. */
  readonly stake: string;
}

export interface SealedBeacon {
  readonly chainHash: string;
  readonly publicKey: string;
  /** Unix seconds. */
  readonly genesisTime: number;
  readonly periodSeconds: number;
}

/** A market that the root network weighs. */
export interface SealedSubnet {
  readonly netuid: number;
  readonly startBlock: number;
}

/** What of a policy decides an epoch, in the protocol's integers. */
export interface SealedPolicy {
  readonly hyperparameters: {
    readonly tempo: number;
    readonly yumaVersion: number;
    readonly kappaU16: number;
    readonly bondsMovingAveragePpm: number;
    readonly bondsPenaltyU16: number;
    readonly maxValidators: number;
    readonly activityCutoffBlocks: number;
    readonly liquidAlphaEnabled: boolean;
    readonly alphaLowU16: number;
    readonly alphaHighU16: number;
    readonly alphaSigmoidSteepness: number;
    /** Rao as decimal text. */
    readonly stakeThresholdRao: string;
    readonly commitReveal: 'Off' | 'Salted' | 'Timelock';
    readonly revealPeriodEpochs: number;
    readonly missedReveal: 'Keep' | 'Zero';
    /** u64 as decimal text: what is signed for a lower version is not taken. */
    readonly weightsVersionKey: string;
    /** Of commitReveal Timelock. */
    readonly timelockBeacon?: SealedBeacon | undefined;
  };
  readonly mechanisms: readonly { readonly id: number; readonly emissionWeight: number }[];
  /** What stands around the consensus, as the ledger resolved it; absent where nothing does. */
  readonly countermeasures?: Readonly<Record<string, unknown>> | undefined;
}

/** Which round of which beacon draws judges, and by which rules. */
export interface SealedDraw {
  readonly round: number;
  readonly beacon: {
    readonly chainHash: string;
    readonly publicKey: string;
    readonly genesisTime: number;
    readonly periodSeconds: number;
  };
  readonly rules: { readonly judges: number; readonly coverageU16: number };
  readonly kappaU16: number;
}

/** An EpochDue as it stands in the ledger's journal: who takes part, what is paid out of, and by which rules. */
export interface Seal {
  /** The ledger's sequence of the entry. */
  readonly sequence: number;
  readonly netuid: number;
  readonly index: number;
  readonly block: number;
  readonly startBlock: number;
  /** The pot's parts, rao as decimal text. */
  readonly owner: string;
  readonly miner: string;
  readonly validator: string;
  /** Of the inputs by which the epoch before was paid; empty for the first. */
  readonly previousInputsSha256: string;
  readonly policyVersion: number;
  readonly policySha256: string;
  readonly neurons: readonly SealedNeuron[];
  /** Of the root network alone, ascending by netuid. */
  readonly subnets?: readonly SealedSubnet[] | undefined;
  readonly policy: SealedPolicy;
  /** How judges of the interval that begins are drawn; absent where they are not. */
  readonly draw?: SealedDraw | undefined;
}
