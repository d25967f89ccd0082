import fc from 'fast-check';
import { expect, test } from 'vitest';
import { scaledRatioPower } from './ratio-power.ts';

const SCALE = 10n ** 18n;
const options = { precisionBits: 256, scale: SCALE };
const ratio = (numerator: bigint, denominator: bigint) => ({ numerator, denominator });

/** Figures of the chain's own tests of its routine. */
test.for([
  ['exact', ratio(21n * 10n ** 15n, 28n * 10n ** 15n), ratio(6n, 4n), 649_519_052_838_328_985n],
  [
    'series, weights about one half',
    ratio(21_000_000_000_000_000n, 21_000_000_000_000_100n),
    ratio(499_999_999_999_500_000n, 500_000_000_000_500_000n),
    999_999_999_999_995_238n,
  ],
  [
    'series, a ratio of almost one',
    ratio(21_000_000_000_000_000n, 21_000_000_000_000_001n),
    ratio(499_999_999_500_000_000n, 500_000_000_500_000_000n),
    999_999_999_999_999_952n,
  ],
] as const)('%s', ([, base, exponent, expected]) => {
  expect(scaledRatioPower(base, exponent, options)).toBe(expected);
});

test('the edges: nothing to divide by, a base of zero, an exponent of zero', () => {
  expect(scaledRatioPower(ratio(1n, 0n), ratio(1n, 2n), options)).toBeUndefined();
  expect(scaledRatioPower(ratio(1n, 2n), ratio(1n, 0n), options)).toBeUndefined();
  expect(scaledRatioPower(ratio(0n, 2n), ratio(1n, 2n), options)).toBe(0n);
  expect(scaledRatioPower(ratio(3n, 2n), ratio(0n, 2n), options)).toBe(SCALE);
  expect(scaledRatioPower(ratio(2n, 3n), ratio(1n, 2n), { precisionBits: 0, scale: 1000n })).toBe(816n);
});

const reserves = fc.bigInt({ min: 1n, max: 21n * 10n ** 15n });

/** base^exponent * SCALE lies in [power, power + 1), or within `slack` of it. */
function brackets(power: bigint, base: ReturnType<typeof ratio>, exponent: ReturnType<typeof ratio>, slack = 0n) {
  const { numerator: p, denominator: q } = exponent;
  const target = base.numerator ** p * SCALE ** q;
  const below = power > slack ? power - slack : 0n;
  return below ** q * base.denominator ** p <= target && (power + slack + 1n) ** q * base.denominator ** p > target;
}

test('small exponents give the floor of the true power', () => {
  const exponents = fc.tuple(fc.bigInt({ min: 1n, max: 60n }), fc.bigInt({ min: 1n, max: 60n }));
  fc.assert(
    fc.property(reserves, reserves, exponents, (numerator, denominator, [p, q]) => {
      const power = scaledRatioPower(ratio(numerator, denominator), ratio(p, q), options);
      expect(power !== undefined && brackets(power, ratio(numerator, denominator), ratio(p, q))).toBe(true);
    }),
  );
});

test('the series is within a unit of the true power', () => {
  const primeAbove = fc.constantFrom(1031n, 1051n, 1171n);
  fc.assert(
    fc.property(reserves, reserves, fc.bigInt({ min: 1n, max: 1030n }), primeAbove, (numerator, denominator, p, q) => {
      const power = scaledRatioPower(ratio(numerator, denominator), ratio(p, q), options);
      expect(power !== undefined && brackets(power, ratio(numerator, denominator), ratio(p, q), 1n)).toBe(true);
    }),
    { numRuns: 30 },
  );
});
