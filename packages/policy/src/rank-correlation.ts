import { ratioPpm } from './ppm.ts';

/**
 * Rank correlation of two equally long lists in millionths, from -10^6 (reversed) to 10^6 (same order): pairs in the same
 * order minus pairs in opposite order, over both; pairs with a tie on either side are left out. Undefined when fewer than
 * half of all pairs are without a tie: then there is no order to compare.
 *
 * Source: Goodman & Kruskal's gamma (1954), which is Kendall's tau without its ties; integers throughout.
 */
export function rankCorrelationPpm(
  left: readonly (number | bigint)[],
  right: readonly (number | bigint)[],
): number | undefined {
  let same = 0;
  let opposite = 0;
  for (const [position, one] of left.entries()) {
    for (let other = position + 1; other < left.length; other += 1) {
      const order = orderOf(one, left[other]) * orderOf(right[position], right[other]);
      if (order > 0) same += 1;
      else if (order < 0) opposite += 1;
    }
  }
  const pairs = (left.length * (left.length - 1)) / 2;
  if (pairs === 0 || 2 * (same + opposite) < pairs) return undefined;
  return ratioPpm(BigInt(same - opposite), BigInt(same + opposite));
}

function orderOf(left: number | bigint | undefined, right: number | bigint | undefined): number {
  if (left === undefined || right === undefined || left === right) return 0;
  return left < right ? -1 : 1;
}
