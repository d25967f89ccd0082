import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutOf, OWNER_CUT_U16, splitAlpha } from './alpha-split.ts';
import { inWholeUnits, splitDividends } from './dividend-split.ts';
import { injectionCap, injectionOf } from './liquidity-injection.ts';
import { splitByMechanism } from './mechanism-split.ts';
import { nextMovingPrice } from './moving-price.ts';
import { I96F32, U64F64, U96F32, UNITS_MAX } from './number-form.ts';
import { rootProportion, taoWeightOf } from './root-proportion.ts';
import { blocksUntilEpoch, NEVER } from './schedule.ts';

const amount = fc.oneof(fc.bigInt({ min: 0n, max: 1000n }), fc.bigInt({ min: 0n, max: 21n * 10n ** 15n }));
const share = fc.oneof(fc.constantFrom(0n, 1n, U96F32.one), fc.bigInt({ min: 0n, max: U96F32.one }));
const sum = (values: readonly bigint[]): bigint => values.reduce((left, right) => left + right, 0n);

test("a block's token goes to four parties, and what truncation leaves is less than four units", () => {
  fc.assert(
    fc.property(amount, share, share, (emission, ownerCut, root) => {
      const { unattributed, ...parts } = splitAlpha(emission, { ownerCut, rootProportion: root });
      expect(sum(Object.values(parts)) + unattributed).toBe(emission);
      expect(unattributed).toBeGreaterThanOrEqual(0n);
      expect(unattributed).toBeLessThan(4n);
      for (const part of Object.values(parts)) expect(part).toBeGreaterThanOrEqual(0n);
    }),
    { numRuns: 500 },
  );
});

test('one token at the shares of the main network', () => {
  const shares = { ownerCut: cutOf(OWNER_CUT_U16), rootProportion: U96F32.one / 4n };
  expect(splitAlpha(10n ** 9n, shares)).toEqual({
    owner: 179_995_422n,
    miners: 410_002_288n,
    validators: 307_501_716n,
    root: 102_500_572n,
    unattributed: 2n,
  });
});

test('mechanisms get all of the emission', () => {
  const shares = fc.array(fc.integer({ min: 0, max: 65_535 }), { minLength: 0, maxLength: 15 }).map((cuts) => {
    const edges = [0, ...cuts.toSorted((a, b) => a - b), 65_535];
    return edges.slice(1).map((edge, index) => edge - edges[index]!);
  });
  fc.assert(
    fc.property(
      amount,
      fc.integer({ min: 1, max: 16 }),
      fc.option(shares, { nil: undefined }),
      (total, count, split) => {
        const parts = splitByMechanism(total, count, split);
        expect(parts).toHaveLength(count);
        expect(sum(parts)).toBe(total);
        for (const part of parts) expect(part).toBeGreaterThanOrEqual(0n);
      },
    ),
  );
  expect(() => splitByMechanism(1n, 0)).toThrow(RangeError);
  expect(() => splitByMechanism(1n, 2, [1, 2])).toThrow(RangeError);
  expect(splitByMechanism(100n, 1, [32_767, 32_768])).toEqual([100n]);
});

test('dividends share out two pots and never more than them', () => {
  const holder = fc.record({ alphaStake: amount, rootStake: amount, dividend: amount });
  fc.assert(
    fc.property(fc.array(holder, { maxLength: 20 }), amount, amount, share, (holders, alpha, root, taoWeight) => {
      const split = splitDividends(holders, { alpha, root, taoWeight });
      for (const [pot, amounts] of [
        [alpha, split.alpha],
        [root, split.root],
      ] as const) {
        const paid = inWholeUnits(pot, amounts);
        expect(sum(paid.amounts) + paid.unattributed).toBe(pot);
        expect(paid.unattributed).toBeGreaterThanOrEqual(0n);
      }
      expect(sum(split.alpha.filter((_, index) => holders[index]!.dividend === 0n))).toBe(0n);
      expect(sum(split.root.filter((_, index) => holders[index]!.rootStake === 0n))).toBe(0n);
    }),
    { numRuns: 300 },
  );
});

