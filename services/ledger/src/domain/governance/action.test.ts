import { expect, test } from 'vitest';
import { NETWORK, TREASURY } from '#domain/book/account.ts';
import { emissionSplit } from '#domain/economy/emission-split.ts';
import { takeOf } from '#domain/economy/take.ts';
import { cast, expectRefused, governed, order, passed, proposalOf, proposeTo, seal } from '#test/governed.ts';
import { done, expectConserved, forecast, produce, put, TAO, testPolicy } from '#test/ledger-state.ts';
import type { ProposalAction } from './proposal.ts';

const network = (changes: Extract<ProposalAction, { type: 'Network' }>['changes']): ProposalAction => ({
  type: 'Network',
  changes,
});
const root = { name: 'RootWeights', version: 1, tempo: 20 } as const;

/** Each breaks one bound. */
test.for<[string, ProposalAction, string]>([
  ['nothing', network({}), 'PROPOSAL_INVALID'],
  ['take bounds upside down', network({ takeBounds: { minU16: 2, maxU16: 1 } }), 'PROPOSAL_INVALID'],
  ['a take above all', network({ takeBounds: { minU16: 0, maxU16: 65_536 } }), 'PROPOSAL_INVALID'],
  ['burn bounds of nothing', network({ burnBounds: { minBelow: 0n, maxAbove: 1n } }), 'PROPOSAL_INVALID'],
  ['a threshold of a minority', network({ governance: { thresholdPpm: 499_999 } }), 'PROPOSAL_INVALID'],
  ['a quorum of more than all', network({ governance: { quorumPpm: 1_000_001 } }), 'PROPOSAL_INVALID'],
  ['no deposit', network({ governance: { deposit: 0n } }), 'PROPOSAL_INVALID'],
  ['no time to leave', network({ governance: { timelockBlocks: 0 } }), 'PROPOSAL_INVALID'],
  ['a part of a block', network({ governance: { votingBlocks: 1.5 } }), 'PROPOSAL_INVALID'],
  ['a council of too few', network({ governance: { council: { members: ['a'], required: 2 } } }), 'PROPOSAL_INVALID'],
  ['one twice', network({ governance: { council: { members: ['a', 'a'], required: 1 } } }), 'PROPOSAL_INVALID'],
  ['no such market', { type: 'Hyperparameters', netuid: 9, changes: { kappaU16: 1 } }, 'SUBNET_UNKNOWN'],
  ['the root network', { type: 'Hyperparameters', netuid: 0, changes: { kappaU16: 1 } }, 'SUBNET_UNKNOWN'],
  ['kappa above all', { type: 'Hyperparameters', netuid: 1, changes: { kappaU16: 65_536 } }, 'POLICY_INVALID'],
  ['a policy of nothing', { type: 'Policy', netuid: 1, policy: {} }, 'POLICY_INVALID'],
  ['no money', { type: 'Spend', to: 'a', amount: 0n }, 'PROPOSAL_INVALID'],
  ['money into a pot', { type: 'Spend', to: 'pot:1', amount: 1n }, 'PROPOSAL_INVALID'],
  ['money into nothing', { type: 'Spend', to: 'mint', amount: 1n }, 'PROPOSAL_INVALID'],
  ['money where it is', { type: 'Spend', to: 'treasury', amount: 1n }, 'PROPOSAL_INVALID'],
  ['a grant of nothing', { type: 'Grant', to: 'a', amount: 0n, cliffBlocks: 0, vestingBlocks: 1 }, 'PROPOSAL_INVALID'],
  ['no time', { type: 'Grant', to: 'a', amount: 1n, cliffBlocks: 0, vestingBlocks: 0 }, 'PROPOSAL_INVALID'],
  ['a late cliff', { type: 'Grant', to: 'a', amount: 1n, cliffBlocks: 9, vestingBlocks: 8 }, 'PROPOSAL_INVALID'],
  ['no such grant', { type: 'RevokeGrant', grant: 1 }, 'GRANT_UNKNOWN'],
  ['no dispute', { type: 'SettleDispute', coldkey: 'desk' }, 'KEY_SWAP_UNKNOWN'],
  ['what is so', { type: 'Emission', policy: { name: 'Equal', version: 1 }, fromBlock: 1 }, 'PROPOSAL_INVALID'],
  ['too fast', { type: 'Emission', policy: { ...root, tempo: 9 }, fromBlock: 1 }, 'PROPOSAL_INVALID'],
  ['a minority', { type: 'Emission', policy: { ...root, kappaU16: 32_766 }, fromBlock: 1 }, 'PROPOSAL_INVALID'],
  ['too old', { type: 'Emission', policy: { ...root, activityCutoffBlocks: 20 }, fromBlock: 1 }, 'PROPOSAL_INVALID'],
  ['no block', { type: 'Emission', policy: root, fromBlock: -1 }, 'PROPOSAL_INVALID'],
])('%s is refused when it is proposed', ([, action, code]) => {
  const ledger = governed();
  expectRefused(order(ledger, 'owner', { type: 'Propose', title: 'x', description: '', action }), code);
  expect(ledger.governance.record.lastProposal).toBe(0);
});

