/** What a neuron can lose stake for. */
export type SlashType = 'DoubleSigning' | 'FailedAudits' | 'Deviation' | 'Unavailable';

export const SLASH_TYPES: readonly SlashType[] = ['DoubleSigning', 'FailedAudits', 'Deviation', 'Unavailable'];

export function isSlashType(text: string): text is SlashType {
  return (SLASH_TYPES as readonly string[]).includes(text);
}

/** One condition of the network. Money in rao, shares in millionths. */
export interface SlashCondition {
  readonly type: SlashType;
  /** Of the stake that answers for the offence. */
  readonly ppm: number;
  /** Most that one offence takes; absent: no such bound. */
  readonly max?: bigint;
  /** Epochs that evidence covers at least; absent for DoubleSigning, which one pair of signatures proves. */
  readonly epochs?: number;
  /** In each of them on average: failures, or for Deviation millionths of distance from consensus. Absent for DoubleSigning. */
  readonly atLeast?: number;
}

/** Who decides what is disputed. */
export type Deciders =
  | {
      readonly type: 'Arbiters';
      /** SS58 of coldkeys. */
      readonly keys: readonly string[];
      /** So many of them have to uphold it. */
      readonly required: number;
    }
  /** More than half of the stake of the subnet's other validators, as it stood at the report. */
  | { readonly type: 'StakeVote' };

/** Slashing as genesis or a proposal sets it up. The dispute and its decision fit into the time that stake takes to leave. */
export interface SlashingTerms {
  readonly conditions: readonly SlashCondition[];
  /** Blocks after a report in which the neuron's owner may dispute it; then it is carried out. */
  readonly disputeBlocks: number;
  /** Blocks after those for a decision, where it was disputed. */
  readonly decisionBlocks: number;
  /** All slashes of a registration within so many blocks take `windowPpm` at most. */
  readonly windowBlocks: number;
  readonly windowPpm: number;
  /** Rao that a reporter puts up, and loses when the report is not upheld. */
  readonly reportDeposit: bigint;
  readonly deciders: Deciders;
  /** Where it goes, in millionths that sum to one. */
  readonly distribution: { readonly burnPpm: number; readonly reporterPpm: number; readonly insurancePpm: number };
}

/** No slash takes more: a pool keeps a total that its shares can be worth. */
export const SLASH_PPM_MAX = 500_000;

/** A reporter gets no more, so that nobody gets back by another wallet most of what they lost. */
export const REPORTER_PPM_MAX = 500_000;

export const ARBITERS_MAX = 32;

export const PPM = 1_000_000n;

/** A quarter of a year of blocks of 12 s is 648,000. */
export const UNBONDING_BLOCKS_MAX = 1_000_000;

const CONDITIONS_MAX = 4;
/** What scoring measures by reports names epochs by their hashes: as long as this evidence stays small. */
const EPOCHS_MAX = 1000;
/** Of `Deviation`: a subnet's policy gives evidence after so many epochs at most, and an epoch's event carries no more. */
const DEVIATION_EPOCHS_MAX = 100;
const AT_LEAST_MAX = 1_000_000;

/** Which member of terms that a proposal brings is out of its bounds; genesis has the same. Undefined where none is. */
export function slashingBoundsFinding({ conditions, deciders, ...terms }: SlashingTerms): string | undefined {
  const { burnPpm, reporterPpm, insurancePpm } = terms.distribution;
  const arbiters: readonly Bound[] =
    deciders.type === 'StakeVote'
      ? []
      : [
          ['deciders.keys', deciders.keys.length, 1, ARBITERS_MAX],
          ['deciders.required', deciders.required, 1, ARBITERS_MAX],
        ];
  const bounds: readonly Bound[] = [
    ['conditions', conditions.length, 1, CONDITIONS_MAX],
    ...conditions.flatMap(({ type, ppm, epochs = 1, atLeast = 1 }): Bound[] => [
      [`conditions.${type}.ppm`, ppm, 1, SLASH_PPM_MAX],
      [`conditions.${type}.epochs`, epochs, 1, epochsMax(type)],
      [`conditions.${type}.atLeast`, atLeast, 1, AT_LEAST_MAX],
    ]),
    ['disputeBlocks', terms.disputeBlocks, 1, UNBONDING_BLOCKS_MAX],
    ['decisionBlocks', terms.decisionBlocks, 1, UNBONDING_BLOCKS_MAX],
    ['windowBlocks', terms.windowBlocks, 1, UNBONDING_BLOCKS_MAX],
    ['windowPpm', terms.windowPpm, 1, SLASH_PPM_MAX],
    ['distribution.burnPpm', burnPpm, 0, Number(PPM)],
    ['distribution.reporterPpm', reporterPpm, 0, REPORTER_PPM_MAX],
    ['distribution.insurancePpm', insurancePpm, 0, Number(PPM)],
    ...arbiters,
  ];
  const out = bounds.find(([, value, low, high]) => !Number.isInteger(value) || value < low || value > high);
  if (out !== undefined) return `slashing.${out[0]} must be ${out[2]} to ${out[3]}, not ${out[1]}`;
  if (conditions.some(({ max = 0n }) => max < 0n)) return 'slashing.conditions.max must not be negative';
  return terms.reportDeposit < 1n ? 'slashing.reportDeposit must be at least 1 rao' : undefined;
}

/** Epochs that a condition may ask for. */
export function epochsMax(type: SlashType): number {
  return type === 'Deviation' ? DEVIATION_EPOCHS_MAX : EPOCHS_MAX;
}

type Bound = readonly [name: string, value: number, low: number, high: number];

/** What is wrong with terms beyond the form of their members; undefined where nothing is. */
export function slashingFinding(terms: SlashingTerms, unbondingBlocks: number): string | undefined {
  const { disputeBlocks, decisionBlocks, deciders, distribution, conditions, windowPpm } = terms;
  if (disputeBlocks + decisionBlocks > unbondingBlocks) {
    return `slashing.disputeBlocks + decisionBlocks (${disputeBlocks} + ${decisionBlocks}) must be at most unbondingBlocks (${unbondingBlocks}): stake would leave before it is decided`;
  }
  if (new Set(conditions.map(({ type }) => type)).size < conditions.length) {
    return 'slashing.conditions must be of different types';
  }
  const above = conditions.find(({ ppm }) => ppm > windowPpm);
  if (above !== undefined) {
    return `slashing.windowPpm (${windowPpm}) must be at least the ppm of ${above.type} (${above.ppm})`;
  }
  const halfSaid = conditions.find(
    ({ type, epochs, atLeast }) =>
      (epochs === undefined) !== (type === 'DoubleSigning') || (atLeast === undefined) !== (type === 'DoubleSigning'),
  );
  if (halfSaid !== undefined) {
    return `slashing.conditions: ${halfSaid.type} ${halfSaid.type === 'DoubleSigning' ? 'takes no' : 'needs'} epochs and atLeast`;
  }
  const { burnPpm, reporterPpm, insurancePpm } = distribution;
  if (burnPpm + reporterPpm + insurancePpm !== Number(PPM)) {
    return `slashing.distribution must sum to ${PPM}, not ${burnPpm + reporterPpm + insurancePpm}`;
  }
  if (deciders.type === 'StakeVote') return undefined;
  if (new Set(deciders.keys).size < deciders.keys.length) return 'slashing.deciders.keys must differ';
  return deciders.required > deciders.keys.length
    ? `slashing.deciders.required (${deciders.required}) must be at most the number of keys (${deciders.keys.length})`
    : undefined;
}
