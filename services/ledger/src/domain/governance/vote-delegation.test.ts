import { expect, test } from 'vitest';
import { cast, crowded, expectRefused, order, proposalOf, proposeTo } from '#test/governed.ts';
import { done, TAO } from '#test/ledger-state.ts';
import type { Ledger } from '../economy/ledger.ts';
import { REPRESENTED_MAX } from './vote-delegation.ts';

const name = (ledger: Ledger, wallet: string, to: string | undefined) =>
  order(ledger, wallet, { type: 'DelegateVote', to });

test('a delegate that is full takes who has more stake than the least, and that one votes for itself again', () => {
  const { ledger, crowd } = crowded(REPRESENTED_MAX + 1);
  const [least = '', ...others] = crowd;
  const most = others.pop() ?? '';
  for (const wallet of others) done(name(ledger, wallet, 'ann'));
  done(name(ledger, most, 'ann'));
  expectRefused(name(ledger, least, 'ann'), 'DELEGATE_FULL');
  expect(ledger.governance.represented.get('ann')).toHaveLength(REPRESENTED_MAX);
  done(name(ledger, most, undefined));
  done(name(ledger, least, 'ann'));
  done(name(ledger, most, 'ann'));
  expect(ledger.governance.voteDelegates.get(least)).toBeUndefined();
  const id = proposeTo(ledger);
  done(cast(ledger, 'ann', id));
  const all = [...others, most].reduce((sum, wallet) => sum + 2_000_000n + BigInt(wallet.slice(1)), 0n);
  expect(proposalOf(ledger, id).tally.yes).toBe(all);
});

test('what is entrusted is not passed on, and a wallet cannot name itself', () => {
  const { ledger } = crowded(2);
  expectRefused(name(ledger, 'w0', 'w0'), 'INVALID_ARGUMENT');
  expectRefused(name(ledger, 'ann', 'w0'), 'NO_VOTING_POWER');
  done(name(ledger, 'w0', 'w1'));
  done(name(ledger, 'w1', 'bob'));
  const id = proposeTo(ledger);
  done(cast(ledger, 'bob', id, 'No'));
  expect(proposalOf(ledger, id).tally, 'of w1 alone').toMatchObject({ no: 2_000_001n, yes: 0n });
  done(cast(ledger, 'w1', id, 'Yes'));
  // W1 now votes itself, and for w0, which had named it.
  expect(proposalOf(ledger, id).tally).toMatchObject({ no: 0n, yes: 4_000_001n });
});

test('who votes for its own nominators tells what all of it comes to, once', () => {
  const { ledger } = crowded(2);
  done(name(ledger, 'w0', 'desk'));
  const id = proposeTo(ledger);
  done(cast(ledger, 'desk', id));
  const whole = 100n * TAO + 2_000_000n + 2_000_001n;
  expect(proposalOf(ledger, id).tally.yes).toBe(whole);
  const told = ledger.journal.takeEntries().findLast(({ kind }) => kind === 'OrderVote');
  expect(JSON.parse(told?.payloadText ?? '')).toMatchObject({ weight: whole.toString(), represented: 1 });
});

test('a delegate of later has no voice in a vote that has begun', () => {
  const { ledger } = crowded(1);
  const id = proposeTo(ledger);
  done(name(ledger, 'w0', 'bob'));
  expectRefused(cast(ledger, 'bob', id), 'NO_VOTING_POWER');
  const next = proposeTo(ledger);
  done(name(ledger, 'w0', undefined));
  done(cast(ledger, 'bob', next));
  expect(proposalOf(ledger, next).tally.yes).toBe(2_000_000n);
});