test('what was within a bound when it was proposed is judged again when it is carried out', () => {
  const ledger = governed();
  const credit = proposeTo(ledger, network({ creditMax: 5n }));
  done(cast(ledger, 'desk', credit));
  produce(ledger, 5);
  ledger.decide((state) => {
    state.creditGranted = 6n;
    return { ok: true, value: undefined };
  });
  produce(ledger, 3);
  expect(proposalOf(ledger, credit)).toMatchObject({ state: 'Failed' });
  expect(proposalOf(ledger, credit).reason).toContain('PROPOSAL_INVALID: creditMax must be at least 6');
  expect(ledger.network.genesis.creditMax).toBeUndefined();
});

test('rules of the network change, and those of proposals that are open do not', () => {
  const ledger = governed();
  const open = proposeTo(ledger);
  const changes = {
    creditMax: 7n,
    takeBounds: { minU16: 100, maxU16: 5000 },
    burnBounds: { minBelow: 10n * TAO, maxAbove: TAO },
    governance: { quorumPpm: 900_000, votingBlocks: 50, council: { members: [], required: 1 } },
  };
  expect(passed(ledger, network(changes)).state).toBe('Executed');
  expect(ledger.network.genesis).toMatchObject({ ...changes, networkId: 'a'.repeat(64), cap: 21_000_000n * TAO });
  expect(ledger.network.genesis.governance).toMatchObject({ deposit: 10n * TAO, timelockBlocks: 3 });
  expect(proposalOf(ledger, open)).toMatchObject({ terms: { quorumPpm: 200_000 }, endBlock: 5 });
  expect(takeOf(ledger, 'v1'), 'the default is above the new most').toBe(5000);
  expectRefused(order(ledger, 'desk', { type: 'SetTake', hotkey: 'v1', u16: 99 }), 'INVALID_ARGUMENT');
  expectRefused(order(ledger, 'desk', { type: 'SetTake', hotkey: 'v1', u16: 5001 }), 'INVALID_ARGUMENT');
  const burn = { minRao: (5n * TAO).toString() };
  const policy = { ...testPolicy, hyperparameters: { ...testPolicy.hyperparameters, burn } };
  done(put(ledger, 'other', { policy, emission: 'Held' }));
});

test('what only the network changes is the owner’s in the first policy and a proposal’s later', () => {
  const ledger = governed();
  const own = { ...testPolicy.hyperparameters, kappaU16: 40_000 };
  done(put(ledger, 'own', { policy: { ...testPolicy, hyperparameters: own } }));
  expect(ledger.subnet(2)?.active.policy.hyperparameters.kappaU16).toBe(40_000);
  const other = { ...own, kappaU16: 40_001 };
  expectRefused(put(ledger, 'own', { policy: { ...testPolicy, hyperparameters: other } }), 'ROOT_ONLY');
  expect(passed(ledger, { type: 'Hyperparameters', netuid: 2, changes: { kappaU16: 41_000 } }).state).toBe('Executed');
  const pending = ledger.subnet(2)?.pending;
  expect(pending).toMatchObject({ version: 2, policy: { hyperparameters: { kappaU16: 41_000, tempo: 10 } } });
  // What the owner leaves out stays as the network decided, before and after it is in force.
  const silent = { ...testPolicy, hyperparameters: { ...testPolicy.hyperparameters, tempo: 12 } };
  done(put(ledger, 'own', { policy: silent }));
  expect(ledger.subnet(2)?.pending?.policy.hyperparameters).toMatchObject({ kappaU16: 41_000, tempo: 12 });
  expectRefused(put(ledger, 'own', { policy: { ...testPolicy, hyperparameters: own } }), 'ROOT_ONLY');
});

