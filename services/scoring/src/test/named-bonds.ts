import type { Bonds } from '#domain/bonds.ts';

/** A bond with both registrations named. */
export interface NamedBond {
  readonly mechanismId: number;
  readonly from: string;
  readonly to: string;
  readonly value: number;
}

/** Each bond as a row of its own, in any order. */
export function bondsOf(named: readonly NamedBond[]): Bonds {
  const ids = [...new Set(named.flatMap(({ from, to }) => [from, to]))];
  const rows = named.map(
    ({ mechanismId, from, to, value }) => [mechanismId, ids.indexOf(from), ids.indexOf(to), value] as const,
  );
  return { ids, rows };
}
