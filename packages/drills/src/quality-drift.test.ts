import { expect, test } from 'vitest';
import { driftingScores, type TrueScores } from './quality-drift.ts';
import { SeededNumbers, UNIT } from './seeded-numbers.ts';

test('a seed means the same numbers on every machine', () => {
  const numbers = new SeededNumbers(1, 'frozen');
  expect([numbers.next(), numbers.next(), numbers.next()]).toEqual([2111672712, 3706459771, 835141878]);
  expect(new SeededNumbers(2, 'frozen').next()).not.toBe(new SeededNumbers(1, 'frozen').next());
  expect(new SeededNumbers(1, 'other').next()).not.toBe(new SeededNumbers(1, 'frozen').next());
});

test('normal deviates have mean nought and variance one', () => {
  const numbers = new SeededNumbers(5, 'normal');
  const drawn = Array.from({ length: 20_000 }, () => numbers.normal() / UNIT);
  const mean = drawn.reduce((sum, value) => sum + value, 0) / drawn.length;
  const variance = drawn.reduce((sum, value) => sum + (value - mean) ** 2, 0) / drawn.length;
  expect(Math.abs(mean)).toBeLessThan(0.03);
  expect(Math.abs(variance - 1)).toBeLessThan(0.04);
});

test.for([1, 2, 5, 20])('after the half-life of %d epochs half of the rank correlation is gone', (halfLifeEpochs) => {
  const scores = driftingScores({ seed: 3, miners: 600, epochs: 41, halfLifeEpochs, spread: UNIT });
  // 6/pi*asin(r/2) of 0.5 is 0.483; 600 miners are seen with a deviation of 0.035.
  expect(Math.abs(spearman(scores, 0, halfLifeEpochs) - 0.483)).toBeLessThan(0.12);
  expect(Math.abs(spearman(scores, 20, 20 + halfLifeEpochs) - 0.483)).toBeLessThan(0.12);
});

test('without a half-life nothing ever moves', () => {
  const scores = driftingScores({ seed: 3, miners: 10, epochs: 5, halfLifeEpochs: null, spread: UNIT });
  for (const later of scores) expect(later).toEqual(scores[0]);
});

test('scores stay positive integers whose middle is one', () => {
  const scores = driftingScores({ seed: 9, miners: 501, epochs: 30, halfLifeEpochs: 3, spread: UNIT }).at(-1)!;
  expect(scores.every((score) => Number.isSafeInteger(score) && score > 0)).toBe(true);
  const median = scores.toSorted((left, right) => left - right)[250]!;
  expect(Math.abs(median / UNIT - 1)).toBeLessThan(0.15);
});

function spearman(scores: TrueScores, from: number, to: number): number {
  const left = ranksOf(scores[from]!);
  const right = ranksOf(scores[to]!);
  const squares = left.reduce((sum, rank, miner) => sum + (rank - right[miner]!) ** 2, 0);
  return 1 - (6 * squares) / (left.length * (left.length ** 2 - 1));
}

function ranksOf(values: readonly number[]): number[] {
  const order = values.map((_, index) => index).toSorted((a, b) => values[a]! - values[b]!);
  const ranks: number[] = [];
  for (const [rank, index] of order.entries()) ranks[index] = rank;
  return ranks;
}
