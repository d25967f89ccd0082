import { expect, test } from 'vitest';
import { ATTACK_CATALOGUE, type AttackName } from './attacks.ts';
import { stakesOf } from './chain.ts';
import { openMarket, STANDARD_MARKET } from './market.ts';
import { RowsInForce } from './rows-in-force.ts';

const FROM = 6;
const EPOCHS = 14;

function rowsOf(attack: AttackName, revealPeriod: number) {
  const market = openMarket({ ...STANDARD_MARKET, epochs: EPOCHS, noise: 0 }, ATTACK_CATALOGUE[attack].intruders);
  const stakes = stakesOf(market, 100_000);
  const rows = new RowsInForce({ market, attack: ATTACK_CATALOGUE[attack], stakes, attackFrom: FROM, revealPeriod });
  const [attacker = -1] = market.attackingValidators;
  return { market, attacker, at: Array.from({ length: EPOCHS }, (_, epoch) => rows.at(epoch)) };
}

/** Without noise everybody sees the truth, so a copy is a row of some interval to within the rounding of u16. */
const isNear = (
  left: readonly (readonly [number, number])[] = [],
  right: readonly (readonly [number, number])[] = [],
) =>
  left.length === right.length &&
  left.every(([uid, value], at) => uid === right[at]![0] && Math.abs(value - right[at]![1]) <= 2);

test.for([0, 1, 3])(
  'with a reveal after %d intervals rows count so much later, and a copy is twice as old',
  (period) => {
    const { market, attacker, at } = rowsOf('weight-copier', period);
    const epoch = FROM + 2 * period + 1;
    expect(at[epoch]?.[0]).toEqual(market.observed(0, epoch - period));
    expect(isNear(at[epoch]?.[attacker], market.observed(0, epoch - 2 * period))).toBe(true);
    expect(isNear(at[epoch]?.[attacker], market.observed(0, epoch - period))).toBe(period === 0);
  },
);

test('before anything was revealed nobody has a row', () => {
  const { at } = rowsOf('weight-copier', 3);
  expect(
    at
      .slice(0, 3)
      .flat()
      .every((row) => row.length === 0),
  ).toBe(true);
});

test('everybody is honest until the attack begins', () => {
  for (const attack of ['lazy', 'flat', 'inverting', 'bond-hoarder', 'self-weighting'] as const) {
    const { market, attacker, at } = rowsOf(attack, 0);
    expect(at[FROM - 1]?.[attacker]).toEqual(market.observed(attacker, FROM - 1));
    expect(at[FROM + 1]?.[attacker]).not.toEqual(market.observed(attacker, FROM + 1));
  }
});

test('a late revealer keeps its old row when that is nearer to what the others revealed', () => {
  const copier = rowsOf('weight-copier', 1);
  const late = rowsOf('late-revealer', 1);
  const kept = late.at.filter(
    (rows, epoch) => epoch > FROM + 1 && rows[late.attacker] === late.at[epoch - 1]?.[late.attacker],
  );
  expect(kept.length).toBeLessThan(EPOCHS - FROM);
  for (const [epoch, rows] of late.at.entries()) {
    const row = rows[late.attacker];
    const fresh = copier.at[epoch]?.[copier.attacker];
    expect(row === late.at[epoch - 1]?.[late.attacker] || JSON.stringify(row) === JSON.stringify(fresh)).toBe(true);
  }
});
