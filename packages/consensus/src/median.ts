import { add, type Fixed, subtract, sum, ZERO } from './fixed.ts';
import { type Matrix, normalise } from './sparse.ts';

interface Vote {
  readonly stake: Fixed;
  readonly score: Fixed;
}

/**
 * Stake-weighted median of one list of votes: the lowest score above which less than `total - minority` of stake stands,
 * found by narrowing around a vote in the middle, without sorting, so that ties at exactly the limit fall as on chain.
 *
 * `minority` is total stake minus kappa; `total` the sum of the votes' stake. Zero when there are no votes.
 * Source: opentensor/subtensor epoch/math.rs, weighted_median.
 */
export function weightedMedian(votes: readonly Vote[], minority: Fixed, total: Fixed): Fixed {
  let current = votes;
  let low = ZERO;
  let high = total;
  for (let round = 0; round < votes.length; round += 1) {
    const [only] = current;
    if (only === undefined) return ZERO;
    if (current.length === 1) return only.score;
    const pivot = current[Math.floor(current.length / 2)]?.score ?? ZERO;
    const lower = current.filter(({ score }) => score < pivot);
    const upper = current.filter(({ score }) => score > pivot);
    const lowerTop = add(low, stakeOf(lower));
    const upperBottom = subtract(high, stakeOf(upper));
    if (minority < lowerTop && lower.length > 0) {
      current = lower;
      high = lowerTop;
    } else if (upperBottom <= minority && upper.length > 0) {
      current = upper;
      low = upperBottom;
    } else {
      return pivot;
    }
  }
  return ZERO;
}

function stakeOf(votes: readonly Vote[]): Fixed {
  return sum(votes.map(({ stake }) => stake));
}

/**
 * Consensus of every column: the weighted median over the rows that have stake, their stake normalised once more.
 * A row without an entry votes zero. Not normalised: the sum may be anything from 0 to above 1.
 */
export function columnMedians(
  matrix: Matrix,
  rowStake: readonly Fixed[],
  options: { readonly columns: number; readonly kappa: Fixed },
): Fixed[] {
  const voters = rowStake.flatMap((stake, row) => (stake > ZERO ? [row] : []));
  const stake = normalise(voters.map((row) => rowStake[row] ?? ZERO));
  const total = sum(stake);
  const minority = subtract(total, options.kappa);
  const scores = Array.from({ length: options.columns }, () => voters.map(() => ZERO));
  for (const [position, row] of voters.entries()) {
    for (const [column, value] of matrix[row] ?? []) {
      const votes = scores[column];
      if (votes !== undefined) votes[position] = value;
    }
  }
  return scores.map((column) =>
    weightedMedian(
      column.map((score, position) => ({ score, stake: stake[position] ?? ZERO })),
      minority,
      total,
    ),
  );
}
