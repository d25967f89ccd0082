const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
] as const;

/** A time as people say it: in the largest unit of which there is one, with a decimal below ten of them that are longer than seconds. */
export function spokenTime(ms: number): string {
  const whole = Math.round(ms / 1000) * 1000;
  const [name, unitMs] = UNITS.find(([, each]) => whole >= each) ?? UNITS[3];
  const isFine = name !== 'second' && whole < 9.95 * unitMs;
  const count = isFine ? Math.round((10 * whole) / unitMs) / 10 : Math.round(whole / unitMs);
  return count === 0 ? 'less than a second' : `${count} ${name}${count === 1 ? '' : 's'}`;
}
