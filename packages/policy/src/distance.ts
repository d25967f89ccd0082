import { type Fixed, ZERO } from '@subnetes/consensus/fixed';
import type { Row } from '@subnetes/consensus/sparse';

/** Half the sum of absolute differences of a row and a vector, both shares of one: the part that stands elsewhere. */
export function totalVariation(row: Row, target: readonly Fixed[]): Fixed {
  const given = new Map(row);
  return target.reduce((sum, share, uid) => sum + magnitude((given.get(uid) ?? ZERO) - share), ZERO) / 2n;
}

/** The same between two vectors. */
export function vectorDistance(left: readonly Fixed[], right: readonly Fixed[]): Fixed {
  return left.reduce((sum, share, uid) => sum + magnitude(share - (right[uid] ?? ZERO)), ZERO) / 2n;
}

function magnitude(value: Fixed): Fixed {
  return value < ZERO ? -value : value;
}
