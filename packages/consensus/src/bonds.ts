import {
  add,
  type Fixed,
  fromInteger,
  fromU16Share,
  maximum,
  minimum,
  multiply,
  ONE,
  subtract,
  toU16Share,
  ZERO,
} from './fixed.ts';
import { columnAlphas, type LiquidAlphaSettings, pairAlpha } from './liquid-alpha.ts';
import {
  filterEntries,
  mapEntries,
  type Matrix,
  mergeRows,
  normalise,
  normaliseColumns,
  type Row,
  scaleRows,
  upscaleColumns,
  weightedRowSums,
} from './sparse.ts';

/** What a bond update needs, whatever the formula. */
export interface BondInputs {
  /** Bonds as stored after the epoch before, already masked. */
  readonly stored: Matrix<number>;
  /** Weights that buy bonds: between raw and clipped, by the bonds penalty. */
  readonly target: Matrix;
  readonly activeStake: readonly Fixed[];
  readonly consensus: readonly Fixed[];
  readonly incentive: readonly Fixed[];
  /** Weight of the new observation without liquid alpha. */
  readonly alpha: Fixed;
  readonly liquidAlpha: LiquidAlphaSettings | undefined;
}

export interface BondOutcome {
  /** The new observation: column shares of stake times weight (Yuma 2), or the target itself (Yuma 3). */
  readonly observed: Matrix;
  /** Column shares that decide the dividends. */
  readonly shares: Matrix;
  /** The matrix that is quantised for storage. */
  readonly kept: Matrix;
  /** Not yet normalised over the validators. */
  readonly dividends: readonly Fixed[];
}

/** W + penalty * (clipped - W), the ends exact; between them only entries above zero stay. */
export function penalisedWeights(raw: Matrix, clipped: Matrix, penalty: Fixed): Matrix {
  if (penalty === ZERO) return raw;
  if (penalty === ONE) return clipped;
  return raw.map((row, index) =>
    positive(
      mergeRows(row, clipped[index] ?? []).map(([uid, from, to]) => [
        uid,
        add(from, multiply(penalty, subtract(to, from))),
      ]),
    ),
  );
}

/** Bonds of Yuma 2: shares of each miner's column, stake counted in the purchase, floored into a scale per column. */
export function classicBonds(inputs: BondInputs): BondOutcome {
  const columns = inputs.incentive.length;
  const old = normaliseColumns(
    mapEntries(inputs.stored, (value) => fromInteger(value)),
    columns,
  );
  const observed = normaliseColumns(scaleRows(inputs.target, inputs.activeStake), columns);
  const alphas =
    inputs.liquidAlpha === undefined || inputs.consensus.every((value) => value === ZERO)
      ? inputs.incentive.map(() => inputs.alpha)
      : columnAlphas(inputs.consensus, inputs.liquidAlpha);
  const averaged = movingAverage(observed, old, (_row, column) => alphas[column] ?? ZERO);
  // Shares are taken once more: the first epoch counts fully, and bonds on miners whom nobody rates any more do not decay.
  const shares = normaliseColumns(averaged, columns);
  return {
    observed,
    shares,
    kept: upscaleColumns(shares, columns),
    dividends: normalise(weightedRowSums(shares, inputs.incentive)),
  };
}

/** Bonds of Yuma 3: one scale per pair in [0, 1]; stake counts in the dividends alone, so an inactive validator gets none. */
export function pairBonds(inputs: BondInputs): BondOutcome {
  const columns = inputs.incentive.length;
  const old = mapEntries(inputs.stored, (value) => fromU16Share(value));
  const kept =
    inputs.liquidAlpha === undefined || inputs.consensus.every((value) => value === ZERO)
      ? movingAverage(inputs.target, old, () => inputs.alpha)
      : liquidAverage(inputs.target, old, { consensus: inputs.consensus, settings: inputs.liquidAlpha });
  const shares = normaliseColumns(kept, columns);
  const earned = weightedRowSums(shares, inputs.incentive);
  return {
    observed: inputs.target,
    shares,
    kept,
    dividends: normalise(earned.map((value, uid) => multiply(value, inputs.activeStake[uid] ?? ZERO))),
  };
}

/** alpha * new + (1 - alpha) * old over the entries of both; entries that are not above zero are dropped. */
export function movingAverage(fresh: Matrix, old: Matrix, alphaOf: (row: number, column: number) => Fixed): Matrix {
  return fresh.map((row, index) =>
    positive(
      mergeRows(row, old[index] ?? []).map(([uid, newValue, oldValue]) => {
        const alpha = alphaOf(index, uid);
        return [uid, add(multiply(alpha, newValue), multiply(subtract(ONE, alpha), oldValue))];
      }),
    ),
  );
}

/**
 * The live form walks over the entries of the new row only: an old bond without a new entry is gone at once,
 * an explicit zero weight lets it decay. Held at 1 from above.
 */
function liquidAverage(
  target: Matrix,
  old: Matrix,
  liquid: { readonly consensus: readonly Fixed[]; readonly settings: LiquidAlphaSettings },
): Matrix {
  return target.map((row, index) => {
    const oldRow = new Map(old[index] ?? []);
    return positive(
      row.map(([uid, weight]) => {
        const bond = oldRow.get(uid) ?? ZERO;
        const alpha = pairAlpha({ weight, bond, consensus: liquid.consensus[uid] ?? ZERO }, liquid.settings);
        return [uid, cappedAverage({ weight, bond, alpha })];
      }),
    );
  });
}

/** min(1, (1 - alpha) * bond + alpha * weight). */
export function cappedAverage(pair: { readonly weight: Fixed; readonly bond: Fixed; readonly alpha: Fixed }): Fixed {
  const decayed = multiply(subtract(ONE, pair.alpha), pair.bond);
  return minimum(ONE, add(decayed, maximum(multiply(pair.alpha, pair.weight), ZERO)));
}

function positive(row: Row): Row {
  return row.filter(([, value]) => value > ZERO);
}

/** Bonds as stored: floor(x * 65535); what floors to zero is no bond. */
export function quantiseBonds(bonds: Matrix): Matrix<number> {
  return mapEntries(bonds, (value) => {
    const stored = toU16Share(value);
    return stored === 0 ? undefined : stored;
  });
}

/** Stored bonds without any on the given uids: what a miner's bonds reset does, on request of its hotkey. */
export function resetBonds(bonds: Matrix<number>, uids: ReadonlySet<number>): Matrix<number> {
  return filterEntries(bonds, (_row, column) => !uids.has(column));
}
