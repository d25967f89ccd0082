import { runEpoch } from '@subnetes/consensus/epoch';
import type { EpochInput, NeuronInput } from '@subnetes/consensus/epoch-types';
import { readSp500 } from '@subnetes/validator/adapters/sp500-dataset';
import type { Answer } from '@subnetes/validator/domain/answer';
import { firstDayFrom } from '@subnetes/validator/domain/replay-clock';
import { invertWeights, scoresToWeights } from '@subnetes/validator/domain/score-to-weight';
import type { UidWeight } from '@subnetes/validator/domain/score-to-weight';
import { expect, test } from 'vitest';
import { HORIZONS_DAYS, QUANTILE_COUNT } from '../src/forecast-contract.ts';
import { EMA_PPM, HONEST_RANKING, SIMILARITY_PPM, START_DAY, TEMPO_BLOCKS } from '../src/market-terms.ts';
import { trainModels } from '../src/train.ts';
import { forecastsOf, walkMarket } from './market-walk.ts';

const MINERS = ['copycat', ...HONEST_RANKING, 'broken'];
const STAKES = [4500n, 3500n, 2000n];
const DISHONEST = 2;
const RAO = 1_000_000_000n;
const EPOCHS = 8;
/** Weights of the first epoch rest on so many days: they are committed at the end of the second interval. */
const FIRST_COMMIT_DAY = 32;

const { dates, closes } = readSp500();
const startDay = firstDayFrom(dates, START_DAY) ?? 0;
const forecasts = forecastsOf(trainModels(), closes, startDay - 1);
const nan: Answer = { kind: 'invalid', reason: 'quantiles[0] is NaN' };
const answerOf = (name: string, day: number): Answer =>
  name === 'copycat' ? (forecasts.get('ewma')?.[day - 1] ?? nan) : (forecasts.get(name)?.[day] ?? nan);

/** What the three validators give the miners in each epoch: two as they judge, one the other way round. */
function weightsByEpoch(): readonly (readonly (readonly UidWeight[])[])[] {
  const history = walkMarket({
    closes,
    firstDay: startDay,
    days: FIRST_COMMIT_DAY + EPOCHS * TEMPO_BLOCKS,
    from: FIRST_COMMIT_DAY,
    miners: MINERS,
    rules: {
      task: { horizonsDays: HORIZONS_DAYS, quantileCount: QUANTILE_COUNT },
      emaPpm: EMA_PPM,
      similarityPpm: SIMILARITY_PPM,
      perEpoch: TEMPO_BLOCKS,
      daysBetween: 1,
    },
    answers: (day) => new Map(MINERS.map((name) => [name, answerOf(name, day)])),
  });
  return Array.from({ length: EPOCHS }, (_, epoch) => {
    const standings = history[epoch * TEMPO_BLOCKS] ?? [];
    const honest = scoresToWeights(standings);
    return STAKES.map((__, validator) => (validator === DISHONEST ? invertWeights(honest, standings) : honest));
  });
}

function inputOf(
  epoch: number,
  weights: readonly (readonly UidWeight[])[],
  bonds: readonly NeuronInput['bonds'][],
): EpochInput {
  const block = 1000 + epoch * TEMPO_BLOCKS;
  const common = { registeredAt: 10, oldestCommit: null };
  const miners = MINERS.map(() => ({ ...common, stake: 0n, lastUpdate: 10, permit: false, weights: [], bonds: [] }));
  const validators = STAKES.map((stake, at) => ({
    ...common,
    stake: stake * RAO,
    lastUpdate: block - TEMPO_BLOCKS,
    permit: true,
    weights: (weights[at] ?? []).map(({ uid, value }) => [uid, value] as const),
    bonds: bonds[MINERS.length + at] ?? [],
  }));
  return {
    block,
    lastEpochBlock: block - TEMPO_BLOCKS,
    ownerUid: null,
    neurons: [...miners, ...validators],
    parameters: {
      formula: 'yuma3',
      kappaU16: 32_767,
      bondsPenaltyU16: 65_535,
      bondsMovingAveragePpm: 900_000,
      liquidAlpha: undefined,
      tempo: TEMPO_BLOCKS,
      activityCutoffBlocks: 5000,
      maxValidators: 64,
      minStake: 0n,
      bondMask: 'epoch',
      permitRule: 'nonzero',
      clearBonds: 'without-next-permit',
    },
  };
}

test('the consensus pays honest miners by their forecasts and the dishonest validator least for its stake', () => {
  let bonds: readonly NeuronInput['bonds'][] = [];
  const dividends = STAKES.map(() => 0);
  for (const [epoch, weights] of weightsByEpoch().entries()) {
    const output = runEpoch(inputOf(epoch, weights, bonds));
    bonds = output.bonds;
    const incentive = (name: string): number => output.u16.incentive[MINERS.indexOf(name)] ?? 0;
    const honest = HONEST_RANKING.map(incentive);
    expect(honest).toEqual(honest.toSorted((a, b) => b - a));
    expect(new Set(honest).size).toBe(honest.length);
    expect(Math.max(incentive('copycat'), incentive('broken'))).toBeLessThan(Math.min(...honest));
    for (const at of STAKES.keys())
      dividends[at] = (dividends[at] ?? 0) + (output.u16.dividends[MINERS.length + at] ?? 0);
    if (epoch === EPOCHS - 1)
      console.log(
        'incentives',
        HONEST_RANKING.map((name) => `${name} ${(incentive(name) / 65_535).toFixed(3)}`).join(', '),
      );
  }
  const perStake = dividends.map((sum, at) => sum / EPOCHS / 65_535 / Number(STAKES[at] ?? 1n));
  console.log('dividends per staked TAO', perStake.map((value) => value.toExponential(2)).join(', '));
  const dishonest = perStake[DISHONEST] ?? 0;
  expect(dishonest).toBeLessThan(Math.min(...perStake.filter((_, at) => at !== DISHONEST)));
});
