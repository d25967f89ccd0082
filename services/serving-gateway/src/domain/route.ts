import { isEjected, type MinerHealth } from './health.ts';

/** A miner that may answer, with what decides about it. */
export interface Candidate {
  /** Registration id, hex. */
  readonly id: string;
  /** 0 to 1, of the last epoch. */
  readonly incentive: number;
  readonly health: MinerHealth;
  readonly inFlight: number;
  /** A session stands and the model was ready at the last look. */
  readonly isReady: boolean;
}

/** Two uniform draws from [0, 1). */
export type Draws = readonly [number, number];

export interface Choice {
  readonly chosen: string;
  /** Who comes after it; absent when there is nobody. */
  readonly next?: string;
}

const LATENCY_EXPONENT = 1;
const RELIABILITY_EXPONENT = 4;
/** Share of the traffic that all eligible miners divide whatever their weight, so that newcomers can show themselves. */
export const EXPLORATION_SHARE = 0.02;
/** Faster than this counts as this: sub-millisecond differences are noise. */
const LATENCY_FLOOR_MS = 1;

/** Who may be asked at all. When everybody is ejected the ejected are asked: one of them may be back. */
export function eligible(candidates: readonly Candidate[], nowMs: number): readonly Candidate[] {
  const ready = candidates.filter(({ isReady }) => isReady);
  const sound = ready.filter(({ health }) => !isEjected(health, nowMs));
  return sound.length > 0 ? sound : ready;
}

/**
 * Each candidate's share of the traffic: incentive × (best latency / latency) × (1 − failures)^4, plus exploration.
 * While nobody has an incentive all count the same. Shares sum to one.
 */
export function sharesOf(candidates: readonly Candidate[]): readonly number[] {
  if (candidates.length === 0) return [];
  const latencies = candidates.map(({ health }) => Math.max(health.latencyMs ?? LATENCY_FLOOR_MS, LATENCY_FLOOR_MS));
  const best = Math.min(...latencies);
  const isAnyPaid = candidates.some(({ incentive }) => incentive > 0);
  const raw = candidates.map(({ incentive, health }, at) => {
    const quality = isAnyPaid ? incentive : 1;
    const speed = (best / (latencies[at] ?? best)) ** LATENCY_EXPONENT;
    return quality * speed * (1 - health.failureRatio) ** RELIABILITY_EXPONENT;
  });
  const sum = raw.reduce((left, weight) => left + weight, 0);
  const floor = 1 / candidates.length;
  return raw.map((weight) => {
    const share = sum > 0 ? weight / sum : floor;
    return (1 - EXPLORATION_SHARE) * share + EXPLORATION_SHARE * floor;
  });
}

/** Draws two by share and takes the one with less in flight; the next is the likeliest of the others. */
export function choose(candidates: readonly Candidate[], draws: Draws): Choice | undefined {
  const shares = sharesOf(candidates);
  const [one, other] = draws.map((draw) => pick(candidates, shares, draw));
  if (one === undefined || other === undefined) return undefined;
  const chosen = other.inFlight < one.inFlight ? other : one;
  const ranked = candidates
    .map((candidate, at) => ({ id: candidate.id, share: shares[at] ?? 0 }))
    .filter(({ id }) => id !== chosen.id)
    .toSorted((left, right) => right.share - left.share);
  const next = ranked[0];
  return { chosen: chosen.id, ...(next === undefined ? {} : { next: next.id }) };
}

function pick(candidates: readonly Candidate[], shares: readonly number[], draw: number): Candidate | undefined {
  let left = draw;
  for (const [at, candidate] of candidates.entries()) {
    left -= shares[at] ?? 0;
    if (left < 0) return candidate;
  }
  return candidates.at(-1); // rounding left a rest
}
