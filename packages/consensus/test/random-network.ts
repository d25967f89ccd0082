import type { EpochInput, EpochParameters, Formula, NeuronInput } from '../src/epoch-types.ts';
import type { Row } from '../src/sparse.ts';
import { type Sequence, sequence } from './sequence.ts';

/** A network and the epochs that follow its first, of which only weights and blocks are new: bonds are carried. */
export interface RandomNetwork {
  readonly first: EpochInput;
  readonly later: readonly EpochInput[];
}

const FORMULAS: readonly Formula[] = ['yuma2', 'yuma2-liquid', 'yuma3', 'yuma3-liquid'];
const BLOCK = 5000;

/** How one network is made: every trap is the rule in some networks and absent in others. */
interface Habits {
  readonly neurons: number;
  readonly validators: number;
  readonly density: number;
  readonly zeroPercent: number;
  /** Few different weights make ties. */
  readonly levels: number;
  readonly bondPercent: number;
  readonly saturatedBonds: boolean;
  readonly lateRegistrationPercent: number;
  readonly inactivePercent: number;
  readonly commitPercent: number;
  readonly stake: 'equal' | 'small' | 'large' | 'mixed' | 'huge' | 'none';
}

function habitsOf(dice: Sequence): Habits {
  const neurons = dice.chance(2) ? 24 + dice.below(72) : dice.pick([1, 2, 3, 4, 6, 8, 12, 16, 24]);
  return {
    neurons,
    validators: dice.pick([0, 1, 2, 3, 5, Math.ceil(neurons / 2), Math.ceil(neurons / 2), neurons]),
    density: dice.pick([10, 40, 80, 100, 100]),
    zeroPercent: dice.pick([0, 0, 0, 10, 40, 100]),
    levels: dice.pick([1, 2, 3, 65_536, 65_536]),
    bondPercent: dice.pick([0, 30, 90, 100]),
    saturatedBonds: dice.chance(15),
    lateRegistrationPercent: dice.pick([0, 0, 10, 60]),
    inactivePercent: dice.pick([0, 0, 10, 50]),
    commitPercent: dice.pick([0, 0, 30]),
    stake: dice.chance(3) ? 'none' : dice.pick(['equal', 'small', 'large', 'mixed', 'huge']),
  };
}

/** The network of a seed. */
export function randomNetwork(seed: number): RandomNetwork {
  const dice = sequence(seed);
  const habits = habitsOf(dice);
  const first: EpochInput = {
    block: BLOCK,
    lastEpochBlock: dice.chance(30) ? null : dice.pick([0, dice.below(BLOCK), BLOCK - 1]),
    ownerUid: dice.chance(40) ? dice.below(habits.neurons) : null,
    parameters: parametersOf(dice, habits),
    neurons: Array.from({ length: habits.neurons }, (_, uid) => neuronOf(dice, habits, uid)),
  };
  const later = dice.chance(50) ? [] : [followed(first, dice, habits), followed(first, dice, habits)];
  return { first, later };
}

/** The next epoch: some weights anew, some uids registered anew; bonds and permits are the caller's to carry. */
function followed(input: EpochInput, dice: Sequence, habits: Habits): EpochInput {
  const neurons = input.neurons.map((neuron) => ({
    ...neuron,
    weights: dice.chance(60) ? neuron.weights : rowOf(dice, habits, habits.density),
    registeredAt: dice.chance(habits.lateRegistrationPercent / 4) ? BLOCK : neuron.registeredAt,
  }));
  return { ...input, lastEpochBlock: input.block - dice.below(3), neurons };
}

