import { expect, test } from 'vitest';
import { stakeOf } from '#domain/book/account.ts';
import type { Ledger } from '#domain/economy/ledger.ts';
import { startGrant } from '#domain/governance/grant.ts';
import { challengesOf } from '#domain/life/challenge.ts';
import { autoStakesOf } from '#domain/unbonding/auto-stake.ts';
import { cast, governed, proposalOf, proposeTo, seal, stake } from '#test/governed.ts';
import {
  done,
  enroll,
  enrollOrWait,
  expectConserved,
  newLedger,
  orderBy,
  payDividends,
  produce,
  put,
  skipTo,
  stateText,
  TAO,
  testHashes,
  testPolicy,
} from '#test/ledger-state.ts';
import { ledgerWithPool } from '#test/pool-state.ts';
import { posted, report, slashingGenesis, slashingMarket, slashingTerms, slashOf } from '#test/slashing-market.ts';
import { SWAP_DELAY_BLOCKS } from './swap-coldkey.ts';

/** `vault` follows a wallet; blocks are left out, so that nothing else is due. */
function follow(ledger: Ledger, wallet: string, meanwhile: () => void = () => undefined): void {
  done(orderBy(ledger, wallet, { type: 'AnnounceColdkeySwap', newColdkeySha256: testHashes.text('vault') }));
  const begun = ledger.block;
  skipTo(ledger, begun + SWAP_DELAY_BLOCKS);
  const swap = () => orderBy(ledger, wallet, { type: 'SwapColdkey', newColdkey: 'vault' });
  meanwhile();
  done(swap());
  skipTo(ledger, begun);
  expectConserved(ledger);
}

test('tokens of subnets go along with the money', () => {
  const ledger = ledgerWithPool();
  done(orderBy(ledger, 'desk', { type: 'SwapBuy', netuid: 1, amount: 5n * TAO, minOut: 1n, allowPartial: false }));
  const tokens = ledger.book.posted('ALPHA1', 'desk');
  follow(ledger, 'desk');
  expect([ledger.book.posted('ALPHA1', 'desk'), ledger.book.posted('ALPHA1', 'vault')]).toEqual([0n, tokens]);
  done(orderBy(ledger, 'vault', { type: 'SwapSell', netuid: 1, amount: tokens, minOut: 1n, allowPartial: false }));
});

test('what is unbonding is released to the new key, moved stake answers on, earnings go on being staked', () => {
  const ledger = slashingMarket();
  const v1 = { netuid: 1, hotkey: 'v1' };
  done(orderBy(ledger, 'desk', { type: 'RemoveStake', ...v1, amount: 10n * TAO }));
  done(orderBy(ledger, 'desk', { type: 'MoveStake', ...v1, amount: 20n * TAO, toNetuid: 1, toHotkey: 'v2' }));
  done(orderBy(ledger, 'desk', { type: 'SetAutoStake', ...v1, isOn: true }));
  follow(ledger, 'desk');
  expect(autoStakesOf(ledger, 'vault')).toEqual([v1]);
  const back = { type: 'MoveStake', netuid: 1, hotkey: 'v2', toNetuid: 1, toHotkey: 'v1', amount: TAO } as const;
  expect(orderBy(ledger, 'vault', back)).toMatchObject({ code: 'MOVES_ON_LATER' });
  const { slash } = done(report(ledger));
  expect(slash).toMatchObject({ owner: 'vault', base: 100n * TAO });
  produce(ledger, 11);
  expect(slashOf(ledger, slash.id)).toMatchObject({ status: 'Executed', taken: 10n * TAO });
  expect(posted(ledger, stakeOf(1, 'v2', 'vault'))).toBe(118n * TAO);
  while (ledger.sealed.get('1') === undefined) produce(ledger, 1);
  const dividend = payDividends(ledger, 0);
  expect(posted(ledger, stakeOf(1, 'v1', 'vault'))).toBe(63n * TAO + dividend);
  const before = [posted(ledger, 'desk'), posted(ledger, 'vault')] as const;
  produce(ledger, 40);
  expect([posted(ledger, 'desk') - before[0], posted(ledger, 'vault') - before[1]]).toEqual([0n, 9n * TAO]);
  expectConserved(ledger);
});

