import { expect, test } from 'vitest';
import { BURNED, INSURANCE } from '#domain/book/account.ts';
import type { Ledger } from '#domain/economy/ledger.ts';
import { changeNetwork, checkNetwork } from '#domain/governance/network-change.ts';
import { moveSlashes } from '#domain/keys/follow-coldkey.ts';
import type { NetworkChanges } from '#domain/governance/proposal.ts';
import { done, expectConserved, produce, TAO } from '#test/ledger-state.ts';
import {
  DECISION,
  DISPUTE,
  order,
  ownStake,
  passEpoch,
  posted,
  report,
  slashingMarket,
  slashingTerms,
  slashOf,
  UNBONDING,
  V1,
  V2,
} from '#test/slashing-market.ts';
import { oldestOffenceBlock } from './report.ts';

/** As a proposal does it. */
function change(ledger: Ledger, changes: NetworkChanges): void {
  done(
    ledger.decide((state) => {
      const checked = checkNetwork(state, changes);
      return checked.ok ? changeNetwork(state, changes) : checked;
    }),
  );
}

const SOON = { disputeBlocks: 2, decisionBlocks: 3 };
const shorter: NetworkChanges = { unbondingBlocks: 5, slashing: { ...slashingTerms, ...SOON } };
/** A market where ann has 60 tokens on v1. */
function market(): Ledger {
  const ledger = slashingMarket();
  done(order(ledger, 'ann', { type: 'AddStake', ...V1, amount: 60n * TAO }));
  passEpoch(ledger);
  return ledger;
}

test('an open slash is decided by the terms of its report', () => {
  const ledger = market();
  const { slash } = done(report(ledger));
  const deciders = { type: 'Arbiters', keys: ['bob'], required: 1 } as const;
  const distribution = { burnPpm: 0, reporterPpm: 0, insurancePpm: 1_000_000 };
  const conditions = [{ type: 'DoubleSigning', ppm: 1 }] as const;
  change(ledger, { slashing: { ...slashingTerms, ...SOON, deciders, distribution, conditions } });
  produce(ledger, DISPUTE);
  done(order(ledger, 'desk', { type: 'DisputeSlash', slashId: slash.id, statement: '' }));
  expect(slashOf(ledger, slash.id).dueBlock).toBe(slash.disputeUntilBlock + DECISION);
  expect(order(ledger, 'bob', { type: 'VoteSlash', slashId: slash.id, upholds: false })).toMatchObject({
    code: 'NO_VOTE',
  });
  for (const arbiter of ['arb1', 'arb2']) {
    done(order(ledger, arbiter, { type: 'VoteSlash', slashId: slash.id, upholds: true }));
  }
  const before = [BURNED, INSURANCE, 'eve'].map((account) => posted(ledger, account));
  produce(ledger, DECISION);
  const taken = 16n * TAO;
  expect(slashOf(ledger, slash.id)).toMatchObject({ status: 'Executed', taken });
  const after = [BURNED, INSURANCE, 'eve'].map((account, at) => posted(ledger, account) - (before[at] ?? 0n));
  expect(after).toEqual([taken / 2n, (taken * 3n) / 10n, taken / 5n + 2n * TAO]);
  // The next one goes by the new terms.
  const next = done(report(ledger, { sequence: '8' })).slash;
  expect(next).toMatchObject({ ppm: 1, disputeUntilBlock: ledger.block + 2, voters: [{ voter: 'bob' }] });
  expectConserved(ledger);
});

test('a slash of a row that kept no terms goes by those of now', () => {
  const ledger = market();
  const { slash } = done(report(ledger));
  const { rules: _rules, ...old } = slashOf(ledger, slash.id);
  ledger.decide((state) => {
    state.slashes.put(slash.id, old);
    return { ok: true, value: undefined };
  });
  done(order(ledger, 'desk', { type: 'DisputeSlash', slashId: slash.id, statement: '' }));
  expect(slashOf(ledger, slash.id).dueBlock).toBe(slash.disputeUntilBlock + DECISION);
});

