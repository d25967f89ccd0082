import { cappedAverage, penalisedWeights, quantiseBonds } from '../src/bonds.ts';
import type { EpochInput } from '../src/epoch-types.ts';
import { runEpoch } from '../src/epoch.ts';
import { HALF, ONE } from '../src/fixed.ts';
import { columnAlphas, logisticParameters, quantile } from '../src/liquid-alpha.ts';
import { columnMedians, weightedMedian } from '../src/median.ts';
import { activityCutoffBlocks, topStakes } from '../src/permits.ts';
import { divideAll, mergeRows, normalise, normaliseColumns, normaliseRows, upscaleColumns } from '../src/sparse.ts';
import type { ReferenceCheck } from './reference-checks.ts';

const check = (name: string, run: () => unknown, expected: unknown): ReferenceCheck => ({ name, run, expected });
const quarter = ONE / 4n;

/** 64 stakes, each value twice: uid 2k and 2k + 1 have stake k mod 8. */
const TIED = Array.from({ length: 64 }, (_, uid) => BigInt(Math.floor(uid / 2) % 8));

/** 1201 stakes of 37 sizes in no order. */
const CROWD = Array.from({ length: 1201 }, (_, uid) => BigInt(1 + ((uid * uid + 7 * uid) % 37)));

/** Steps of an epoch at the edges that whole epochs seldom reach. */
export const STEP_CHECKS: readonly ReferenceCheck[] = [
  check('divided by nothing stays', () => divideAll([5n], 0n), [5n]),
  check(
    'a row whose entries cancel stays',
    () =>
      normaliseRows([
        [
          [0, 5n],
          [1, -5n],
        ],
      ]),
    [
      [
        [0, 5n],
        [1, -5n],
      ],
    ],
  ),
  check('a column whose entries cancel stays', () => normaliseColumns([[[0, 5n]], [[0, -5n]]], 1), [
    [[0, 5n]],
    [[0, -5n]],
  ]),
  check('zeros stay zeros', () => normalise([0n, 0n]), [0n, 0n]),
  check(
    'a row of less than one grows to it',
    () =>
      normaliseRows([
        [
          [0, quarter],
          [1, quarter],
        ],
      ]),
    [
      [
        [0, HALF],
        [1, HALF],
      ],
    ],
  ),
  check('a row of zeros stays', () => normaliseRows([[[3, 0n]]]), [[[3, 0n]]]),
  check('a column of zeros stays', () => normaliseColumns([[[0, 0n]], [[0, 0n]]], 1), [[[0, 0n]], [[0, 0n]]]),
  check('a column of zeros is not scaled', () => upscaleColumns([[[0, 0n]]], 1), [[[0, 0n]]]),
  check(
    'rows merge by uid',
    () =>
      mergeRows(
        [
          [1, 10n],
          [4, 40n],
        ],
        [
          [0, 5n],
          [4, 4n],
          [9, 9n],
        ],
      ),
    [
      [0, 0n, 5n],
      [1, 10n, 0n],
      [4, 40n, 4n],
      [9, 0n, 9n],
    ],
  ),
  check('no votes, no median', () => weightedMedian([], 0n, 0n), 0n),
  check('one vote is the median, with whatever stake', () => weightedMedian([{ stake: 0n, score: 7n }], ONE, 0n), 7n),
  check(
    'exactly the minority below is not enough to stay there',
    () => weightedMedian(votes([HALF, 1n], [HALF, 2n]), HALF, ONE),
    2n,
  ),
  check('one count less is', () => weightedMedian(votes([HALF, 1n], [HALF, 2n]), HALF - 1n, ONE), 1n),
  check(
    'nobody counts without stake',
    () => columnMedians([[[0, ONE]], [[0, HALF]]], [0n, ONE], { columns: 1, kappa: HALF }),
    [HALF],
  ),
  check('nobody votes', () => columnMedians([[[0, ONE]]], [0n], { columns: 2, kappa: HALF }), [0n, 0n]),
  check('of equal stakes the lower uid loses', () => topStakes([5n, 5n, 5n], 2, 'nonzero'), [false, true, true]),
  check(
    'and so among many',
    () => topStakes(TIED, 12, 'nonzero').flatMap((wins, uid) => (wins ? [uid] : [])),
    [14, 15, 30, 31, 44, 45, 46, 47, 60, 61, 62, 63],
  ),
  check(
    'and among very many',
    () => topStakes(CROWD, 500, 'nonzero').flatMap((wins, uid) => (wins ? [uid] : [])),
    CROWD.map((stake, uid) => ({ stake, uid }))
      .toSorted((a, b) => Number(b.stake - a.stake) || b.uid - a.uid)
      .slice(0, 500)
      .map(({ uid }) => uid)
      .toSorted((a, b) => a - b),
  ),
  check('no stake wins no permit', () => topStakes([0n, 5n], 2, 'nonzero'), [false, true]),
  check('it did before', () => topStakes([0n, 5n], 2, 'plain'), [true, true]),
  check('more seats than stakes', () => topStakes([1n], 5, 'nonzero'), [true]),
  check('no seats', () => topStakes([1n, 2n], 0, 'nonzero'), [false, false]),
  check('a neuron is active for a block at least', () => activityCutoffBlocks(1, 1), 1),
  check('cut-off of today', () => activityCutoffBlocks(13_889, 360), 5000),
  check('a cut-off floors', () => activityCutoffBlocks(1999, 1), 1),
  check('two blocks', () => activityCutoffBlocks(2000, 1), 2),
  check('no data, no quantile', () => quantile([], 0.5), 0n),
  check('a quantile sorts', () => quantile([9n, 1n, 5n, 5n, 3n], 0.25), 3n),
  check(
    'and sorts very many',
    () => quantile(CROWD, 0.75),
    CROWD.map(Number)
      .toSorted((a, b) => a - b)
      .map(BigInt)[900],
  ),
  check('a quantile lies between', () => quantile([0n, ONE], 0.25), quarter),
  check(
    'quartiles that coincide give no slope',
    () => logisticParameters({ alphaLow: quarter, alphaHigh: HALF, consensusLow: HALF, consensusHigh: HALF }),
    { slope: 0n, offset: 0n },
  ),
  check(
    'nor does a bound of zero below',
    () => logisticParameters({ alphaLow: 0n, alphaHigh: HALF, consensusLow: 0n, consensusHigh: HALF }),
    { slope: 0n, offset: 0n },
  ),
  check(
    'nor one above',
    () => logisticParameters({ alphaLow: quarter, alphaHigh: 0n, consensusLow: 0n, consensusHigh: HALF }),
    { slope: 0n, offset: 0n },
  ),
  check(
    'alphas without a slope are a half, held',
    () => columnAlphas([HALF, HALF], { lowU16: 0, highU16: 16_384, steepnessHundredths: 1000 }),
    [1_073_758_208n, 1_073_758_208n],
  ),
  check('no penalty leaves the weights', () => penalisedWeights([[[0, HALF]]], [[[0, quarter]]], 0n), [[[0, HALF]]]),
  check('a full one takes the clipped', () => penalisedWeights([[[0, HALF]]], [[]], ONE), [[]]),
  check('a half lies between', () => penalisedWeights([[[0, HALF]]], [[]], HALF), [[[0, quarter]]]),
  check('an average is one at most', () => cappedAverage({ weight: 2n * ONE, bond: ONE, alpha: HALF }), ONE),
  check(
    'an average never falls below its old part',
    () => cappedAverage({ weight: -ONE, bond: ONE, alpha: HALF }),
    HALF,
  ),
  check('in the first blocks no bond is older than its miner', () => runEpoch(young).bondsKept.flat(), []),
  check(
    'a bond that floors to nothing is none',
    () =>
      quantiseBonds([
        [
          [0, 65_537n],
          [1, 65_538n],
        ],
      ]),
    [[[1, 1]]],
  ),
];

const own = { lastUpdate: 9, registeredAt: 0, permit: true, oldestCommit: null };
/** A bond on a miner of block 0, before a tempo has passed and an epoch ran. */
const young: EpochInput = {
  block: 10,
  lastEpochBlock: null,
  ownerUid: null,
  parameters: {
    formula: 'yuma3',
    kappaU16: 32_767,
    bondsPenaltyU16: 0,
    bondsMovingAveragePpm: 900_000,
    liquidAlpha: undefined,
    tempo: 360,
    activityCutoffBlocks: 5000,
    maxValidators: 1,
    minStake: 0n,
    bondMask: 'epoch',
    permitRule: 'nonzero',
    clearBonds: 'without-next-permit',
  },
  neurons: [
    { ...own, stake: 1n, weights: [], bonds: [[1, 65_535]] },
    { ...own, stake: 0n, weights: [], bonds: [] },
  ],
};

function votes(...pairs: readonly (readonly [stake: bigint, score: bigint])[]) {
  return pairs.map(([stake, score]) => ({ stake, score }));
}