test('an open slash is disputed by the new key and not by the old one; the deposit goes to who follows its reporter', () => {
  const ledger = slashingMarket();
  const { slash } = done(report(ledger));
  const dispute = { type: 'DisputeSlash', slashId: slash.id, statement: '' } as const;
  follow(ledger, 'desk');
  expect(orderBy(ledger, 'desk', dispute)).toMatchObject({ code: 'NOT_OWNER' });
  done(orderBy(ledger, 'vault', dispute));
  const other = slashingMarket();
  const reported = done(report(other)).slash;
  follow(other, 'eve');
  const before = posted(other, 'vault');
  produce(other, 11);
  expect(slashOf(other, reported.id)).toMatchObject({ status: 'Executed', reporter: 'vault' });
  expect(posted(other, 'vault') - before).toBe(4n * TAO);
  expect(posted(other, 'eve')).toBe(0n);
});

test('the voice of stake on a slash follows its coldkey, an arbiter that genesis named does not', () => {
  const byStake = { ...slashingGenesis, slashing: { ...slashingTerms, deciders: { type: 'StakeVote' } as const } };
  const ledger = slashingMarket(byStake);
  seal(ledger);
  for (const neuron of ledger.neuronsOf(1)) ledger.neurons.put(`1/${neuron.uid}`, { ...neuron, permit: true });
  const { slash } = done(report(ledger));
  expect(slash.voters.map(({ voter }) => voter)).toEqual(['owner']);
  follow(ledger, 'owner');
  expect(slashOf(ledger, slash.id).voters.map(({ voter }) => voter)).toEqual(['vault']);
  const arbitrated = slashingMarket();
  const { id } = done(report(arbitrated)).slash;
  follow(arbitrated, 'arb1');
  expect(slashOf(arbitrated, id).voters.map(({ voter }) => voter)).toEqual(['arb1', 'arb2', 'arb3']);
});

test('while a swap is announced its owner disputes a slash all the same, and does nothing else', () => {
  const ledger = slashingMarket();
  const { slash } = done(report(ledger));
  done(orderBy(ledger, 'desk', { type: 'AnnounceColdkeySwap', newColdkeySha256: testHashes.text('vault') }));
  const barred = { ok: false, code: 'KEY_SWAP_PENDING' };
  const v1 = { netuid: 1, hotkey: 'v1' };
  expect(orderBy(ledger, 'desk', { type: 'SetAutoStake', ...v1, isOn: true })).toMatchObject(barred);
  expect(orderBy(ledger, 'desk', { type: 'VoteSlash', slashId: slash.id, upholds: true })).toMatchObject(barred);
  expect(orderBy(ledger, 'desk', { type: 'MatchEviction', ...v1, maxCost: TAO })).toMatchObject(barred);
  expect(orderBy(ledger, 'desk', { type: 'DelegateVote', to: 'ann' })).toMatchObject(barred);
  const buy = { type: 'SwapBuy', netuid: 1, amount: TAO, minOut: 1n, allowPartial: false } as const;
  expect(orderBy(ledger, 'desk', buy)).toMatchObject(barred);
  done(orderBy(ledger, 'desk', { type: 'DisputeSlash', slashId: slash.id, statement: 'no' }));
});

/** h1 to h4 fill subnet 1, whose policy gives notice; `late` of desk waits. */
function crowded(): Ledger {
  const ledger = newLedger();
  const hyperparameters = { ...testPolicy.hyperparameters, evictionNoticeBlocks: 5 };
  done(put(ledger, 'sp500', { emission: 'Held', policy: { ...testPolicy, hyperparameters } }));
  for (const hotkey of ['h1', 'h2', 'h3', 'h4']) {
    const coldkey = hotkey === 'h4' ? 'desk' : 'owner';
    done(enroll(ledger, hotkey, { coldkey, payer: coldkey, mandate: null, cause: null }));
  }
  skipTo(ledger, 100);
  done(enrollOrWait(ledger, 'late', { mandate: null, cause: null, initialStake: 7n * TAO }));
  expect(challengesOf(ledger, 1)).toHaveLength(1);
  return ledger;
}