test('an arbiter stays one by its key, though stake decides by now', () => {
  const ledger = market();
  const { slash } = done(report(ledger));
  change(ledger, { slashing: { ...slashingTerms, deciders: { type: 'StakeVote' } } });
  ledger.decide((state) => {
    moveSlashes(state, { from: 'arb1', to: 'other' });
    return { ok: true, value: undefined };
  });
  expect(slashOf(ledger, slash.id).voters.map(({ voter }) => voter)).toEqual(['arb1', 'arb2', 'arb3']);
});

test('what is unbonding keeps its block when others leave sooner', () => {
  const ledger = market();
  done(order(ledger, 'ann', { type: 'RemoveStake', ...V1, amount: 20n * TAO }));
  const before = posted(ledger, 'ann');
  change(ledger, shorter);
  done(order(ledger, 'ann', { type: 'RemoveStake', ...V1, amount: 10n * TAO }));
  produce(ledger, 5);
  expect(posted(ledger, 'ann') - before).toBe(10n * TAO);
  produce(ledger, UNBONDING - 6);
  expect(posted(ledger, 'ann') - before).toBe(10n * TAO);
  produce(ledger, 1);
  expect(posted(ledger, 'ann') - before).toBe(30n * TAO);
});

test('a shorter time lets no stake out before a slash that is open, whichever way it goes', () => {
  const ledger = market();
  const { slash } = done(report(ledger));
  change(ledger, shorter);
  done(order(ledger, 'ann', { type: 'RemoveStake', ...V1, amount: undefined }));
  done(order(ledger, 'desk', { type: 'MoveStake', ...V1, amount: 50n * TAO, toNetuid: 1, toHotkey: V2.hotkey }));
  done(order(ledger, 'desk', { type: 'RemoveStake', ...V1, amount: undefined }));
  done(order(ledger, 'desk', { type: 'DisputeSlash', slashId: slash.id, statement: '' }));
  for (const arbiter of ['arb1', 'arb2']) {
    done(order(ledger, arbiter, { type: 'VoteSlash', slashId: slash.id, upholds: true }));
  }
  const ann = posted(ledger, 'ann');
  produce(ledger, DISPUTE + DECISION - 1);
  expect(posted(ledger, 'ann')).toBe(ann);
  produce(ledger, 1);
  expect(slashOf(ledger, slash.id)).toMatchObject({ status: 'Executed', taken: 16n * TAO });
  produce(ledger, 1);
  expect(posted(ledger, 'ann') - ann).toBe(54n * TAO);
  expect(ownStake(ledger, 'v2')).toBe(145n * TAO);
  expectConserved(ledger);
});

test('a network that slashes nobody may let stake out at once, and what is under way still comes', () => {
  const ledger = slashingMarket({ ...slashingMarket().network.genesis, slashing: undefined as never });
  done(order(ledger, 'desk', { type: 'RemoveStake', ...V1, amount: 20n * TAO }));
  const before = posted(ledger, 'desk');
  change(ledger, { unbondingBlocks: 0 });
  done(order(ledger, 'desk', { type: 'RemoveStake', ...V1, amount: 10n * TAO }));
  expect(posted(ledger, 'desk') - before).toBe(10n * TAO);
  produce(ledger, UNBONDING);
  expect(posted(ledger, 'desk') - before).toBe(30n * TAO);
});

test('what was too old to be reported stays so when stake takes longer to leave', () => {
  const ledger = market();
  produce(ledger, 60);
  const oldest = oldestOffenceBlock(ledger);
  change(ledger, { unbondingBlocks: 90 });
  expect(oldestOffenceBlock(ledger)).toBe(oldest);
  produce(ledger, 20);
  expect(oldestOffenceBlock(ledger)).toBe(oldest);
  produce(ledger, 90);
  expect(oldestOffenceBlock(ledger)).toBe(ledger.block - 90);
});
