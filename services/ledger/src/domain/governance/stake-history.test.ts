import { expect, test } from 'vitest';
import { cast, crowded, order, proposalOf, proposeTo } from '#test/governed.ts';
import { done, payDividends, produce, put, TAO } from '#test/ledger-state.ts';

const NOMINATORS = 250;

test('while two votes are open a row that changes is kept once, and goes when both are over', () => {
  const { ledger, crowd } = crowded(NOMINATORS);
  const kept = (): number => ledger.governance.history.kept.table.size;
  const [first, second] = [proposeTo(ledger), proposeTo(ledger)];
  expect(kept()).toBe(0);
  for (const wallet of crowd.slice(0, 10)) {
    done(order(ledger, wallet, { type: 'RemoveStake', netuid: 1, hotkey: 'v1', amount: undefined }));
  }
  // The pool and its balance once; of each wallet its position and its list, and what it had not claimed of the round.
  expect(kept()).toBe(2 + 10 * 2 + 1);
  done(cast(ledger, crowd[0] ?? '', first));
  done(cast(ledger, crowd[20] ?? '', second));
  expect(proposalOf(ledger, first).tally.yes).toBe(2_000_000n);
  expect(proposalOf(ledger, second).tally.yes).toBe(2_000_020n);
  produce(ledger, 6);
  expect(kept()).toBe(0);
});

test('an epoch that is paid while a vote is open keeps one balance for all nominators of a pool', () => {
  const { ledger } = crowded(NOMINATORS);
  done(put(ledger, 'sp500'));
  produce(ledger, 10);
  const uid = ledger.sealed.get('1')?.neurons.find(({ hotkey }) => hotkey === 'v1')?.uid ?? 0;
  const id = proposeTo(ledger);
  expect(payDividends(ledger, uid)).toBeGreaterThan(TAO);
  expect([...ledger.governance.history.kept.table.entries()].map(([key]) => key)).toEqual([
    `${id}/posted/delegated:1:v1`,
  ]);
});
