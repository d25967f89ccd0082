import fc from 'fast-check';
import { expect, test } from 'vitest';
import { followFlow, netFlows, sharesByFlow } from './flow.ts';

const ONE = 1n << 64n;
const HALF_LIFE_BLOCKS = 216_000;

test('half of what came in at once has passed after 216,000 blocks', () => {
  let flow = followFlow(0n, 1_000_000_000n);
  const first = flow;
  for (let block = 0; block < HALF_LIFE_BLOCKS; block += 1) flow = followFlow(flow, 0n);
  expect(Number(flow) / Number(first)).toBeCloseTo(0.5, 3);
});

test('what goes out again leaves less than it brought', () => {
  const inAndOut = followFlow(followFlow(0n, 1_000_000_000n), -1_000_000_000n);
  expect(inAndOut).toBeLessThanOrEqual(0n);
});

test.for<[string, [bigint, bigint][], bigint[]]>([
  ['blocks that put in less than users are taken off whole', [[10n, 4n], [10n, 0n]], [6n, 10n]], // prettier-ignore
  ['blocks that put in more are scaled to what users did', [[10n, 40n], [10n, 0n]], [-10n, 10n]], // prettier-ignore
  ['without users blocks count for nothing', [[0n, 40n], [-5n, 10n]], [0n, -5n]], // prettier-ignore
  ['nobody', [], []],
])('net of blocks: %s', ([, flows, expected]) => {
  expect(netFlows(flows.map(([userFlow, protocolFlow]) => ({ userFlow, protocolFlow })))).toEqual(expected);
});

test('the lowest flow below zero has no share, and flows above it count from there', () => {
  const [out, none, above] = sharesByFlow([-2n * ONE, 0n, 2n * ONE], 1_000_000);
  expect(out).toBe(0n);
  expect(Number(none) / Number(ONE)).toBeCloseTo(1 / 3, 3);
  expect(Number(above) / Number(ONE)).toBeCloseTo(2 / 3, 3);
  expect(sharesByFlow([0n, 0n], 1_000_000)).toEqual([0n, 0n]);
});

test('shares are never below zero and come to one, or to nothing', () => {
  const flows = fc.array(fc.bigInt({ min: -(10n ** 17n) * ONE, max: 10n ** 17n * ONE }), { maxLength: 20 });
  fc.assert(
    fc.property(flows, fc.integer({ min: 1_000_000, max: 2_000_000 }), (given, exponentPpm) => {
      const shares = sharesByFlow(given, exponentPpm);
      const total = shares.reduce((sum, share) => sum + share, 0n);
      expect(shares.every((share) => share >= 0n)).toBe(true);
      expect(total === 0n || (total <= ONE && total > ONE - 1000n)).toBe(true);
    }),
    { numRuns: 200 },
  );
});