test('what is injected into a pool keeps to its cap and spends its TAO once', () => {
  fc.assert(
    fc.property(
      amount,
      share,
      amount,
      fc.bigInt({ min: 0n, max: U96F32.fromInteger(4n) }),
      (tao, root, alpha, price) => {
        const alphaCap = injectionCap(root, U96F32.fromInteger(alpha));
        const injected = injectionOf({ taoEmission: U96F32.fromInteger(tao), price, alphaCap });
        expect(injected.alpha).toBeLessThanOrEqual(alphaCap);
        expect(injected.tao + injected.excessTao).toBe(U96F32.fromInteger(tao));
      },
    ),
    { numRuns: 300 },
  );
  const priceless = injectionOf({ taoEmission: U96F32.one, price: 0n, alphaCap: U96F32.one });
  expect(priceless).toEqual({ tao: U96F32.one, alpha: 0n, excessTao: 0n });
  expect(injectionCap(U96F32.fromDecimal(0.9), U96F32.fromInteger(10n ** 9n)) >> 32n).toBe(899_999_999n);
});

test("root's proportion is a share that falls as the token's issuance grows", () => {
  fc.assert(
    fc.property(amount, amount, amount, fc.bigInt({ min: 0n, max: UNITS_MAX }), (rootTao, issuance, more, weight) => {
      const taoWeight = taoWeightOf(weight);
      expect(taoWeight).toBeLessThanOrEqual(U96F32.one);
      const now = rootProportion({ rootTao, taoWeight, alphaIssuance: issuance });
      expect(now).toBeLessThanOrEqual(U96F32.one);
      expect(rootProportion({ rootTao, taoWeight, alphaIssuance: issuance + more })).toBeLessThanOrEqual(now);
    }),
  );
  expect(rootProportion({ rootTao: 0n, taoWeight: U96F32.one, alphaIssuance: 0n })).toBe(0n);
});

test('a moving price lies between itself and the spot price, 1 at most', () => {
  const count = fc.bigInt({ min: 0n, max: 10n ** 9n });
  const spots = fc.bigInt({ min: 0n, max: U64F64.fromInteger(9n) });
  const paces = fc.record({ alpha: share, block: count, firstEmissionBlock: count, halvingBlocks: count });
  fc.assert(
    fc.property(share, spots, paces, (moving, spot, pace) => {
      const next = nextMovingPrice(moving, spot, pace);
      const seen = I96F32.from(spot < U64F64.one ? spot : U64F64.one, U64F64);
      const [low, high] = seen < moving ? [seen, moving] : [moving, seen];
      expect(next).toBeGreaterThanOrEqual(low - 1n);
      expect(next).toBeLessThanOrEqual(high);
      expect(pace.block >= pace.firstEmissionBlock || next >= moving - 1n).toBe(true);
    }),
    { numRuns: 300 },
  );
  const unstarted = { alpha: I96F32.one, block: 201_600n, firstEmissionBlock: null, halvingBlocks: 201_600n };
  expect(nextMovingPrice(0n, U64F64.one, unstarted)).toBe(I96F32.one / 2n);
  expect(nextMovingPrice(0n, U64F64.one, { ...unstarted, firstEmissionBlock: 0n })).toBe(I96F32.one / 2n);
});

test('an epoch comes after its tempo, and a tempo of zero brings none', () => {
  const block = fc.bigInt({ min: 0n, max: UNITS_MAX });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 65_535 }), block, block, (tempo, last, now) => {
      const left = blocksUntilEpoch({ tempo, lastEpochBlock: last, block: now });
      expect(left).toBeGreaterThanOrEqual(0n);
      expect(now < last || left <= BigInt(tempo)).toBe(true);
      const next = blocksUntilEpoch({ tempo, lastEpochBlock: last, block: now + 1n });
      expect(next).toBe(left === 0n ? 0n : left - 1n);
    }),
  );
  expect(blocksUntilEpoch({ tempo: 0, lastEpochBlock: 0n, block: 5n })).toBe(NEVER);
  expect(blocksUntilEpoch({ tempo: 10, lastEpochBlock: UNITS_MAX, block: UNITS_MAX - 1n })).toBe(1n);
});
