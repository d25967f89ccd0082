import { type Fixed, maximum, U16_MAX, ZERO } from '@subnetes/consensus/fixed';
import type { Row } from '@subnetes/consensus/sparse';

/** A row of shares as the wire has it: the largest becomes 65535, the others in proportion, truncated. All zeros stay. */
export function rowToU16(row: Row): Row<number> {
  const largest = row.reduce((left, [, share]) => maximum(left, share), ZERO);
  if (largest === ZERO) return row.map(([uid]) => [uid, 0] as const);
  return row.map(([uid, share]) => [uid, scaled(share, largest)] as const);
}

function scaled(share: Fixed, largest: Fixed): number {
  return Number((share * BigInt(U16_MAX)) / largest);
}
