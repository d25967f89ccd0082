import { describe, expect, test } from 'vitest';
import { BURNED, INSURANCE } from '#domain/book/account.ts';
import type { Ledger } from '#domain/economy/ledger.ts';
import { neuronKey } from '#domain/economy/neuron.ts';
import type { WalletOrder } from '#domain/economy/wallet-order.ts';
import { done, enroll, expectConserved, produce, stateText, TAO } from '#test/ledger-state.ts';
import {
  DECISION,
  DISPUTE,
  order,
  ownStake,
  passEpoch,
  posted,
  report,
  slashingGenesis,
  slashingMarket,
  slashingTerms,
  slashOf,
  V1,
} from '#test/slashing-market.ts';
import { upheldBy } from './decide.ts';
import { reportEvidence, type ScoringEvidence } from './report.ts';

const add = (amount: bigint, place = V1): WalletOrder => ({ type: 'AddStake', ...place, amount });
const remove = (amount?: bigint, place = V1): WalletOrder => ({ type: 'RemoveStake', ...place, amount });

/** 100 tokens of the owner, 60 of ann and 40 of bob on v1. */
function delegated(ledger = slashingMarket()): Ledger {
  done(order(ledger, 'ann', add(60n * TAO)));
  done(order(ledger, 'bob', add(40n * TAO)));
  passEpoch(ledger);
  return ledger;
}

describe('a dispute', () => {
  const disputed = (ledger = slashingMarket()) => {
    const { slash } = done(report(ledger));
    produce(ledger, DISPUTE);
    done(order(ledger, 'desk', { type: 'DisputeSlash', slashId: slash.id, statement: 'the key was stolen' }));
    return { ledger, id: slash.id };
  };
  const vote = (id: string, upholds: boolean): WalletOrder => ({ type: 'VoteSlash', slashId: id, upholds });

  test('that the arbiters do not uphold takes nothing, and the deposit is burned', () => {
    const { ledger, id } = disputed();
    done(order(ledger, 'arb1', vote(id, true)));
    done(order(ledger, 'arb2', vote(id, false)));
    const burned = posted(ledger, BURNED);
    produce(ledger, DECISION);
    expect(slashOf(ledger, id)).toMatchObject({ status: 'Dropped', taken: 0n, statement: 'the key was stolen' });
    expect([ownStake(ledger, 'v1'), posted(ledger, 'eve'), posted(ledger, BURNED) - burned]).toEqual([
      100n * TAO,
      498n * TAO,
      2n * TAO,
    ]);
    expectConserved(ledger);
  });

  test('that enough arbiters uphold is carried out at its block, not before', () => {
    const { ledger, id } = disputed();
    for (const arbiter of ['arb1', 'arb3']) done(order(ledger, arbiter, vote(id, true)));
    produce(ledger, DECISION - 1);
    expect(slashOf(ledger, id).status).toBe('Disputed');
    produce(ledger, 1);
    expect(slashOf(ledger, id)).toMatchObject({ status: 'Executed', taken: 10n * TAO });
  });

  test.for<[string, string, (id: string) => WalletOrder, string]>([
    ['a stranger decides', 'bob', (id) => vote(id, true), 'NO_VOTE'],
    ['the accused decides', 'desk', (id) => vote(id, false), 'NO_VOTE'],
    ['an arbiter decides twice', 'arb1', (id) => vote(id, false), 'VOTED_ALREADY'],
    ['somebody decides on nothing', 'arb2', () => vote('f'.repeat(64), true), 'SLASH_UNKNOWN'],
    [
      'the owner disputes twice',
      'desk',
      (id) => ({ type: 'DisputeSlash', slashId: id, statement: '' }),
      'DISPUTE_OVER',
    ],
    ['another disputes', 'bob', (id) => ({ type: 'DisputeSlash', slashId: id, statement: '' }), 'NOT_OWNER'],
  ])('%s: refused', ([, wallet, wanted, code]) => {
    const { ledger, id } = disputed();
    done(order(ledger, 'arb1', vote(id, true)));
    const before = stateText(ledger);
    expect(order(ledger, wallet, wanted(id))).toMatchObject({ ok: false, code });
    expect(stateText(ledger)).toBe(before);
  });

  test('comes too late after its window, a vote before it is no vote', () => {
    const ledger = slashingMarket();
    const { slash } = done(report(ledger));
    expect(order(ledger, 'arb1', vote(slash.id, true))).toMatchObject({ ok: false, code: 'VOTE_CLOSED' });
    produce(ledger, DISPUTE + 1);
    const late: WalletOrder = { type: 'DisputeSlash', slashId: slash.id, statement: '' };
    expect(order(ledger, 'desk', late)).toMatchObject({ ok: false, code: 'DISPUTE_OVER' });
  });

  test('by stake vote weighs the stake of other validators at the report: moved stake has no vote', () => {
    const ledger = slashingMarket({
      ...slashingGenesis,
      slashing: { ...slashingTerms, deciders: { type: 'StakeVote' } },
    });
    done(
      enroll(ledger, 'v4', { coldkey: 'owner', payer: 'owner', mandate: null, cause: null, initialStake: 10n * TAO }),
    );
    done(enroll(ledger, 'v5', { coldkey: 'bob', payer: 'bob', mandate: null, cause: null, initialStake: 45n * TAO }));
    for (const uid of [0, 1, 2, 3, 4]) {
      const neuron = ledger.neurons.get(neuronKey(1, uid));
      if (neuron !== undefined) ledger.neurons.put(neuronKey(1, uid), { ...neuron, permit: true });
    }
    const { id } = disputed(ledger);
    expect(slashOf(ledger, id).voters.map(({ voter, weight }) => [voter, weight])).toEqual([
      ['owner', 60n * TAO],
      ['bob', 45n * TAO],
    ]);
    done(order(ledger, 'bob', { type: 'AddStake', netuid: 1, hotkey: 'v5', amount: 300n * TAO }));
    done(order(ledger, 'bob', vote(id, true)));
    expect(upheldBy(slashOf(ledger, id))).toBe(45n * TAO);
    done(order(ledger, 'owner', vote(id, false)));
    produce(ledger, DECISION);
    expect(slashOf(ledger, id).status).toBe('Dropped');
  });
});

