/**
 * The published Python simulator's variant of the formula, in float64. It is not the chain's (consensus is normalised and
 * floored before clipping, 1e-6 stands in row and final sums, no liquid alpha in the first epoch), so it lives with the tests.
 * Source: bactensor/yuma-simulation 2b976fd.
 */
export interface SimulatorConfig {
  readonly version: 'yuma2' | 'yuma3';
  readonly kappa: number;
  readonly bondPenalty: number;
  /** Weight of the old bonds. */
  readonly bondMovingAverage: number;
  readonly liquidAlpha: boolean;
  readonly alphaLow: number;
  readonly alphaHigh: number;
  readonly steepness: number;
  readonly kappaSlack: number;
}

export interface SimulatorOutput {
  readonly consensus: number[];
  readonly rank: number[];
  readonly incentive: number[];
  readonly trust: number[];
  readonly validatorTrust: number[];
  readonly bonds: number[][];
  readonly dividends: number[];
}

const EPSILON = 1e-6;
const total = (vector: readonly number[]): number => vector.reduce((left, right) => left + right, 0);
const ratio = (left: number, right: number): number => (right === 0 ? 0 : left / right);

/** One epoch; `oldBonds` is undefined in the very first. Dense: validators by miners. */
export function simulate(
  config: SimulatorConfig,
  state: { readonly stake: readonly number[]; readonly weights: readonly (readonly number[])[] },
  oldBonds: readonly (readonly number[])[] | undefined,
): SimulatorOutput {
  const weights = state.weights.map((row) => row.map((value) => value / (total(row) + EPSILON)));
  const stake = state.stake.map((value) => value / total(state.stake));
  const miners = (weights[0] ?? []).map((_, column) => column);
  const at = (matrix: readonly (readonly number[])[], row: number, column: number): number =>
    matrix[row]?.[column] ?? 0;
  const byStake = (matrix: readonly (readonly number[])[]): number[] =>
    miners.map((column) => total(stake.map((share, row) => share * at(matrix, row, column))));

  const medians = miners.map((column) =>
    backedWeight(
      stake,
      weights.map((row) => row[column] ?? 0),
      config.kappa - config.kappaSlack,
    ),
  );
  const consensus = medians.map((value) => Math.floor(ratio(value, total(medians)) * 65_535) / 65_535);
  const clipped = weights.map((row) => row.map((value, column) => Math.min(value, consensus[column] ?? 0)));
  const rank = byStake(clipped);
  const incentive = rank.map((value) => ratio(value, total(rank)));
  const prerank = byStake(weights);
  const target = weights.map((row, validator) =>
    row.map((value, column) => (1 - config.bondPenalty) * value + config.bondPenalty * at(clipped, validator, column)),
  );
  const bonds = (config.version === 'yuma2' ? sharedBonds : pairBonds)({ config, stake, target, consensus, oldBonds });
  const dividends = (config.version === 'yuma2' ? bonds : columnShares(bonds)).map(
    (row, validator) =>
      total(row.map((bond, column) => bond * (incentive[column] ?? 0))) *
      (config.version === 'yuma2' ? 1 : (stake[validator] ?? 0)),
  );
  return {
    consensus,
    rank,
    incentive,
    trust: rank.map((value, column) => ratio(value, prerank[column] ?? 0)),
    validatorTrust: clipped.map((row, validator) => ratio(total(row), total(weights[validator] ?? []))),
    bonds,
    dividends: dividends.map((value) => value / (total(dividends) + EPSILON)),
  };
}

/** Largest weight that stake above `kappa` gave or exceeded; zero when there is none. */
function backedWeight(stake: readonly number[], weights: readonly number[], kappa: number): number {
  const backed = weights.filter((level) => total(stake.filter((_, row) => (weights[row] ?? 0) >= level)) > kappa);
  return Math.max(0, ...backed);
}

interface BondState {
  readonly config: SimulatorConfig;
  readonly stake: readonly number[];
  readonly target: readonly (readonly number[])[];
  readonly consensus: readonly number[];
  readonly oldBonds: readonly (readonly number[])[] | undefined;
}

function sharedBonds({ config, stake, target, oldBonds }: BondState): number[][] {
  const bought = target.map((row, validator) => row.map((value) => (stake[validator] ?? 0) * value));
  const sums = (bought[0] ?? []).map((_, column) => total(bought.map((row) => row[column] ?? 0)));
  const fresh = bought.map((row) => row.map((value, column) => ratio(value, sums[column] ?? 0)));
  if (oldBonds === undefined) return fresh;
  const keep = config.bondMovingAverage;
  return fresh.map((row, i) => row.map((value, j) => (1 - keep) * value + keep * (oldBonds[i]?.[j] ?? 0)));
}

function pairBonds({ config, target, consensus, oldBonds }: BondState): number[][] {
  const flat = 1 - config.bondMovingAverage;
  return target.map((row, i) =>
    row.map((weight, j) => {
      const bond = oldBonds?.[i]?.[j] ?? 0;
      const liquid = config.liquidAlpha && oldBonds !== undefined;
      const alpha = liquid ? pairAlpha(config, { weight, bond, consensus: consensus[j] ?? 0 }) : flat;
      return Math.min(1, (1 - alpha) * bond + alpha * weight);
    }),
  );
}

function pairAlpha(config: SimulatorConfig, pair: { weight: number; bond: number; consensus: number }): number {
  const gap = pair.weight >= pair.bond ? pair.weight - pair.consensus : pair.bond - pair.weight;
  const held = Math.min(1, Math.max(0, gap));
  const sigmoid = 1 / (1 + Math.exp(-config.steepness * (held - 0.5)));
  return config.alphaLow + sigmoid * (config.alphaHigh - config.alphaLow);
}

function columnShares(bonds: readonly (readonly number[])[]): number[][] {
  const sums = (bonds[0] ?? []).map((_, column) => total(bonds.map((row) => row[column] ?? 0)));
  return bonds.map((row) => row.map((bond, column) => bond / ((sums[column] ?? 0) + EPSILON)));
}
