import { expect, test } from 'vitest';
import { cast, governed, order, proposalOf, proposeTo, seal, stake } from '#test/governed.ts';
import { done, TAO } from '#test/ledger-state.ts';

const swap = { type: 'SwapHotkey', hotkey: 'v1', newHotkey: 'n1', netuid: 1 } as const;

test.for(['before', 'after'])('a hotkey swap %s a proposal changes nobody’s vote', (when) => {
  const ledger = governed();
  stake(ledger, 'ann', 'v1', 40n * TAO);
  stake(ledger, 'bob', 'v1', 30n * TAO);
  seal(ledger);
  if (when === 'before') done(order(ledger, 'desk', swap));
  const id = proposeTo(ledger);
  if (when === 'after') done(order(ledger, 'desk', swap));
  done(cast(ledger, 'desk', id));
  expect(proposalOf(ledger, id).tally).toMatchObject({ yes: 170n * TAO, no: 0n });
  done(cast(ledger, 'ann', id, 'No'));
  expect(proposalOf(ledger, id).tally).toMatchObject({ yes: 130n * TAO, no: 40n * TAO });
});

test('what is unbonding has no voice, of an owner or a delegator', () => {
  const ledger = governed({}, { unbondingBlocks: 100 });
  stake(ledger, 'ann', 'v1', 40n * TAO);
  seal(ledger);
  done(order(ledger, 'ann', { type: 'RemoveStake', netuid: 1, hotkey: 'v1', amount: 15n * TAO }));
  done(order(ledger, 'desk', { type: 'RemoveStake', netuid: 1, hotkey: 'v1', amount: 60n * TAO }));
  const id = proposeTo(ledger);
  expect(proposalOf(ledger, id).staked).toBe(165n * TAO);
  done(cast(ledger, 'desk', id));
  expect(proposalOf(ledger, id).tally.yes).toBe(65n * TAO);
});
