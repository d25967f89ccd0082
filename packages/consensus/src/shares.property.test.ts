import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sharesByPower } from './flow-shares.ts';
import { I96F32, U64F64, U96F32 } from './number-form.ts';
import { amongEnabled, emissionByShare, sharesByPrice, withoutWithheld } from './subnet-shares.ts';

const prices = fc.array(
  fc.oneof(fc.constant(0n), fc.bigInt({ min: 0n, max: 100n }), fc.bigInt({ min: 0n, max: I96F32.fromInteger(2n) })),
  { maxLength: 40 },
);
const sum = (values: readonly bigint[]): bigint => values.reduce((left, right) => left + right, 0n);

/** All zero, or one, less than a count short for each share. */
function expectSumOfOneOrZero(shares: readonly bigint[], countsShort = 1n) {
  const total = sum(shares);
  for (const share of shares) expect(share).toBeGreaterThanOrEqual(0n);
  if (total === 0n) return;
  expect(total).toBeLessThanOrEqual(U64F64.one);
  expect(total).toBeGreaterThan(U64F64.one - BigInt(shares.length) * countsShort - 1n);
}

test('shares by price sum to one or to zero, by whatever is taken off them', () => {
  const withheld = fc.infiniteStream(fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0, max: 2, noNaN: true })));
  fc.assert(
    fc.property(prices, withheld, fc.infiniteStream(fc.boolean()), (moving, parts, switches) => {
      const byPrice = sharesByPrice(moving);
      expectSumOfOneOrZero(byPrice);
      expect(sum(byPrice) === 0n).toBe(sum(moving) === 0n);
      const burned = moving.map(() => U96F32.fromDecimal(parts.next().value));
      const left = withoutWithheld(byPrice, burned);
      expectSumOfOneOrZero(left);
      const enabled = moving.map(() => switches.next().value);
      const among = amongEnabled(left, enabled);
      expectSumOfOneOrZero(among);
      expect(sum(among.filter((_, subnet) => enabled[subnet] === false))).toBe(0n);
    }),
    { numRuns: 300 },
  );
});

test('no emission is created by sharing it', () => {
  fc.assert(
    fc.property(prices, fc.bigInt({ min: 0n, max: 10n ** 18n }), (moving, emission) => {
      const paid = emissionByShare(sharesByPrice(moving), emission).map(U96F32.toUnits);
      expect(sum(paid)).toBeLessThanOrEqual(emission);
      const short = BigInt(moving.length) + 1n;
      expect(sum(moving) === 0n || sum(paid) > emission - short).toBe(true);
    }),
  );
});

test('a subnet that withheld everything gets nothing, unless all of them did', () => {
  const shares = sharesByPrice([I96F32.one, I96F32.one]);
  const half = U64F64.one / 2n;
  expect(withoutWithheld(shares, [U96F32.one, 0n])).toEqual([0n, U64F64.one]);
  expect(withoutWithheld(shares, [U96F32.fromInteger(5n), 0n])).toEqual([0n, U64F64.one]);
  expect(withoutWithheld(shares, [U96F32.one, U96F32.one])).toEqual([half, half]);
  expect(amongEnabled(shares, [false, false])).toEqual([0n, 0n]);
  expect(amongEnabled(shares, [true, true])).toEqual([half, half]);
});

test('shares by flow sum to one or to zero and keep the order of the flows', () => {
  const flows = fc.array(
    fc.oneof(fc.constant(0n), fc.bigInt({ min: 0n, max: U64F64.one }), fc.bigInt({ min: 0n, max: 1n << 100n })),
    { maxLength: 40 },
  );
  const exponents = fc.double({ min: 1, max: 2, noNaN: true }).map(U64F64.fromDecimal);
  fc.assert(
    fc.property(flows, exponents, (values, exponent) => {
      const shares = sharesByPower(values, exponent);
      expectSumOfOneOrZero(shares);
      expect(sum(shares) === 0n).toBe(sum(values) === 0n);
      const order = [...values.keys()].toSorted((a, b) => (values[a]! < values[b]! ? -1 : 1));
      for (const [place, subnet] of order.entries()) {
        const below = shares[order[place - 1] ?? subnet]!;
        expect(below).toBeLessThanOrEqual(shares[subnet]! + (shares[subnet]! >> 20n));
      }
    }),
    { numRuns: 200 },
  );
});

test('a flow far below the largest gets nothing, where the series overflows downwards', () => {
  const shares = sharesByPower([U64F64.fromInteger(10n ** 10n), U64F64.one], U64F64.fromInteger(2n));
  expect(shares[1]).toBe(0n);
  expect(shares[0]).toBe(U64F64.one);
});
