import { describe, expect, test } from 'vitest';
import { produceBlock } from '#domain/economy/emission.ts';
import type { Ledger } from '#domain/economy/ledger.ts';
import { expectRefused, governed, order, passed } from '#test/governed.ts';
import { done, expectConserved, produce, put, TAO } from '#test/ledger-state.ts';
import { slashingTerms } from '#test/slashing-market.ts';
import type { NetworkChanges, ProposalAction } from './proposal.ts';

const network = (changes: NetworkChanges): ProposalAction => ({ type: 'Network', changes });
const slashing = (change: Partial<typeof slashingTerms>): NetworkChanges => ({
  unbondingBlocks: 40,
  slashing: { ...slashingTerms, ...change },
});
const arbiters = (keys: readonly string[], required: number) => ({ type: 'Arbiters', keys, required }) as const;
const split = (burnPpm: number, reporterPpm: number, insurancePpm: number) =>
  slashing({ distribution: { burnPpm, reporterPpm, insurancePpm } });
const condition = (change: object) => slashing({ conditions: [{ type: 'DoubleSigning', ppm: 1000, ...change }] });

/** Each is past one bound of a genesis. */
test.for<[string, NetworkChanges, string]>([
  ['a reward of less than nothing', { blockReward: -1n }, 'blockReward'],
  ['a reward above the cap', { blockReward: 21_000_000n * TAO + 1n }, 'blockReward'],
  ['blocks that come too fast', { blockTimeMs: 99 }, 'blockTimeMs'],
  ['blocks that hardly come', { blockTimeMs: 600_001 }, 'blockTimeMs'],
  ['blocks that come five times as fast at once', { blockTimeMs: 249 }, 'blockTimeMs must be 250 to 4000'],
  ['blocks that come five times as slow at once', { blockTimeMs: 4001 }, 'blockTimeMs'],
  ['a part of a millisecond', { blockTimeMs: 1000.5 }, 'blockTimeMs'],
  ['another halving', { halving: 'ByHeight' as never }, 'halving'],
  ['a symbol of one letter', { symbol: 'T' }, 'symbol'],
  ['a symbol of a subnet’s token', { symbol: 'ALPHA1' }, 'symbol'],
  ['a symbol that looks like another', { symbol: 'ТАО' }, 'symbol'],
  ['stake that never leaves', { unbondingBlocks: 1_000_001 }, 'unbondingBlocks'],
  ['stake that left before', { unbondingBlocks: -1 }, 'unbondingBlocks'],
  ['more on root than in a subnet', { rootStakeWeightPpm: 1_000_001 }, 'rootStakeWeightPpm'],
  ['less than nothing on root', { rootStakeWeightPpm: -1 }, 'rootStakeWeightPpm'],
  ['a part of a millionth on root', { rootStakeWeightPpm: 0.18 }, 'rootStakeWeightPpm'],
  ['slashing where stake leaves at once', { slashing: slashingTerms }, 'unbondingBlocks (0)'],
  ['a decision after stake has left', slashing({ decisionBlocks: 31 }), 'unbondingBlocks (40)'],
  ['no condition', slashing({ conditions: [] }), 'conditions'],
  ['one twice', slashing({ conditions: [slashingTerms.conditions[0]!, slashingTerms.conditions[0]!] }), 'different'],
  ['more than half', condition({ ppm: 500_001 }), 'ppm'],
  ['nothing', condition({ ppm: 0 }), 'ppm'],
  ['more than the window', slashing({ windowPpm: 99_999 }), 'windowPpm'],
  ['more than half in a window', slashing({ windowPpm: 500_001 }), 'windowPpm'],
  ['double signing over epochs', condition({ epochs: 3, atLeast: 1 }), 'takes no epochs'],
  ['evidence of no epochs', condition({ type: 'Deviation' }), 'needs'],
  ['a deviation over 101 epochs', condition({ type: 'Deviation', epochs: 101 }), 'Deviation.epochs must be 1 to 100'],
  ['faults over 1001', condition({ type: 'FailedAudits', epochs: 1001 }), 'FailedAudits.epochs must be 1 to 1000'],
  ['no time to dispute', slashing({ disputeBlocks: 0 }), 'disputeBlocks'],
  ['a report for nothing', slashing({ reportDeposit: 0n }), 'reportDeposit'],
  ['nobody who decides', slashing({ deciders: arbiters([], 1) }), 'deciders.keys'],
  ['more than there are', slashing({ deciders: arbiters(['a'], 2) }), 'deciders.required'],
  ['one of them twice', slashing({ deciders: arbiters(['a', 'a'], 1) }), 'differ'],
  ['a distribution of more', split(500_000, 100_000, 400_001), 'sum to'],
  ['a reporter who gets most', split(400_000, 500_001, 99_999), 'reporterPpm'],
  ['an amount below zero', condition({ max: -1n }), 'max'],
])('%s is refused when it is proposed', ([, changes, name]) => {
  const ledger = governed();
  const asked = order(ledger, 'owner', { type: 'Propose', title: 'x', description: '', action: network(changes) });
  expectRefused(asked, 'PROPOSAL_INVALID');
  expect((asked as { message: string }).message).toContain(name);
});

