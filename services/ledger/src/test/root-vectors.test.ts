import { readFileSync } from 'node:fs';
import { OWNER_CUT_U16 } from '@subnetes/consensus/alpha-split';
import { U96F32 } from '@subnetes/consensus/number-form';
import { expect, test } from 'vitest';
import { rootWeightOf } from '#domain/root/root-stake.ts';
import { partsByStake } from '#domain/root/split-dividends.ts';
import { sealedProportion, splitPot } from '#domain/root/split-pot.ts';

/** The chain's own figures, out of the functions by which the ledger seals and pays epochs. */
interface Vector<Item, Expected> {
  readonly inputs: { readonly items: readonly Item[] };
  readonly expected: { readonly items: readonly Expected[] };
}

function casesOf<Item, Expected>(name: string): readonly (readonly [Item, Expected | undefined])[] {
  const url = new URL(`../../../../packages/consensus/test/vectors/${name}.json`, import.meta.url);
  const { inputs, expected } = JSON.parse(readFileSync(url, 'utf8')) as Vector<Item, Expected>;
  expect(inputs.items.length).toBeGreaterThan(0);
  return inputs.items.map((item, at) => [item, expected.items[at]]);
}

test('a pot is split as the chain splits a block of a subnet’s token', () => {
  const cases = casesOf<
    { readonly alpha_out: number; readonly owner_cut: number; readonly root_proportion: number },
    readonly number[]
  >('alpha-out-split');
  for (const [item, expected] of cases) {
    const split = splitPot(BigInt(item.alpha_out), {
      ownerCutU16: item.owner_cut * 65_535,
      rootProportion: U96F32.fromDecimal(item.root_proportion),
    });
    const { owner, miner, validator, root } = split;
    expect([owner, miner, validator - root, root].map(Number)).toEqual(expected);
    expect(owner + miner + validator).toBe(BigInt(item.alpha_out));
  }
});

test('without stake on root a pot is split as it always was', () => {
  for (const pot of [0n, 1n, 2n, 65_535n, 999_999_999n, 21n * 10n ** 15n]) {
    const owner = (pot * BigInt(OWNER_CUT_U16)) / 65_535n;
    const miner = (pot - owner) / 2n;
    const split = splitPot(pot, { ownerCutU16: OWNER_CUT_U16, rootProportion: 0n });
    expect(split).toEqual({ owner, miner, validator: pot - owner - miner, root: 0n });
  }
});

test('root’s proportion is the chain’s, of what a seal tells', () => {
  const cases = casesOf<{ readonly root_tao: number; readonly alpha_issuance: number }, number>('root-proportion');
  for (const [item, expected = 0] of cases) {
    const [root, stake] = [BigInt(item.root_tao), BigInt(item.alpha_issuance)];
    const counts = (root * 180_000n) / 1_000_000n;
    const neuron = { uid: 0, hotkey: 'v', coldkey: 'w', registeredAtBlock: 1, registrationId: 'ab' };
    const sealed = { ...neuron, stake: stake + counts, root: { stake: root, delegated: root, counts } };
    expect(Number(sealedProportion([sealed], 180_000)) / 2 ** 32).toBeCloseTo(expected, 9);
    expect(sealedProportion([sealed], 0)).toBe(0n);
  }
});

test('dividends are cut between subnet and root as on the chain, and what flooring leaves is told', () => {
  const cases = casesOf<
    {
      readonly stake: readonly (readonly [alpha: number, root: number])[];
      readonly dividends: readonly number[];
      readonly pending_alpha: number;
      readonly pending_root: number;
      readonly tao_weight: number;
    },
    readonly [readonly number[], readonly number[]]
  >('dividend-split-alpha-root');
  for (const [item, expected] of cases) {
    const holders = item.stake.map(([alphaStake, rootStake], at) => ({
      alphaStake: BigInt(alphaStake),
      rootStake: BigInt(rootStake),
      dividend: BigInt(item.dividends[at] ?? 0),
    }));
    const pots = { subnet: BigInt(item.pending_alpha), root: BigInt(item.pending_root) };
    const parts = partsByStake(holders, pots, rootWeightOf(Math.round(item.tao_weight * 1_000_000)));
    for (const [paid, right] of [
      [parts.subnet, expected?.[0]],
      [parts.root, expected?.[1]],
    ] as const) {
      for (const [at, rao] of paid.entries())
        expect(Math.abs(Number(rao) - (right?.[at] ?? 0))).toBeLessThanOrEqual(1000);
    }
    const paid = [...parts.subnet, ...parts.root].reduce((sum, rao) => sum + rao, 0n);
    expect(paid + parts.unattributed).toBe(pots.subnet + pots.root);
  }
});
