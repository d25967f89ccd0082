import type { Forecast } from './crps.ts';

/** A registered miner, with what decides who was first. */
export type Registrant = { readonly id: string; readonly uid: number; readonly registeredAt: number };

/** The valid forecasts of one challenge, by registration id. */
export type DayForecasts = { readonly day: number; readonly forecasts: ReadonlyMap<string, Forecast> };

/** Why a miner counts as a copy: its answers repeat those that `of` gave a challenge earlier. */
export type CopyVerdict = { readonly of: string; readonly similarityPpm: number };

export type CopyRules = {
  readonly similarityPpm: number;
  /** Days from one challenge to the next; other gaps (the validator was away, the data wrapped) are not compared. */
  readonly daysBetween: number;
  /** Pairs of days that it takes for a verdict: two forecasts of one day may meet by chance. */
  readonly pairsMin: number;
};

/**
 * Finds the miners whose answers lag another's: answers at t are compared with everybody's at the challenge before,
 * by 1 − Σ|a−b| / Σ(|a|+|b|) over all quantiles of the window. Where both of a pair lag each other (constant answers
 * do), the one that registered later, by (registeredAt, uid), is the copy; being first protects from nothing else.
 */
export function findCopies(
  days: readonly DayForecasts[],
  miners: readonly Registrant[],
  rules: CopyRules,
): ReadonlyMap<string, CopyVerdict> {
  const verdicts = new Map<string, CopyVerdict>();
  const lagOf = (late: Registrant, early: Registrant): number | undefined => {
    const similarity = laggedSimilarity(days, { late: late.id, early: early.id, rules });
    return similarity !== undefined && similarity * 1_000_000 >= rules.similarityPpm ? similarity : undefined;
  };
  for (const [index, one] of miners.entries()) {
    for (const other of miners.slice(index + 1)) {
      const oneLags = lagOf(one, other);
      const otherLags = lagOf(other, one);
      if (oneLags === undefined && otherLags === undefined) continue;
      const oneIsCopy = otherLags === undefined || (oneLags !== undefined && registeredLater(one, other));
      const [copy, source] = oneIsCopy ? [one, other] : [other, one];
      const similarityPpm = Math.floor((oneIsCopy ? (oneLags ?? 0) : (otherLags ?? 0)) * 1_000_000);
      const known = verdicts.get(copy.id);
      if (known === undefined || known.similarityPpm < similarityPpm)
        verdicts.set(copy.id, { of: source.id, similarityPpm });
    }
  }
  return verdicts;
}

/** How far `late`'s answers repeat `early`'s of the challenge before, from 0 to 1. Undefined with too few pairs of days. */
export function laggedSimilarity(
  days: readonly DayForecasts[],
  pair: { readonly late: string; readonly early: string; readonly rules: CopyRules },
): number | undefined {
  let difference = 0;
  let size = 0;
  let pairs = 0;
  for (let index = 1; index < days.length; index++) {
    const [before, today] = [days[index - 1], days[index]];
    if (before === undefined || today === undefined || today.day - before.day !== pair.rules.daysBetween) continue;
    const late = today.forecasts.get(pair.late);
    const early = before.forecasts.get(pair.early);
    if (late === undefined || early === undefined) continue;
    pairs++;
    for (const [horizon, row] of late.entries()) {
      for (const [level, a] of row.entries()) {
        const b = early[horizon]?.[level] ?? 0;
        difference += Math.abs(a - b);
        size += Math.abs(a) + Math.abs(b);
      }
    }
  }
  if (pairs < pair.rules.pairsMin) return undefined;
  return size === 0 ? 1 : 1 - difference / size;
}

/**
 * Whether a miner answered often enough for a verdict: a copy that has just begun would else be paid until it has shown
 * what it is. Whoever stands alone has nobody to repeat, and still waits as long.
 */
export function isComparable(days: readonly DayForecasts[], id: string, rules: CopyRules): boolean {
  const pairs = days.filter((today, index) => {
    const before = days[index - 1];
    return before !== undefined && today.day - before.day === rules.daysBetween && today.forecasts.has(id);
  });
  return pairs.length >= rules.pairsMin;
}

function registeredLater(one: Registrant, other: Registrant): boolean {
  return one.registeredAt === other.registeredAt ? one.uid > other.uid : one.registeredAt > other.registeredAt;
}