test('whoever has slashing keeps the time that it needs', () => {
  const ledger = governed({}, { unbondingBlocks: 40, slashing: slashingTerms });
  const propose = (changes: NetworkChanges) =>
    order(ledger, 'owner', { type: 'Propose', title: 'x', description: '', action: network(changes) });
  expectRefused(propose({ unbondingBlocks: 24 }), 'PROPOSAL_INVALID');
  expectRefused(propose({ slashing: { ...slashingTerms, disputeBlocks: 26 } }), 'PROPOSAL_INVALID');
  expect(propose({ unbondingBlocks: 25 }).ok).toBe(true);
  expect(propose({ unbondingBlocks: 60, slashing: { ...slashingTerms, disputeBlocks: 45 } }).ok).toBe(true);
});

describe('issuance', () => {
  const minting = (genesis = {}): Ledger => {
    const ledger = governed({}, genesis);
    done(put(ledger, 'other'));
    return ledger;
  };
  const mintedNext = (ledger: Ledger) => done(ledger.decide((state) => produceBlock(state, 0))).minted;

  test('goes on by another reward from the block after the proposal, halved as what is issued says', () => {
    const ledger = minting({ cap: 40_000n * TAO });
    // 20,100 of 40,000 tokens are out: one halving.
    expect(mintedNext(ledger)).toBe(TAO / 2n);
    const before = ledger.issued;
    expect(passed(ledger, network({ blockReward: 6n * TAO })).state).toBe('Executed');
    expect(ledger.issued - before, 'the block that changed it too').toBe(8n * (TAO / 2n));
    expect(mintedNext(ledger)).toBe(3n * TAO);
    expect(passed(ledger, network({ halving: 'None' })).state).toBe('Executed');
    expect(mintedNext(ledger)).toBe(6n * TAO);
    expect(passed(ledger, network({ halving: 'ByIssuance', blockReward: 0n })).state).toBe('Executed');
    expect(mintedNext(ledger)).toBe(0n);
    expectConserved(ledger);
  });

  test('ends at the cap with any reward', () => {
    const ledger = minting({ cap: 20_200n * TAO, halving: 'None' });
    expect(passed(ledger, network({ blockReward: 20_200n * TAO })).state).toBe('Executed');
    const left = 20_200n * TAO - ledger.issued;
    expect([mintedNext(ledger), mintedNext(ledger)]).toEqual([left, 0n]);
    expect(ledger.issued).toBe(20_200n * TAO);
    expectConserved(ledger);
  });
});

test.for([
  [200, 99],
  [400_000, 600_001],
])('a block time of %i ms becomes none that genesis could not have said', ([blockTimeMs, wanted]) => {
  const ledger = governed({}, { blockTimeMs: blockTimeMs as number });
  const action = network({ blockTimeMs: wanted as number });
  const asked = order(ledger, 'owner', { type: 'Propose', title: 'x', description: '', action });
  expect(asked).toMatchObject({ ok: false, code: 'PROPOSAL_INVALID' });
});

test('a block says how long it is to the next one, from the change on', () => {
  const ledger = governed();
  const next = () => done(ledger.decide((state) => produceBlock(state, 0))).blockTimeMs;
  expect(next()).toBe(1000);
  expect(passed(ledger, network({ blockTimeMs: 250 })).state).toBe('Executed');
  expect(next()).toBe(250);
});

test('people call the token otherwise, and the books go on as before', () => {
  const ledger = governed();
  expect(passed(ledger, network({ symbol: 'SUB' })).state).toBe('Executed');
  expect(ledger.network.genesis).toMatchObject({ symbol: 'TAO', displaySymbol: 'SUB' });
  expect(ledger.asset).toBe('TAO');
  done(order(ledger, 'ann', { type: 'Transfer', to: 'bob', amount: 1n }));
  expectConserved(ledger);
});

describe('what stake answers for', () => {
  test('begins with the terms, where nothing was slashed before', () => {
    const ledger = governed({}, { unbondingBlocks: 40 });
    produce(ledger, 30);
    expect(passed(ledger, network({ slashing: slashingTerms })).state).toBe('Executed');
    expect(ledger.network.answersFromBlock).toBe(ledger.block);
  });

  test('does not come back when stake takes longer to leave', () => {
    const ledger = governed({}, { unbondingBlocks: 40, slashing: slashingTerms });
    produce(ledger, 92);
    expect(passed(ledger, network({ unbondingBlocks: 90 })).state).toBe('Executed');
    expect(ledger.network.answersFromBlock).toBe(60);
    expect(passed(ledger, network({ unbondingBlocks: 30 })).state).toBe('Executed');
    expect(ledger.network.answersFromBlock).toBe(60);
    expect(passed(ledger, network({ unbondingBlocks: 100 })).state).toBe('Executed');
    expect(ledger.network.answersFromBlock).toBe(86);
  });
});