test('who waits for a place has it under the new key', () => {
  const ledger = crowded();
  follow(ledger, 'desk');
  produce(ledger, 6);
  expect(ledger.neuronByHotkey(1, 'late')).toMatchObject({ coldkey: 'vault', payer: 'vault' });
  expect([ledger.hotkeys.get('late'), posted(ledger, stakeOf(1, 'late', 'vault'))]).toEqual(['vault', 7n * TAO]);
  expectConserved(ledger);
});

test('a hotkey that waits for a place takes no other’s in the same subnet', () => {
  const ledger = crowded();
  const before = stateText(ledger);
  for (const netuid of [1, undefined]) {
    const swap = { type: 'SwapHotkey', hotkey: 'h4', newHotkey: 'late', netuid } as const;
    expect(orderBy(ledger, 'desk', swap)).toMatchObject({ ok: false, code: 'KEY_IN_USE' });
  }
  expect(stateText(ledger)).toBe(before);
});

test('grants and deposits are the new key’s; a vote that is open stays with the old one, and counts once', () => {
  const ledger = governed({ votingBlocks: SWAP_DELAY_BLOCKS * 2 });
  stake(ledger, 'ann', 'v1', 40n * TAO);
  seal(ledger);
  done(
    ledger.decide((state) => {
      const started = startGrant(state, { id: 900, to: 'desk', amount: TAO, cliffBlocks: 0, vestingBlocks: 1 });
      state.journal.write({ block: state.block, kind: 'Test', payload: {} });
      return started;
    }),
  );
  const id = proposeTo(ledger, undefined, 'desk');
  follow(ledger, 'desk');
  expect(proposalOf(ledger, id).proposer).toBe('vault');
  expect(cast(ledger, 'vault', id)).toMatchObject({ ok: false, code: 'NO_VOTING_POWER' });
  done(cast(ledger, 'desk', id));
  expect(proposalOf(ledger, id).tally.yes).toBe(140n * TAO);
  produce(ledger, 1);
  done(orderBy(ledger, 'vault', { type: 'ClaimGrant', grant: 900 }));
  const next = proposeTo(ledger, undefined, 'owner');
  expect(cast(ledger, 'desk', next)).toMatchObject({ code: 'NO_VOTING_POWER' });
  done(cast(ledger, 'vault', next));
  expect(proposalOf(ledger, next).tally.yes).toBe(140n * TAO);
});

test('named delegates follow, both ways', () => {
  const ledger = governed();
  stake(ledger, 'ann', 'v1', 40n * TAO);
  stake(ledger, 'bob', 'v2', 30n * TAO);
  seal(ledger);
  done(orderBy(ledger, 'ann', { type: 'DelegateVote', to: 'desk' }));
  done(orderBy(ledger, 'desk', { type: 'DelegateVote', to: 'bob' }));
  follow(ledger, 'desk');
  const { voteDelegates, represented } = ledger.governance;
  expect(['ann', 'desk', 'vault'].map((wallet) => voteDelegates.get(wallet))).toEqual(['vault', undefined, 'bob']);
  expect(['desk', 'vault', 'bob'].map((wallet) => represented.get(wallet))).toEqual([undefined, ['ann'], ['vault']]);
  const id = proposeTo(ledger);
  done(cast(ledger, 'vault', id));
  expect(proposalOf(ledger, id).tally.yes).toBe(140n * TAO);
  done(cast(ledger, 'bob', id));
  expect(proposalOf(ledger, id).tally.yes).toBe(170n * TAO);
});
