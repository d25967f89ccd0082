import type { EpochInput, EpochParameters, Formula, NeuronInput } from '../src/epoch-types.ts';
import type { Row } from '../src/sparse.ts';

/** Numbers that depend on a seed alone, on no library's version: frozen results hang on them. */
export interface Dice {
  /** A whole number from `min` to `max`. */
  readonly integer: (min: number, max: number) => number;
  readonly pick: <Value>(values: readonly Value[]) => Value;
  readonly chance: (percent: number) => boolean;
}

/** Mulberry32. */
export function diceOf(seed: number): Dice {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const integer = (min: number, max: number): number => min + (next() % (max - min + 1));
  return {
    integer,
    pick: (values) => {
      const picked = values[integer(0, values.length - 1)];
      if (picked === undefined) throw new RangeError('nothing to pick from');
      return picked;
    },
    chance: (percent) => integer(1, 100) <= percent,
  };
}

const BLOCK = 5000;
const FORMULAS: readonly Formula[] = ['yuma2', 'yuma2-liquid', 'yuma3', 'yuma3-liquid'];

/** A network of up to fourteen neurons, most of it at work, with ties, zeros, fresh registrations, commits and odd switches. */
export function seededEpoch(seed: number): EpochInput {
  const dice = diceOf(seed);
  const count = dice.integer(1, 14);
  const u16 = (): number => (dice.chance(30) ? dice.pick([0, 1, 32_767, 32_768, 65_535]) : dice.integer(0, 65_535));
  return {
    block: BLOCK,
    lastEpochBlock: dice.pick([null, 0, 99, 4639, dice.integer(1, BLOCK - 1)]),
    ownerUid: dice.chance(40) ? dice.integer(0, count - 1) : null,
    parameters: seededParameters(dice, u16),
    neurons: Array.from({ length: count }, () => seededNeuron(dice, count, u16)),
  };
}

function seededParameters(dice: Dice, u16: () => number): EpochParameters {
  const [low, high] = [u16(), u16()].toSorted((a, b) => a - b) as [number, number];
  return {
    formula: dice.pick(FORMULAS),
    kappaU16: dice.chance(60) ? 32_767 : u16(),
    bondsPenaltyU16: u16(),
    bondsMovingAveragePpm: dice.pick([0, 900_000, 975_000, 1_000_000, dice.integer(0, 1_000_000)]),
    liquidAlpha: { lowU16: low, highU16: high, steepnessHundredths: dice.pick([1000, 0, dice.integer(-3000, 3000)]) },
    tempo: dice.pick([1, 100, 360]),
    activityCutoffBlocks: dice.pick([1, 1000, BLOCK]),
    maxValidators: dice.integer(0, 10),
    minStake: dice.pick([0n, 3n, 10n ** 9n]),
    bondMask: dice.pick(['epoch', 'epoch', 'row']),
    permitRule: dice.pick(['nonzero', 'nonzero', 'plain']),
    clearBonds: dice.pick(['without-next-permit', 'without-next-permit', 'permit-lost']),
  };
}

function seededNeuron(dice: Dice, count: number, u16: () => number): NeuronInput {
  const row = (percent: number): Row<number> =>
    Array.from({ length: count }, (_, uid) => uid)
      .filter(() => dice.chance(percent))
      .map((uid) => [uid, u16()] as const);
  const units = dice.pick([0n, BigInt(dice.integer(1, 5)), BigInt(dice.integer(1, 2 ** 31)) * 10n ** 8n]);
  return {
    stake: units,
    lastUpdate: dice.pick([BLOCK, BLOCK - 1, 4000, 3999, dice.integer(0, BLOCK)]),
    registeredAt: dice.pick([0, 1, 99, 100, 101, 4000, 4640, dice.integer(0, BLOCK)]),
    permit: dice.chance(80),
    oldestCommit: dice.chance(80) ? null : dice.pick([0, 99, 100, 4000, BLOCK]),
    weights: row(60),
    bonds: row(50),
  };
}
