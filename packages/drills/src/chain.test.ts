import { expect, test } from 'vitest';
import { ATTACK_CATALOGUE } from './attacks.ts';
import { blockOf, epochInput, stakesOf } from './chain.ts';
import { openMarket, STANDARD_MARKET } from './market.ts';

const market = openMarket({ ...STANDARD_MARKET, epochs: 8 }, ATTACK_CATALOGUE.cabal.intruders);
const stakes = stakesOf(market, 400_000);

test('attackers hold their share of stake in equal parts, the honest theirs in proportion', () => {
  const attacking = market.attackingValidators.map((uid) => stakes[uid]!);
  expect(new Set(attacking)).toEqual(new Set([10n ** 14n]));
  expect(stakes[0]! * 3n).toBe(stakes[11]! * 14n); // of 14 and 3 parts
  expect(stakes.reduce((left, right) => left + right, 0n)).toBe(10n ** 15n);
});

test('a row says nothing about who registered after it was committed', () => {
  const facts = {
    market,
    formula: 'yuma3',
    epoch: 5,
    revealPeriod: 2,
    stakes,
    ownerUid: null,
    before: undefined,
  } as const;
  const [first = 0, second = 0] = market.honestMiners;
  // The row in force was committed 300 blocks into interval 3, which began with the block of epoch 2.
  const late = blockOf(2) + 300;
  const registeredAt = Array.from({ length: market.neurons }, (_, uid) =>
    uid === first ? late : uid === second ? late - 1 : 0,
  );
  const rows = stakes.map(
    () =>
      [
        [first, 9],
        [second, 9],
      ] as const,
  );
  const input = epochInput({ ...facts, registeredAt, rows });
  expect(input.neurons[0]?.weights).toEqual([[second, 9]]);
  expect(input.neurons[0]).toMatchObject({ lastUpdate: blockOf(4) + 300, oldestCommit: blockOf(3) + 300 });
});

test('without commit-reveal nothing is hidden', () => {
  const facts = {
    market,
    formula: 'yuma2',
    epoch: 5,
    revealPeriod: 0,
    stakes,
    ownerUid: null,
    before: undefined,
  } as const;
  const input = epochInput({ ...facts, registeredAt: [], rows: [] });
  expect(input.neurons.every(({ oldestCommit }) => oldestCommit === null)).toBe(true);
});
