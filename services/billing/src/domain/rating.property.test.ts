import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chargeOf, rateUnits } from './rating.ts';
import { splitCharge } from './shares.ts';

const lines = fc.array(
  fc.record({
    unit: fc.constantFrom('Request', 'Result', 'Second'),
    per: fc.integer({ min: 1, max: 1_000_000 }),
    priceRao: fc.bigInt({ min: 0n, max: 10n ** 18n }),
  }),
  { maxLength: 4 },
);
const units = fc.record({
  Request: fc.bigInt({ min: 0n, max: 1_000_000n }),
  Result: fc.bigInt({ min: 0n, max: 1_000_000n }),
});

test('shares sum to the charge and never fall below zero', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 30n }), (amount) => {
      const { minerRao, ownerRao, networkRao } = splitCharge(amount);
      expect(minerRao + ownerRao + networkRao).toBe(amount);
      expect(minerRao >= 0n && ownerRao >= 0n && networkRao >= 0n).toBe(true);
    }),
  );
});

test('rounding up adds less than one rao over all lines together, in any order of lines', () => {
  fc.assert(
    fc.property(units, lines, (delivered, priced) => {
      const whole = rateUnits(delivered, priced);
      expect(rateUnits(delivered, priced.toReversed())).toBe(whole);
      const floors = priced.map((line) => rateUnits(delivered, [line]));
      const sum = floors.reduce((left, part) => left + part, 0n);
      expect(whole <= sum && sum <= whole + BigInt(priced.length)).toBe(true);
    }),
  );
});

test('a charge stays within the reservation', () => {
  fc.assert(
    fc.property(units, lines, fc.bigInt({ min: 0n, max: 10n ** 20n }), (delivered, priced, maxRao) => {
      const charge = chargeOf(delivered, priced, maxRao);
      expect(charge >= 0n && charge <= maxRao).toBe(true);
    }),
  );
});