test('a whole policy is put in force as an owner’s would be', () => {
  const ledger = governed();
  const policy = { ...testPolicy, mechanisms: [{ ...forecast, name: 'other' }] };
  expect(passed(ledger, { type: 'Policy', netuid: 1, policy }).state).toBe('Executed');
  expect(ledger.subnet(1)?.pending).toMatchObject({ version: 2, policy: { mechanisms: [{ name: 'other' }] } });
  seal(ledger);
  expect(ledger.subnet(1)).toMatchObject({ active: { version: 2 }, pending: null });
  const entries = ledger.journal.takeEntries().filter(({ kind }) => kind === 'SubnetChanged');
  expect(entries.at(-1)).toMatchObject({ event: { kind: 'subnet', netuid: 1 } });
});

test('emission goes over to another policy at its block, and back', () => {
  const ledger = governed();
  done(put(ledger, 'other'));
  const byUse = { type: 'Emission', policy: { name: 'Utility', version: 1 }, fromBlock: 30 } as const;
  expect(passed(ledger, byUse).state).toBe('Executed');
  produce(ledger, 29 - ledger.block);
  expect(ledger.network.genesis.emissionPolicy.name).toBe('Equal');
  produce(ledger, 1);
  expect(emissionSplit(ledger).basis).toBe('EqualUntilUtility');
  expect(passed(ledger, { type: 'Emission', policy: root, fromBlock: 1 }).state).toBe('Executed');
  produce(ledger, 1);
  expect(emissionSplit(ledger).basis).toBe('EqualUntilRootWeights');
  expect(ledger.subnet(0)?.active.policy.hyperparameters.tempo).toBe(20);
  expect(passed(ledger, { type: 'Emission', policy: { ...root, tempo: 30 }, fromBlock: 1 }).state).toBe('Executed');
  produce(ledger, 1);
  expect(ledger.subnet(0)?.pending?.policy.hyperparameters.tempo).toBe(30);
  const kinds = ledger.journal.takeEntries().filter(({ kind }) => kind === 'EmissionSwitched');
  expect(kinds.map(({ payloadText }) => (JSON.parse(payloadText) as { to: string }).to)).toEqual([
    'Utility',
    'RootWeights',
    'RootWeights',
  ]);
});

test('a switch that became impossible is told and leaves the policy', () => {
  const ledger = governed();
  const id = proposeTo(ledger, { type: 'Emission', policy: root, fromBlock: 20 });
  done(cast(ledger, 'desk', id));
  produce(ledger, 8);
  done(put(ledger, 'root', { emission: 'Held' }));
  produce(ledger, 12);
  expect(ledger.network.genesis.emissionPolicy.name).toBe('Equal');
  expect(ledger.governance.record.nextEmission).toBeUndefined();
  const told = ledger.journal.takeEntries().find(({ kind }) => kind === 'EmissionSwitchFailed');
  expect(told?.payloadText).toContain('has the handle root');
});

test('the treasury has its part of what the network earns, to the rao and once', () => {
  const ledger = governed({ treasuryPpm: 333_333 });
  const earn = (amount: bigint): void => {
    done(order(ledger, 'owner', { type: 'Transfer', to: NETWORK, amount }));
  };
  const before = ledger.book.posted('TAO', TREASURY);
  earn(1_000_001n);
  produce(ledger, 100);
  expect(ledger.book.posted('TAO', TREASURY) - before).toBe(333_333n);
  produce(ledger, 100);
  expect(ledger.book.posted('TAO', TREASURY) - before).toBe(333_333n);
  earn(10n);
  produce(ledger, 100);
  expect(ledger.book.posted('TAO', TREASURY) - before).toBe(333_336n);
  expectConserved(ledger);
});

test('a disputed swap of a coldkey ends by a proposal, and leaves the key as it was', () => {
  const ledger = governed();
  done(order(ledger, 'ann', { type: 'AnnounceColdkeySwap', newColdkeySha256: 'a'.repeat(64) }));
  expectRefused(
    order(ledger, 'owner', {
      type: 'Propose',
      title: 'x',
      description: '',
      action: { type: 'SettleDispute', coldkey: 'ann' },
    }),
    'KEY_SWAP_UNKNOWN',
  );
  done(order(ledger, 'ann', { type: 'DisputeColdkeySwap' }));
  const pay = { type: 'Transfer', to: 'bob', amount: 1n } as const;
  expectRefused(order(ledger, 'ann', pay), 'KEY_SWAP_DISPUTED');
  expect(passed(ledger, { type: 'SettleDispute', coldkey: 'ann' }).state).toBe('Executed');
  done(order(ledger, 'ann', pay));
});