function parametersOf(dice: Sequence, habits: Habits): EpochParameters {
  const u16 = (...edges: readonly number[]): number => (dice.chance(60) ? dice.pick(edges) : dice.below(65_536));
  const bounds = [u16(0, 45_875, 65_535), u16(0, 58_982, 65_535)];
  return {
    formula: dice.pick(FORMULAS),
    // A third, a fifth, … are what equal voters hold together to the last bit: ties at exactly kappa.
    kappaU16: u16(0, 1, 13_107, 21_845, 32_767, 32_768, 43_690, 65_534, 65_535),
    bondsPenaltyU16: u16(0, 1, 32_767, 65_534, 65_535, 65_535),
    bondsMovingAveragePpm: dice.chance(70) ? dice.pick([0, 1, 900_000, 999_999, 1_000_000]) : dice.below(1_000_001),
    liquidAlpha: {
      lowU16: Math.min(...bounds),
      highU16: Math.max(...bounds),
      steepnessHundredths: dice.chance(60)
        ? dice.pick([0, 1, -1, 1000, -1000, 32_767, -32_768])
        : dice.below(6000) - 3000,
    },
    tempo: dice.pick([1, 20, 360, BLOCK + 1]),
    activityCutoffBlocks: dice.pick([1, 100, 5000, 5000, Number.MAX_SAFE_INTEGER]),
    maxValidators: dice.pick([0, 1, 2, Math.ceil(habits.neurons / 2), habits.neurons, 64, 65_535]),
    minStake: dice.chance(80) ? 0n : dice.pick([3n, 10n ** 9n, (1n << 64n) - 1n]),
    bondMask: dice.pick(['epoch', 'epoch', 'row']),
    permitRule: dice.pick(['nonzero', 'nonzero', 'plain']),
    clearBonds: dice.pick(['without-next-permit', 'permit-lost']),
  };
}

function neuronOf(dice: Sequence, habits: Habits, uid: number): NeuronInput {
  const isValidator = uid < habits.validators;
  const isLate = dice.chance(habits.lateRegistrationPercent);
  const isInactive = dice.chance(habits.inactivePercent);
  return {
    stake: isValidator || dice.chance(10) ? stakeOf(dice, habits) : 0n,
    lastUpdate: isInactive ? dice.pick([0, 1, 4899, 4900]) : dice.pick([BLOCK, BLOCK - 1, BLOCK - 100, 4950]),
    registeredAt: isLate ? dice.pick([BLOCK, BLOCK - 1, BLOCK - 100, 4950]) : dice.pick([0, 1, 4899]),
    permit: dice.chance(isValidator ? 95 : 10),
    oldestCommit: dice.chance(habits.commitPercent) ? dice.pick([0, 4899, 4950, BLOCK]) : null,
    weights: isValidator || dice.chance(30) ? rowOf(dice, habits, habits.density) : [],
    bonds: isValidator || dice.chance(20) ? bondsOf(dice, habits) : [],
  };
}

/** The sum of even the `huge` ones stays below 2^64, if barely. */
function stakeOf(dice: Sequence, habits: Habits): bigint {
  const huge = ((1n << 64n) - 1n) / BigInt(habits.neurons);
  switch (habits.stake) {
    case 'none':
      return 0n;
    case 'equal':
      return 1_000_000_000n;
    case 'small':
      return BigInt(dice.below(5));
    case 'large':
      return dice.wide(64) % (habits.neurons > 16 ? 10n ** 17n : 10n ** 18n);
    case 'mixed':
      return dice.pick([0n, 1n, 10n ** 9n, dice.wide(64) % 10n ** 17n]);
    case 'huge':
      return dice.pick([huge, huge - 1n, dice.wide(64) % huge]);
  }
}

function rowOf(dice: Sequence, habits: Habits, percent: number): Row<number> {
  const scale = Math.floor(65_535 / habits.levels);
  return columnsOf(dice, habits.neurons, percent).map((column) => {
    if (dice.chance(habits.zeroPercent)) return [column, 0] as const;
    return [
      column,
      habits.levels > 3 ? dice.pick([1, dice.below(65_536), 65_535]) : scale * (1 + dice.below(habits.levels)),
    ] as const;
  });
}

function bondsOf(dice: Sequence, habits: Habits): Row<number> {
  return columnsOf(dice, habits.neurons, habits.bondPercent).map(
    (column) => [column, habits.saturatedBonds ? 65_535 : dice.pick([0, 1, dice.below(65_536), 65_535])] as const,
  );
}

function columnsOf(dice: Sequence, count: number, percent: number): number[] {
  return Array.from({ length: count }, (_, column) => column).filter(() => dice.chance(percent));
}
