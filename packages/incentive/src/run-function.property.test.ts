import fc from 'fast-check';
import { expect, test } from 'vitest';
import { codeOf, EXAMPLE_NAMES, exampleBytes, functionOf, inputOf, outcomeOf } from '../test/example-input.ts';
import { COLUMNS, FLAG, HEADER_BYTES, INPUT, inputBytes, WEIGHT_BYTES } from './input-layout.ts';
import { FUEL_DEFAULT } from './limits.ts';
import { runIncentiveFunction } from './run-function.ts';

const FUEL = { fuel: FUEL_DEFAULT };
const share = fc.bigInt({ min: 0n, max: 1n << 32n });

/** A network that pays somebody, whoever holds its uids. */
const inputs = fc
  .record({
    incentive: fc.array(share, { minLength: 1, maxLength: 40 }).filter((list) => list.some((value) => value > 0n)),
    state: fc.uint8Array({ maxLength: 700 }),
    registeredAt: fc.integer({ min: 0, max: 200 }),
  })
  .map(({ incentive, state, registeredAt }) =>
    inputOf(incentive, { state, registeredAt: incentive.map((_, uid) => registeredAt + uid) }),
  );

test.for(EXAMPLE_NAMES)('%s neither creates nor loses a unit, and takes the same fuel twice', (name) => {
  const target = functionOf(exampleBytes(name));
  fc.assert(
    fc.property(inputs, (input) => {
      const result = runIncentiveFunction(target, input, FUEL);
      // Smoothing begins from nothing when a share is below four units.
      expect(codeOf(result) ?? 'FUNCTION_DECLINED').toBe('FUNCTION_DECLINED');
      if ('refusal' in result) return;
      const sum = (list: readonly bigint[]): bigint => list.reduce((left, right) => left + right, 0n);
      expect(sum(result.incentive)).toBe(sum(input.incentive));
      expect(result.incentive.every((value) => value >= 0n)).toBe(true);
      expect(runIncentiveFunction(target, input, FUEL)).toEqual(result);
    }),
    { numRuns: 200 },
  );
});

test('every incentive is the exact part floored, or one unit more', () => {
  const target = functionOf(exampleBytes('identity'));
  fc.assert(
    fc.property(inputs, (input) => {
      const { incentive, shares } = outcomeOf(runIncentiveFunction(target, input, FUEL));
      const total = input.incentive.reduce((left, right) => left + right, 0n);
      const all = shares.reduce((left, right) => left + right, 0n);
      for (const [uid, value] of incentive.entries()) {
        const floor = (total * (shares[uid] ?? 0n)) / all;
        expect(value === floor || value === floor + 1n).toBe(true);
      }
    }),
    { numRuns: 100 },
  );
});

test('the input lies in memory as the README says', () => {
  const input = inputOf([5n, 6n, 7n], {
    ownerUid: 2,
    consensus: [8n, 9n, 10n],
    registeredAt: [11, 12, 13],
    isVacant: [false, false, true],
    hasPermit: [true, false, false],
    isActive: [true, true, false],
    weights: [
      [[1, 14n]],
      [],
      [
        [0, 15n],
        [2, 1n << 32n],
      ],
    ],
    state: Uint8Array.of(16, 17, 18),
  });
  const bytes = inputBytes(input);
  const view = new DataView(bytes.buffer);
  const header = (place: keyof typeof INPUT): number => view.getUint32(INPUT[place], true);
  expect([header('version'), header('headerBytes'), header('neurons'), header('weights')]).toEqual([1, 64, 3, 3]);
  expect([view.getBigUint64(16, true), view.getBigUint64(24, true), view.getBigUint64(32, true)]).toEqual([
    7n,
    140n,
    120n,
  ]);
  expect([header('tempo'), header('kappaU16'), header('ownerUid'), header('stateBytes')]).toEqual([20, 32_767, 2, 3]);
  const column = (name: (typeof COLUMNS)[number], uid: number): bigint =>
    view.getBigUint64(HEADER_BYTES + 8 * (3 * COLUMNS.indexOf(name) + uid), true);
  expect([column('incentive', 1), column('consensus', 2), column('registeredAt', 0)]).toEqual([6n, 10n, 11n]);
  const flagsAt = HEADER_BYTES + 8 * 7 * 3;
  expect([0, 1, 2].map((uid) => view.getUint32(flagsAt + 4 * uid, true))).toEqual([
    FLAG.active + FLAG.permit,
    FLAG.active,
    FLAG.vacant,
  ]);
  // Twelve bytes of flags, and four to the next multiple of eight.
  expect(header('weightsAt')).toBe(flagsAt + 16);
  const last = header('weightsAt') + 2 * WEIGHT_BYTES;
  expect([view.getUint32(last, true), view.getUint32(last + 4, true), view.getBigUint64(last + 8, true)]).toEqual([
    2,
    2,
    1n << 32n,
  ]);
  expect(header('stateAt')).toBe(last + WEIGHT_BYTES);
  expect([...bytes.subarray(header('stateAt'))]).toEqual([16, 17, 18, 0, 0, 0, 0, 0]);
  expect(new DataView(inputBytes(inputOf([1n], { lastEpochBlock: null })).buffer).getBigUint64(32, true)).toBe(
    (1n << 64n) - 1n,
  );
});