describe('evidence of scoring', () => {
  const evidenceOf = (ledger: Ledger, change: Partial<ScoringEvidence> = {}): ScoringEvidence => ({
    ...V1,
    type: 'Deviation',
    registrationId: ledger.neuronByHotkey(1, 'v1')?.registrationId ?? '',
    offenceBlock: 0,
    fromEpoch: 3,
    toEpoch: 5,
    measured: 400_000,
    evidenceSha256: 'd'.repeat(64),
    ...change,
  });
  const send = (ledger: Ledger, change: Partial<ScoringEvidence> = {}) =>
    ledger.decide((state) => reportEvidence(state, evidenceOf(state, change)));

  test('slashes within the bound of an offence, and nobody is rewarded', () => {
    const ledger = delegated();
    const { slash } = done(send(ledger));
    expect(slash).toMatchObject({ ppm: 20_000, amount: 3n * TAO, reporter: null, deposit: 0n });
    produce(ledger, DISPUTE + 1);
    expect(posted(ledger, INSURANCE)).toBe((3n * TAO) / 2n);
    expectConserved(ledger);
  });

  test('that is sent again is answered as before; other evidence of the same epochs is a conflict', () => {
    const ledger = slashingMarket();
    done(send(ledger));
    const before = stateText(ledger);
    expect(done(send(ledger))).toMatchObject({ repeated: true });
    expect(send(ledger, { evidenceSha256: 'c'.repeat(64) })).toMatchObject({ code: 'EXISTS_WITH_DIFFERENT_CONTENT' });
    expect(send(ledger, { fromEpoch: 5, toEpoch: 8 })).toMatchObject({ ok: false, code: 'OFFENCE_KNOWN' });
    expect(stateText(ledger)).toBe(before);
    done(send(ledger, { fromEpoch: 6, toEpoch: 8 }));
  });

  test.for<readonly [string, Partial<ScoringEvidence>, string]>([
    ['of too few epochs', { toEpoch: 4 }, 'EVIDENCE_INSUFFICIENT'],
    ['of too little', { measured: 399_999 }, 'EVIDENCE_INSUFFICIENT'],
    ['of what is still to come', { offenceBlock: 1000 }, 'INVALID_ARGUMENT'],
    ['for what the network does not slash', { type: 'Unavailable' }, 'SLASHING_OFF'],
    ['of nobody', { hotkey: 'v9' }, 'NOT_REGISTERED'],
    ['of too long ago', { offenceBlock: 10 }, 'EVIDENCE_TOO_OLD'],
  ])('%s is refused', ([, change, code]) => {
    const ledger = slashingMarket();
    produce(ledger, 100);
    const before = stateText(ledger);
    expect(send(ledger, { offenceBlock: ledger.block, ...change })).toMatchObject({ ok: false, code });
    expect(stateText(ledger)).toBe(before);
  });

  test('does not touch stake that left before the offence', () => {
    const ledger = slashingMarket();
    done(order(ledger, 'desk', remove(50n * TAO)));
    produce(ledger, 5);
    const { slash } = done(send(ledger, { offenceBlock: ledger.block }));
    expect(slash.base).toBe(50n * TAO);
  });
});
