import { add, divide, type Fixed, maximum, multiply, sum, ZERO } from './fixed.ts';

/**
 * A row of a sparse matrix: pairs of uid and value, ascending by uid.
 * An explicit zero is an entry: it never counts in a sum, but liquid alpha lets a bond decay where there is one.
 */
export type Row<Value = Fixed> = readonly (readonly [uid: number, value: Value])[];
export type Matrix<Value = Fixed> = readonly Row<Value>[];

/** The entry at a place; zero where there is none. */
export function entryOf(matrix: Matrix, row: number, column: number): Fixed {
  return matrix[row]?.find(([uid]) => uid === column)?.[1] ?? ZERO;
}

/** New value of each entry; `undefined` drops the entry. */
export function mapEntries<From, To>(
  matrix: Matrix<From>,
  change: (value: From, row: number, column: number) => To | undefined,
): Matrix<To> {
  return matrix.map((entries, row) =>
    entries.flatMap(([column, value]) => {
      const changed = change(value, row, column);
      return changed === undefined ? [] : [[column, changed] as const];
    }),
  );
}

/** The entries for which `keep` holds. */
export function filterEntries<Value>(
  matrix: Matrix<Value>,
  keep: (row: number, column: number) => boolean,
): Matrix<Value> {
  return matrix.map((entries, row) => entries.filter(([column]) => keep(row, column)));
}

/** Vector divided by its sum; unchanged when the sum is zero. */
export function normalise(vector: readonly Fixed[]): Fixed[] {
  return divideAll(vector, sum(vector));
}

/** Vector divided by a given sum; unchanged when that is zero. */
export function divideAll(vector: readonly Fixed[], divisor: Fixed): Fixed[] {
  return divisor === ZERO ? [...vector] : vector.map((value) => divide(value, divisor));
}

/** Each row divided by its sum; a row that sums to zero stays as it is. */
export function normaliseRows(matrix: Matrix): Matrix {
  return matrix.map((entries) => {
    const rowSum = sum(entries.map(([, value]) => value));
    return rowSum > ZERO ? entries.map(([column, value]) => [column, divide(value, rowSum)] as const) : entries;
  });
}

/** Each column divided by its sum; a column that sums to zero stays as it is. */
export function normaliseColumns(matrix: Matrix, columns: number): Matrix {
  const sums = columnFold(matrix, columns, add);
  return mapEntries(matrix, (value, _row, column) => divideUnlessZero(value, sums[column] ?? ZERO));
}

/** Each column divided by its largest entry; a column of zeros stays as it is. */
export function upscaleColumns(matrix: Matrix, columns: number): Matrix {
  const largest = columnFold(matrix, columns, maximum);
  return mapEntries(matrix, (value, _row, column) => divideUnlessZero(value, largest[column] ?? ZERO));
}

function divideUnlessZero(value: Fixed, divisor: Fixed): Fixed {
  return divisor === ZERO ? value : divide(value, divisor);
}

function columnFold(matrix: Matrix, columns: number, fold: (left: Fixed, right: Fixed) => Fixed): Fixed[] {
  const result = Array.from({ length: columns }, () => ZERO);
  for (const entries of matrix) {
    for (const [column, value] of entries) result[column] = fold(result[column] ?? ZERO, value);
  }
  return result;
}

/** Sum of each row. */
export function rowSums(matrix: Matrix): Fixed[] {
  return matrix.map((entries) => sum(entries.map(([, value]) => value)));
}

/** For each column the sum of entry times the row's weight: ranks, when the weights are stake. */
export function weightedColumnSums(matrix: Matrix, rowWeights: readonly Fixed[], columns: number): Fixed[] {
  return columnFold(scaleRows(matrix, rowWeights), columns, add);
}

/** For each row the sum of entry times the column's weight: dividends, when the weights are incentives. */
export function weightedRowSums(matrix: Matrix, columnWeights: readonly Fixed[]): Fixed[] {
  return rowSums(mapEntries(matrix, (value, _row, column) => multiply(value, columnWeights[column] ?? ZERO)));
}

/** Each row times its weight. */
export function scaleRows(matrix: Matrix, rowWeights: readonly Fixed[]): Matrix {
  return mapEntries(matrix, (value, row) => multiply(rowWeights[row] ?? ZERO, value));
}

/**
 * Each entry held to its column's ceiling. Where the ceiling is zero and the entry is above it the entry is removed,
 * it does not become a zero; explicit zeros survive.
 */
export function clipColumns(matrix: Matrix, ceilings: readonly Fixed[]): Matrix {
  return mapEntries(matrix, (value, _row, column) => {
    const ceiling = ceilings[column] ?? ZERO;
    if (ceiling >= value) return value;
    return ceiling > ZERO ? ceiling : undefined;
  });
}

/** Merges two rows into pairs of both values; zero where a row has no entry. Ascending by uid. */
export function mergeRows(left: Row, right: Row): (readonly [uid: number, left: Fixed, right: Fixed])[] {
  const rightValues = new Map(right);
  const leftColumns = new Set(left.map(([column]) => column));
  const both = left.map(([column, value]) => [column, value, rightValues.get(column) ?? ZERO] as const);
  const onlyRight = right
    .filter(([column]) => !leftColumns.has(column))
    .map(([column, value]) => [column, ZERO, value] as const);
  return [...both, ...onlyRight].toSorted(([a], [b]) => a - b);
}
