import { expect, test } from 'vitest';
import { isSameWish, WISHES_BEFORE, wishesOf } from './wishes.ts';

const place = { netuid: 1, hotkey: '5Parent' };
const WHOLE = (1n << 64n) - 1n;
const ordersOf = (stake: Parameters<typeof wishesOf>[0]['stake']) =>
  wishesOf({ stake }).map(({ order }) => order(place));

test('a spec that says nothing wants nothing, and one that says a thing wants that', () => {
  expect([ordersOf(undefined), ordersOf({ initial: '5' })]).toEqual([[], []]);
  expect(ordersOf({ auto: false, children: [], childTakeU16: 0 })).toEqual([
    { type: 'SetAutoStake', ...place, isOn: false },
    { type: 'SetChildren', ...place, children: [] },
    { type: 'SetChildTake', ...place, takeU16: 0 },
  ]);
});

const proportionsOf = (parts: readonly number[]): readonly bigint[] => {
  const [order] = ordersOf({ children: parts.map((ppm, at) => ({ hotkey: `5Child${at}`, ppm })) });
  return order?.type === 'SetChildren' ? order.children.map(({ proportion }) => proportion) : [];
};

test.for([
  [[1_000_000], [WHOLE]],
  [
    [500_000, 500_000],
    [WHOLE / 2n, WHOLE / 2n],
  ],
  [[1], [WHOLE / 1_000_000n]],
] as const)('parts per million %j are proportions of the whole', ([parts, wanted]) => {
  expect(proportionsOf(parts)).toEqual(wanted);
});

test('parts that make a whole are never more than it', () => {
  const proportions = proportionsOf([333_333, 333_333, 333_334]);
  expect(proportions.reduce((sum, each) => sum + each, 0n)).toBeLessThanOrEqual(WHOLE);
  expect(proportions).toHaveLength(3);
});

test('a wish is the same in any order of children, and another one with another part or child', () => {
  const [a, b] = [
    { hotkey: '5A', ppm: 1 },
    { hotkey: '5B', ppm: 2 },
  ] as const;
  expect(isSameWish([a, b], [b, a])).toBe(true);
  expect(isSameWish([a, b], [a])).toBe(false);
  expect(isSameWish([a], [{ ...a, ppm: 2 }])).toBe(false);
  expect(isSameWish(WISHES_BEFORE.children, [])).toBe(true);
  expect(isSameWish(WISHES_BEFORE.autoStake, false)).toBe(true);
  expect(isSameWish(WISHES_BEFORE.childTakeU16, 0)).toBe(true);
});
