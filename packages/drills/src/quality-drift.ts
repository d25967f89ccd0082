import { divide, exponential, type Fixed, fromInteger, logarithm, multiply, ONE } from '@subnetes/consensus/fixed';
import { SeededNumbers, UNIT } from './seeded-numbers.ts';

/** How miners' quality moves. */
export interface DriftSpec {
  readonly seed: number;
  readonly miners: number;
  readonly epochs: number;
  /** Epochs after which half of the (rank) correlation with today is gone; null when quality never moves. */
  readonly halfLifeEpochs: number | null;
  /** How far good and bad lie apart: the score of a miner one standard deviation up is e^(spread/65536) times the middle's. */
  readonly spread: number;
}

/** True scores in 16.16, by epoch and miner. */
export type TrueScores = readonly (readonly number[])[];

/**
 * Each miner's latent quality z is a normal deviate that keeps phi = 2^(-1/halfLife) of itself an epoch and takes the rest
 * anew: z' = phi*z + sqrt(1-phi^2)*e. It stays a standard normal for ever, and its correlation over t epochs is 2^(-t/h).
 * (Spearman's rank correlation of two normals with correlation r is 6/pi*asin(r/2), within 0.02 of r.) The score is
 * e^(spread*z): always positive, a few good miners far above many middling ones.
 */
export function driftingScores({ seed, miners, epochs, halfLifeEpochs, spread }: DriftSpec): TrueScores {
  const numbers = new SeededNumbers(seed, 'quality');
  const kept = halfLifeEpochs === null ? UNIT : keptPart(halfLifeEpochs);
  const fresh = integerRoot(UNIT * UNIT - kept * kept);
  let latent = Array.from({ length: miners }, () => numbers.normal());
  const scores: number[][] = [];
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    scores.push(latent.map((z) => scoreOf(z, spread)));
    latent = latent.map((z) => Math.trunc((kept * z + fresh * numbers.normal()) / UNIT));
  }
  return scores;
}

/** e^(spread*z) in 16.16, at least one unit. */
export function scoreOf(z: number, spread: number): number {
  const exponent = multiply(fixed(z), fixed(spread));
  return Math.max(1, Number(exponential(exponent) >> 16n));
}

/** 2^(-1/h) in 16.16. */
function keptPart(halfLifeEpochs: number): number {
  const exponent = -divide(logarithm(2n * ONE), fromInteger(halfLifeEpochs));
  return Number(exponential(exponent) >> 16n);
}

function fixed(units: number): Fixed {
  return BigInt(units) << 16n;
}

/** Whole square root by Newton's steps. */
function integerRoot(value: number): number {
  if (value <= 0) return 0;
  let root = UNIT;
  for (let step = 0; step < 40; step += 1) root = Math.floor((root + Math.floor(value / root)) / 2);
  return root * root > value ? root - 1 : root;
}
