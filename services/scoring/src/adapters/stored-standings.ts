import type { EpochStandings, WeightsStanding } from '#domain/standing.ts';

/** Registrations without weights are not in it. */
interface StoredStandings {
  readonly missedReveal: EpochStandings['missedReveal'];
  readonly of: readonly (readonly [registrationId: string, WeightsStanding['state'], reason: string])[];
}

export function standingsToText({ missedReveal, standings }: EpochStandings): string {
  const of = [...standings].map(([id, { state, reason }]) => [id, state, reason] as const);
  return JSON.stringify({ missedReveal, of } satisfies StoredStandings);
}

/** Only what this service wrote is read here, so nothing is checked. */
export function standingsFromText(text: string): EpochStandings {
  const { missedReveal, of } = JSON.parse(text) as StoredStandings;
  return { missedReveal, standings: new Map(of.map(([id, state, reason]) => [id, { state, reason }])) };
}
