/** Sums by name; those that come to nothing are left out. */
export function sumsOf(moves: readonly (readonly [string, bigint])[]): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const [name, rao] of moves) sums.set(name, (sums.get(name) ?? 0n) + rao);
  return new Map([...sums].filter(([, rao]) => rao !== 0n));
}
