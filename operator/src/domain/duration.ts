const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** Milliseconds of a Kubernetes duration such as `1m30s`; undefined for what is none. */
export function durationMs(text: string): number | undefined {
  if (!/^([0-9]{1,6}(ms|s|m|h)){1,4}$/.test(text)) return undefined;
  let total = 0;
  for (const [, count = '0', unit = 'ms'] of text.matchAll(/([0-9]+)(ms|s|m|h)/g)) {
    total += Number(count) * (UNIT_MS[unit] ?? 0);
  }
  return total;
}

/** Shortest duration text of a whole number of milliseconds: `12s`, `1500ms`. */
export function durationText(ms: number): string {
  return ms % 1_000 === 0 ? `${ms / 1_000}s` : `${ms}ms`;
}
