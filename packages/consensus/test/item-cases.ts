import { blake2b } from '@noble/hashes/blake2.js';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { cappedAverage, movingAverage, penalisedWeights } from '../src/bonds.ts';
import { commitPreimage } from '../src/commit-preimage.ts';
import {
  divide,
  exponential,
  type Fixed,
  fromDecimal,
  fromInteger,
  logistic,
  multiply,
  narrowQuotient,
  ONE,
  oneMinusPpm,
  subtract,
  sum,
  toDecimal,
  toU16Share,
} from '../src/fixed.ts';
import { logisticAlpha, logisticParameters, pairAlpha, quantile } from '../src/liquid-alpha.ts';
import { columnMedians, weightedMedian } from '../src/median.ts';
import { activityCutoffBlocks, topStakes } from '../src/permits.ts';
import {
  clipColumns,
  filterEntries,
  type Matrix,
  normalise,
  normaliseColumns,
  normaliseRows,
  rowSums,
  scaleRows,
  upscaleColumns,
  weightedColumnSums,
  weightedRowSums,
} from '../src/sparse.ts';
import { maxUpscale, sharesFromU16, weightsToU16, withinMaxWeight } from '../src/weights.ts';
import { ECONOMY_KINDS } from './economy-cases.ts';
import { POOL_KINDS } from './pool-cases.ts';
import {
  CaseMalformed,
  type Checker,
  differences,
  integer,
  type Json,
  type JsonObject,
  list,
  matrix,
  number,
  numbers,
  object,
  string,
} from './vector-case.ts';

/** A kind whose items are checked one by one: value of an item, which may look at what is expected to know what is asked. */
type Evaluate = (item: JsonObject, expected: Json) => Json;

const decimal = (value: Json | undefined): Fixed => fromDecimal(number(value));
const vectorOf = (value: Json | undefined): Fixed[] => numbers(value).map(fromDecimal);
const entries = (value: Json | undefined): Matrix =>
  matrix(value).map((row) => row.map((item, column) => [column, fromDecimal(item)] as const));
const columnsOf = (value: Json | undefined): number => matrix(value)[0]?.length ?? 0;
const decimals = (values: readonly Fixed[]): number[] => values.map(toDecimal);
const dense = (values: Matrix, columns: number): number[][] =>
  values.map((row) => {
    const line = Array.from({ length: columns }, () => 0);
    for (const [column, value] of row) line[column] = toDecimal(value);
    return line;
  });

const KINDS: { readonly [kind: string]: Evaluate } = {
  ...ECONOMY_KINDS,
  ...POOL_KINDS,
  'activity-cutoff': (item) => activityCutoffBlocks(number(item['factor_milli']), number(item['tempo'])),
  'column-max-upscale': (item) => {
    const columns = columnsOf(item['matrix']);
    return dense(upscaleColumns(entries(item['matrix']), columns), columns);
  },
  'column-normalise': (item) => {
    const columns = columnsOf(item['matrix']);
    return dense(normaliseColumns(entries(item['matrix']), columns), columns);
  },
  'row-normalise': (item) => dense(normaliseRows(entries(item['matrix'])), columnsOf(item['matrix'])),
  'fixed-point': fixedPoint,
  linear,
  'max-upscale': (item) => maxUpscale(vectorOf(item['vector'])),
  'max-limit': (item) => withinMaxWeight(vectorOf(item['vector']), number(item['limit_u16'])),
  sigmoid: (item) => {
    const distance = subtract(decimal(item['x']), decimal(item['kappa']));
    return toDecimal(logistic(multiply(-decimal(item['rho']), distance)));
  },
  topk: (item) => {
    if (string(item['rule']) !== 'plain') throw new CaseMalformed(`rule ${string(item['rule'])}`);
    return topStakes(vectorOf(item['vector']), number(item['k']), 'plain');
  },
  'weighted-median': (item) => {
    // The chain's tests hold these decimals as float32; whether a tie is one depends on it.
    const given = numbers(item['stake']).map((value) => fromDecimal(Math.fround(value)));
    const stake = item['normalise_stake'] === true ? normalise(given) : given;
    const votes = vectorOf(item['score']).map((score, index) => ({ score, stake: stake[index] ?? 0n }));
    const minority = subtract(ONE, fromDecimal(Math.fround(number(item['majority']))));
    return toDecimal(weightedMedian(votes, minority, sum(stake)));
  },
  'weighted-median-columns': (item) => {
    const options = { columns: columnsOf(item['weights']), kappa: decimal(item['majority']) };
    return decimals(columnMedians(entries(item['weights']), vectorOf(item['stake']), options));
  },
  interpolate: (item) =>
    dense(penalisedWeights(entries(item['a']), entries(item['b']), decimal(item['ratio'])), columnsOf(item['a'])),
  quantile: (item) => toDecimal(quantile(vectorOf(item['data']), number(item['q']))),
  'ema-alpha': (item) => {
    const old = matrix(item['old']);
    const alpha = matrix(item['alpha']);
    return matrix(item['new']).map((row, i) =>
      row.map((weight, j) =>
        toDecimal(
          cappedAverage({
            weight: fromDecimal(weight),
            bond: fromDecimal(old[i]?.[j] ?? 0),
            alpha: fromDecimal(alpha[i]?.[j] ?? 0),
          }),
        ),
      ),
    );
  },
  'ema-columns': (item) => {
    const alpha = vectorOf(item['alpha']);
    const averaged = movingAverage(entries(item['new']), entries(item['old']), (_row, column) => alpha[column] ?? 0n);
    return dense(averaged, columnsOf(item['new']));
  },
  logistic: (item) => {
    const { slope, offset } = logisticParameters({
      alphaHigh: decimal(item['alpha_high']),
      alphaLow: decimal(item['alpha_low']),
      consensusHigh: decimal(item['consensus_high']),
      consensusLow: decimal(item['consensus_low']),
    });
    return decimals([slope, offset]);
  },
  'logistic-alpha': (item) =>
    toDecimal(logisticAlpha(decimal(item['consensus']), { slope: decimal(item['a']), offset: decimal(item['b']) })),
  'liquid-sigmoid': (item) =>
    toDecimal(
      pairAlpha(
        { weight: decimal(item['weight']), bond: decimal(item['bond']), consensus: decimal(item['consensus']) },
        {
          lowU16: number(item['alpha_low_u16']),
          highU16: number(item['alpha_high_u16']),
          steepnessHundredths: number(item['steepness']),
        },
      ),
    ),
  'commit-hash': (item) => {
    const index = number(item['netuid_index']);
    const preimage = commitPreimage({
      hotkey: hexToBytes(string(item['hotkey_hex'])),
      netuid: index % 4096,
      mechanismId: Math.floor(index / 4096),
      uids: numbers(item['uids']),
      values: numbers(item['values']),
      salt: numbers(item['salt']),
      versionKey: integer(item['version_key']),
    });
    return bytesToHex(blake2b(preimage, { dkLen: 32 }));
  },
  'weights-emit': (item) => {
    const scores = numbers(item['weights']);
    const row = weightsToU16(numbers(item['uids']).map((uid, index) => [uid, scores[index] ?? 0] as const));
    return [row.map(([uid]) => uid), row.map(([, value]) => value)];
  },
  'weights-read': (item) => {
    const values = numbers(item['values']);
    const row = numbers(item['uids']).map((uid, index) => [uid, values[index] ?? 0] as const);
    return sharesFromU16(row, number(item['n']));
  },
};

