import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BURNED, delegatedOf, delegatingOf, INSURANCE, SLASH_DEPOSITS, unbondingOf } from '#domain/book/account.ts';
import { delegationsOf } from '#domain/economy/delegation.ts';
import type { Ledger } from '#domain/economy/ledger.ts';
import { done, expectConserved, produce, TAO } from '#test/ledger-state.ts';
import {
  DISPUTE,
  doubleSigning,
  order,
  ownStake,
  passEpoch,
  posted,
  report,
  slashingMarket,
  UNBONDING,
} from '#test/slashing-market.ts';
import { decided, ordered, reported, steps, WALLETS } from '#test/stake-steps.ts';

const has = (ledger: Ledger, wallet: string): bigint => {
  const delegated = delegationsOf(ledger, wallet).reduce((sum, { worth, waiting }) => sum + worth + waiting, 0n);
  const leaving = [...ledger.unbondings.values()].filter((row) => row.wallet === wallet);
  return leaving.reduce((sum, { amount }) => sum + amount, posted(ledger, wallet) + delegated);
};

function expectBooked(ledger: Ledger): void {
  expectConserved(ledger);
  const rows = [...ledger.unbondings.values()];
  for (const netuid of [1, 2]) {
    for (const hotkey of ['v1', 'v2', 'v3', 'n1', 'n2']) {
      const waits = rows.filter((row) => row.netuid === netuid && row.hotkey === hotkey);
      const sum = waits.reduce((total, { amount }) => total + amount, 0n);
      expect(posted(ledger, unbondingOf(netuid, hotkey)), 'the account holds the sum of its rows').toBe(sum);
      expect(posted(ledger, delegatedOf(netuid, hotkey))).toBeGreaterThanOrEqual(0n);
      expect(posted(ledger, delegatingOf(netuid, hotkey))).toBeGreaterThanOrEqual(0n);
    }
  }
  const deposits = [...ledger.slashes.values()]
    .filter(({ status }) => status === 'Pending' || status === 'Disputed')
    .reduce((sum, { deposit }) => sum + deposit, 0n);
  expect(posted(ledger, SLASH_DEPOSITS)).toBe(deposits);
  for (const { amount, taken, base, ppm } of ledger.slashes.values()) {
    expect(taken).toBeLessThanOrEqual(amount);
    expect(amount * 1_000_000n).toBeLessThanOrEqual(base * BigInt(ppm));
  }
}

test('whatever happens, money is conserved, accounts hold their rows, and no slash passes its bounds', () => {
  const history = fc.array(
    fc.oneof(
      { weight: 4, arbitrary: steps(true) },
      { weight: 1, arbitrary: reported },
      { weight: 1, arbitrary: decided },
    ),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(history, (all) => {
      const ledger = slashingMarket();
      for (const step of all) step(ledger);
      expectBooked(ledger);
      produce(ledger, 3 * UNBONDING);
      expectBooked(ledger);
      expect([ledger.unbondings.size, ledger.movedBonds.size]).toEqual([0, 0]);
      expect([...ledger.slashes.values()].filter(({ status }) => status === 'Pending')).toEqual([]);
    }),
    { numRuns: 120 },
  );
});

test('nothing that anybody does between offence and report gets stake out of reach', () => {
  const before = fc.array(
    fc.record({ wallet: fc.constantFrom(...WALLETS), amount: fc.bigInt({ min: TAO, max: 100n * TAO }) }),
    { maxLength: 4 },
  );
  fc.assert(
    fc.property(before, fc.array(steps(false), { maxLength: 12 }), fc.nat(DISPUTE), (delegated, dodges, pause) => {
      const ledger = slashingMarket();
      for (const { wallet, amount } of delegated) {
        order(ledger, wallet, { type: 'AddStake', netuid: 1, hotkey: 'v1', amount });
      }
      passEpoch(ledger);
      const pair = doubleSigning(ledger);
      const answered = ownStake(ledger, 'v1') + posted(ledger, delegatedOf(1, 'v1'));
      for (const step of dodges) step(ledger);
      produce(ledger, pause);
      const burned = [posted(ledger, BURNED), posted(ledger, INSURANCE), posted(ledger, 'eve')];
      done(report(ledger, pair));
      produce(ledger, DISPUTE + 1);
      const after = [posted(ledger, BURNED), posted(ledger, INSURANCE), posted(ledger, 'eve')];
      const taken = after.reduce((sum, rao, at) => sum + rao - (burned[at] ?? 0n), 0n);
      // A tenth, less what flooring leaves with each of its holders.
      expect(taken).toBeGreaterThanOrEqual(answered / 10n - 40n);
      expectBooked(ledger);
    }),
    { numRuns: 300 },
  );
});

test('who has nothing on the neuron at fault loses nothing, and neither does its hotkey in another subnet', () => {
  fc.assert(
    fc.property(fc.array(ordered, { maxLength: 15 }), (all) => {
      const ledger = slashingMarket();
      order(ledger, 'bob', { type: 'AddStake', netuid: 1, hotkey: 'v3', amount: 100n * TAO });
      passEpoch(ledger);
      const pair = doubleSigning(ledger);
      const elsewhere = ownStake(ledger, 'v1', 2);
      for (const step of all) step(ledger);
      const before = has(ledger, 'bob');
      const isOnIt =
        delegationsOf(ledger, 'bob').some(({ netuid, hotkey }) => netuid === 1 && hotkey === 'v1') ||
        [...ledger.unbondings.values(), ...ledger.movedBonds.values()].some(
          ({ netuid, hotkey, wallet }) => netuid === 1 && hotkey === 'v1' && wallet === 'bob',
        );
      done(report(ledger, pair));
      produce(ledger, DISPUTE + 1);
      expect(isOnIt ? 0n : before - has(ledger, 'bob')).toBeLessThanOrEqual(20n);
      expect(ownStake(ledger, 'v1', 2)).toBeGreaterThanOrEqual(elsewhere);
    }),
    { numRuns: 150 },
  );
});
