import fc from 'fast-check';
import { expect, test } from 'vitest';
import { blockReward, type IssuanceRules } from '../issuance.ts';
import { constantShare, EmissionPath, projectEmission } from './emission-path.ts';
import { rewardRuns } from './reward-runs.ts';

const rules: fc.Arbitrary<IssuanceRules> = fc.record({
  cap: fc.bigInt({ min: 1n, max: 1_000_000n }),
  blockReward: fc.bigInt({ min: 0n, max: 5000n }),
  halving: fc.constantFrom('ByIssuance' as const, 'None' as const),
});
const cases = rules.chain((of) =>
  fc.record({ rules: fc.constant(of), issued: fc.bigInt({ min: 0n, max: of.cap }), blocks: fc.nat(3000) }),
);

/** The ledger's way: one block after the other. */
function minted({ rules: of, issued, blocks }: { rules: IssuanceRules; issued: bigint; blocks: number }): bigint[] {
  let now = issued;
  return Array.from({ length: blocks }, () => {
    const reward = blockReward(of, now);
    now += reward;
    return reward;
  });
}

test('runs are what the blocks mint one by one, over halvings and at the cap', () => {
  fc.assert(
    fc.property(cases, (each) => {
      const runs = rewardRuns(each.rules, each.issued, each.blocks);
      const flat = runs.flatMap(({ blocks, reward }) => Array.from({ length: blocks }, () => reward));
      expect(flat).toEqual(minted(each));
      expect(runs.length).toBeLessThanOrEqual(66);
    }),
  );
});

test('strides of any length bring what all blocks bring', () => {
  const strides = fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 20 });
  fc.assert(
    fc.property(cases, strides, (each, lengths) => {
      const outlook = { ...each, share: () => constantShare((reward) => reward / 3n) };
      const path = new EmissionPath(outlook, each.blocks);
      const taken = lengths.reduce((sum, length) => sum + path.next(length), 0n);
      const walked = Math.min(
        each.blocks,
        lengths.reduce((sum, length) => sum + length, 0),
      );
      const expected = minted(each).slice(0, walked);
      expect(taken).toBe(expected.reduce((sum, reward) => sum + reward / 3n, 0n));
      expect(path.minted).toBe(expected.reduce((sum, reward) => sum + reward, 0n));
    }),
  );
});

test('a century of the real schedule is a handful of runs', () => {
  const runs = rewardRuns(
    { cap: 21_000_000_000_000_000n, blockReward: 1_000_000_000n, halving: 'ByIssuance' },
    0n,
    263_000_000,
  );
  expect(runs.slice(0, 2)).toEqual([
    { blocks: 10_500_000, reward: 1_000_000_000n },
    { blocks: 10_500_000, reward: 500_000_000n },
  ]);
  expect(runs.length).toBeLessThan(40);
});

test('points of an emission end with all of it', () => {
  const outlook = {
    rules: { cap: 1000n, blockReward: 10n, halving: 'ByIssuance' as const },
    issued: 0n,
    share: () => constantShare((reward) => reward),
  };
  expect(projectEmission(outlook, 100, 4)).toEqual([
    { blocks: 25, emission: 250n },
    { blocks: 50, emission: 500n },
    { blocks: 75, emission: 625n },
    { blocks: 100, emission: 750n },
  ]);
});