function fixedPoint(item: JsonObject): Json {
  const op = string(item['op']);
  if (op === 'from-decimal') return decimal(item['x']);
  if (op === 'narrow') return narrowQuotient(integer(item['a']), integer(item['b']));
  if (op === 'one-minus-ppm') return oneMinusPpm(number(item['ppm']));
  if (op === 'mul') return multiply(integer(item['a']), integer(item['b']));
  if (op === 'div') return divide(integer(item['a']), integer(item['b']));
  if (op === 'exp') return exponential(integer(item['a']));
  if (op === 'to-u16') return toU16Share(integer(item['a']));
  throw new CaseMalformed(`op ${op}`);
}

function linear(item: JsonObject): Json {
  const op = string(item['op']);
  const values = entries(item['matrix']);
  const columns = columnsOf(item['matrix']);
  if (op === 'mask-pair') return dense(maskPairs(item, values), columns);
  const vector = vectorOf(item['vector']);
  if (op === 'row-sum') return decimals(rowSums(values));
  if (op === 'weighted-column-sum') return decimals(weightedColumnSums(values, vector, columns));
  if (op === 'weighted-row-sum') return decimals(weightedRowSums(values, vector));
  if (op === 'clip-columns') return dense(clipColumns(values, vector), columns);
  if (op === 'scale-rows') return dense(scaleRows(values, vector), columns);
  if (op === 'scale-columns') return dense(scaleColumns(values, vector), columns);
  throw new CaseMalformed(`op ${op}`);
}

function scaleColumns(values: Matrix, vector: readonly Fixed[]): Matrix {
  return values.map((row) => row.map(([column, value]) => [column, multiply(value, vector[column] ?? 0n)] as const));
}

function maskPairs(item: JsonObject, values: Matrix): Matrix {
  const relation = string(item['relation']);
  const first = numbers(item['first']);
  const second = numbers(item['second']);
  return filterEntries(values, (row, column) => {
    const left = fromInteger(first[row] ?? 0);
    const right = fromInteger(second[column] ?? 0);
    if (relation === 'equal') return left !== right;
    if (relation === 'less') return left >= right;
    if (relation === 'less-equal') return left > right;
    throw new CaseMalformed(`relation ${relation}`);
  });
}

/** Checkers of all kinds that are lists of items. */
export const ITEM_CHECKERS: { readonly [kind: string]: Checker } = Object.fromEntries(
  Object.entries(KINDS).map(([kind, evaluate]) => [kind, itemChecker(evaluate)]),
);

function itemChecker(evaluate: Evaluate): Checker {
  return ({ inputs, expected }) => {
    const items = list(inputs['items']).map(object);
    const stated = list(expected['items']);
    const common = object(expected['tolerance'] ?? {});
    if (items.length !== stated.length) throw new CaseMalformed('inputs and expected differ in their items');
    return items.flatMap((item, index) => {
      const allowed = number(item['tolerance'] ?? common['decimal'] ?? common['integer'] ?? 0);
      const wanted = stated[index] ?? null;
      return differences(`item ${index + 1}`, evaluate(item, wanted), wanted, allowed);
    });
  };
}
