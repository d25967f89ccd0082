import fc from 'fast-check';
import { expect, test } from 'vitest';
import { constantShare, projectEmission } from './emission-path.ts';
import type { DividendOutlook } from './stake-outlook.ts';
import { projectStake, yieldQ64 } from './stake-projection.ts';

const rao = fc.bigInt({ min: 0n, max: 10n ** 15n });
const validator = fc.record({
  own: rao,
  delegated: rao,
  waiting: rao,
  takeU16: fc.nat(11_796),
  yieldQ64: fc.bigInt({ min: 0n, max: 1n << 66n }),
});
const outlook: fc.Arbitrary<DividendOutlook> = fc
  .record({
    validators: fc
      .array(validator, { minLength: 1, maxLength: 6 })
      .map((list) => list.map((each, uid) => ({ ...each, uid }))),
    tempo: fc.integer({ min: 1, max: 50 }),
    blocksToSeal: fc.integer({ min: 1, max: 50 }),
    pot: rao,
    sealedPot: fc.oneof(fc.constant(0n), rao),
    issued: fc.bigInt({ min: 0n, max: 21n * 10n ** 15n }),
    percent: fc.integer({ min: 0, max: 100 }),
  })
  .map(({ percent, ...rest }) => ({
    ...rest,
    ownerCutU16: 11_796,
    paid: { dividends: BigInt(percent), all: 100n, pots: 100n },
    rules: { cap: 21n * 10n ** 15n, blockReward: 10n ** 9n, halving: 'ByIssuance' as const },
    share: () => constantShare((reward) => reward / 7n),
  }));
const blocks = fc.integer({ min: 1, max: 1000 });

test('all stakes together earn no more than there is to be paid', () => {
  fc.assert(
    fc.property(outlook, blocks, (of, ahead) => {
      const owners = of.validators.map((_, at) =>
        projectStake(of, {
          validator: at,
          as: 'owner',
          stake: 0n,
          waiting: 0n,
          add: 0n,
          blocks: ahead,
          restake: false,
        }),
      );
      const delegators = of.validators.map(
        ({ delegated, waiting }, at) =>
        projectStake(of, { validator: at, as: 'delegator', stake: delegated, waiting, add: 0n, blocks: ahead, restake: false }), // prettier-ignore
      );
      const earned = [...owners, ...delegators].reduce((sum, { reward, take }) => sum + reward + take, 0n);
      const emission = projectEmission(of, ahead)[0]?.emission ?? 0n;
      expect(earned).toBeLessThanOrEqual(of.pot + of.sealedPot + emission);
      for (const { reward, take } of [...owners, ...delegators]) {
        expect(reward >= 0n && take >= 0n).toBe(true);
      }
    }),
  );
});

test('more stake earns more, and never more a rao', () => {
  fc.assert(
    fc.property(outlook, blocks, fc.bigInt({ min: 10n ** 9n, max: 10n ** 14n }), (of, ahead, add) => {
      const earnedBy = (rest: bigint): bigint =>
        projectStake(of, { validator: 0, as: 'delegator', stake: 0n, waiting: 0n, add: rest, blocks: ahead, restake: false })
          .reward; // prettier-ignore
      const [some, more] = [earnedBy(add), earnedBy(2n * add)];
      const epochs = BigInt(ahead + 2);
      expect(more).toBeGreaterThanOrEqual(some - epochs);
      expect(more).toBeLessThanOrEqual(2n * some + 4n * epochs);
    }),
  );
});

test('what an owner stakes again is in its stake, to the rao', () => {
  fc.assert(
    fc.property(outlook, blocks, fc.boolean(), (of, ahead, restake) => {
      const question = { validator: 0, as: 'owner' as const, stake: 0n, waiting: 0n, add: 5n, blocks: ahead, restake };
      const { reward, take, stake } = projectStake(of, question);
      const before = (of.validators[0]?.own ?? 0n) + 5n;
      expect(stake - before).toBe(restake ? reward + take : 0n);
    }),
  );
});

test('epochs that are reckoned as several at once come close to one by one', () => {
  const many = Array.from({ length: 61 }, (_, at) => ({
    uid: at,
    own: BigInt(1000 + at) * 10n ** 9n,
    delegated: BigInt(500 + 3 * at) * 10n ** 9n,
    waiting: 0n,
    takeU16: 5000,
    yieldQ64: 1n << 64n,
  }));
  const of = (tempo: number): DividendOutlook => ({
    validators: many,
    tempo,
    blocksToSeal: tempo,
    pot: 0n,
    sealedPot: 0n,
    ownerCutU16: 11_796,
    paid: { dividends: 50n, all: 100n, pots: 100n },
    rules: { cap: 10n ** 15n, blockReward: 10n ** 8n, halving: 'ByIssuance' },
    issued: 0n,
    share: () => constantShare((reward) => reward),
  });
  const ask = (tempo: number, ahead: number) =>
    projectStake(of(tempo), { validator: 3, as: 'delegator', stake: many[3]?.delegated ?? 0n, waiting: 0n, add: 0n, blocks: ahead, restake: false }); // prettier-ignore
  // 320 epochs of 61 validators are within the limit; 3,200 go in strides of ten.
  const [fine, coarse] = [ask(100, 32_000), ask(10, 32_000)];
  expect(coarse.epochs).toBe(3200);
  const off = fine.reward > coarse.reward ? fine.reward - coarse.reward : coarse.reward - fine.reward;
  expect(off * 1000n).toBeLessThanOrEqual(fine.reward);
});

test('a yield is the share of dividends by the share of stake, and nothing where nobody earned', () => {
  expect(yieldQ64([])).toBe(0n);
  expect(yieldQ64([{ dividend: 5n, dividends: 0n, stake: 1n, stakes: 2n }])).toBe(0n);
  expect(yieldQ64([{ dividend: 5n, dividends: 10n, stake: 1n, stakes: 4n }])).toBe(2n << 64n);
});
