import type { Mutant } from './mutants.ts';

/** Mutants that no test can find because they change nothing, and why. */
export interface EquivalentMutants {
  readonly because: string;
  readonly file: string;
  /** Trimmed text of the line, and the change as the run prints it; `nth` where the same stands on equal lines, else 1. */
  readonly mutants: readonly (readonly [text: string, change: string, nth?: number])[];
}

/** Names a mutant without its line number, so that the list outlives edits elsewhere in the file. */
export function keyOf(mutant: Pick<Mutant, 'file' | 'text' | 'change' | 'nth'>): string {
  return `${mutant.file} | ${mutant.text} | ${mutant.change} | ${mutant.nth}`;
}

const DEFAULT_FOR_THE_TYPE =
  'The index is always inside: vectors have an entry for every uid. The default is there for the type of an indexed access.';

export const EQUIVALENT: readonly EquivalentMutants[] = [
  {
    file: 'fixed.ts',
    because: 'Where both sides are equal, both branches give the same value.',
    mutants: [
      ['if (value > FIXED_MAX) return FIXED_MAX;', '> → >='],
      ['return value < FIXED_MIN ? FIXED_MIN : value;', '< → <='],
      ['if (scaled <= 0n) return 0;', '<= → <'],
      ['return scaled > BigInt(U16_MAX) ? U16_MAX : Number(scaled);', '> → >='],
      ['return left < right ? left : right;', '< → <='],
      ['return left > right ? left : right;', '> → >='],
      ['const magnitude = exponent < ZERO ? -exponent : exponent;', '< → <='],
      ['return exponent < ZERO ? divide(ONE, sum) : sum;', '< → <='],
      ['const log2 = value < ONE ? -log2AboveOne(divide(ONE, value)) : log2AboveOne(value);', '< → <='],
    ],
  },
  {
    file: 'fixed.ts',
    because: 'Equal values have returned before.',
    mutants: [['return left < right ? -1 : 1;', '< → <=']],
  },
  {
    file: 'fixed.ts',
    because:
      'Products grow with the exponent; the last exponent below the limit and the first above it are neighbours, and both are checked.',
    mutants: [['if (product > FIXED_MAX) return undefined;', '> → >=']],
  },
  {
    file: 'fixed.ts',
    because: 'Zero has the inverse zero here, whose series of bits is zero.',
    mutants: [['if (value <= ZERO) return ZERO;', '<= → <']],
  },
  {
    file: 'sparse.ts',
    because: DEFAULT_FOR_THE_TYPE,
    mutants: [
      [
        'return mapEntries(matrix, (value, _row, column) => divideUnlessZero(value, sums[column] ?? ZERO));',
        'ZERO → ONE',
      ],
      [
        'return mapEntries(matrix, (value, _row, column) => divideUnlessZero(value, largest[column] ?? ZERO));',
        'ZERO → ONE',
      ],
      ['for (const [column, value] of entries) result[column] = fold(result[column] ?? ZERO, value);', 'ZERO → ONE'],
      [
        'return rowSums(mapEntries(matrix, (value, _row, column) => multiply(value, columnWeights[column] ?? ZERO)));',
        'ZERO → ONE',
      ],
      ['return mapEntries(matrix, (value, row) => multiply(rowWeights[row] ?? ZERO, value));', 'ZERO → ONE'],
      ['const ceiling = ceilings[column] ?? ZERO;', 'ZERO → ONE'],
    ],
  },
  {
    file: 'median.ts',
    because:
      'Every round that does not return drops the pivot, so a list of n votes returns within n rounds; the bound never binds.',
    mutants: [
      ['for (let round = 0; round < votes.length; round += 1) {', '< → <='],
      ['for (let round = 0; round < votes.length; round += 1) {', '+= → -='],
      ['for (let round = 0; round < votes.length; round += 1) {', '1 → 0'],
    ],
  },
  {
    file: 'median.ts',
    because:
      'Rounds go on with lists that are not empty, and an empty list has no round; the test is there for the type.',
    mutants: [
      ['if (only === undefined) return ZERO;', 'only === undefined → false'],
      ['if (only === undefined) return ZERO;', 'ZERO → ONE'],
    ],
  },
  {
    file: 'median.ts',
    because: 'A single vote is its own pivot with nothing below or above it, so it is returned all the same.',
    mutants: [
      ['if (current.length === 1) return only.score;', 'current.length === 1 → false'],
      ['if (current.length === 1) return only.score;', '1 → 0'],
    ],
  },
  {
    file: 'median.ts',
    because:
      'Which vote is the pivot decides the way, not the result: the lowest score with more than the minority up to it.',
    mutants: [
      ['const pivot = current[Math.floor(current.length / 2)]?.score ?? ZERO;', 'floor → ceil'],
      ['const pivot = current[Math.floor(current.length / 2)]?.score ?? ZERO;', '2 → 3'],
    ],
  },
  {
    file: 'median.ts',
    because: DEFAULT_FOR_THE_TYPE,
    mutants: [
      ['const pivot = current[Math.floor(current.length / 2)]?.score ?? ZERO;', 'ZERO → ONE'],
      ['const stake = normalise(voters.map((row) => rowStake[row] ?? ZERO));', 'ZERO → ONE'],
      ['if (votes !== undefined) votes[position] = value;', 'votes !== undefined → true'],
      ['column.map((score, position) => ({ score, stake: stake[position] ?? ZERO })),', 'ZERO → ONE'],
    ],
  },
  {
    file: 'bonds.ts',
    because: DEFAULT_FOR_THE_TYPE,
    mutants: [
      ['const averaged = movingAverage(observed, old, (_row, column) => alphas[column] ?? ZERO);', 'ZERO → ONE'],
      [
        'dividends: normalise(earned.map((value, uid) => multiply(value, inputs.activeStake[uid] ?? ZERO))),',
        'ZERO → ONE',
      ],
      [
        'const alpha = pairAlpha({ weight, bond, consensus: liquid.consensus[uid] ?? ZERO }, liquid.settings);',
        'ZERO → ONE',
      ],
    ],
  },
  {
    file: 'epoch.ts',
    because: DEFAULT_FOR_THE_TYPE,
    mutants: [
      ['const trust = rank.map((value, uid) => divide(value, prerank[uid] ?? ZERO));', 'ZERO → ONE'],
      ['if (validator === undefined || registeredAt === undefined || permits[from] !== true) return false;', '|| → &&'],
      ['const registeredAt = neurons[to]?.registeredAt ?? 0;', '0 → 1'],
      ["const madeAt = parameters.bondMask === 'epoch' ? since : (neurons[from]?.lastUpdate ?? 0);", '0 → 1'],
    ],
  },
  {
    file: 'emission.ts',
    because: DEFAULT_FOR_THE_TYPE,
    mutants: [['const both = incentive.map((value, uid) => add(value, dividends[uid] ?? ZERO));', 'ZERO → ONE']],
  },
  {
    file: 'check-input.ts',
    because: 'A uid is 0 at least, so anything below 0 stands for none before it.',
    mutants: [['let previous = -1;', '1 → 2']],
  },
];

/** Reasons of the mutants of some files, by key. */
export function equivalentReasons(files: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    EQUIVALENT.filter(({ file }) => files.includes(file)).flatMap(({ file, because, mutants }) =>
      mutants.map(([text, change, nth = 1]) => [keyOf({ file, text, change, nth }), because] as const),
    ),
  );
}
