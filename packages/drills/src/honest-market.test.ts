import { RECOMMENDED } from '@subnetes/policy/recommended';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MACHINERY } from '../test/machinery.ts';
import { falseAlarms } from './honest-market.ts';

test('the firewall does not fire on honest markets, however noisy', () => {
  fc.assert(
    fc.property(fc.nat(1_000_000), (firstSeed) => {
      const { judged, alarms } = falseAlarms(RECOMMENDED.firewall, { firstSeed, markets: 1, epochs: 12 }, MACHINERY);
      expect(`${alarms} of ${judged}`).toBe(`0 of ${judged}`);
    }),
    { numRuns: 60 },
  );
});

test('… and would be seen if it did', () => {
  const nervous = {
    ...RECOMMENDED.firewall,
    staleWithinPpm: 499_999,
    othersMovedPpm: 500_000,
    flatWithinPpm: 500_000,
    flatDistancePpm: 1,
  };
  const { judged, alarms } = falseAlarms(nervous, { firstSeed: 1, markets: 30, epochs: 4 }, MACHINERY);
  expect(judged).toBeGreaterThan(600);
  expect(alarms).toBeGreaterThan(0);
});
