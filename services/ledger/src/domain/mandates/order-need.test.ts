import { expect, test } from 'vitest';
import { lockOf, stakeOf, unbondingOf } from '#domain/book/account.ts';
import type { Ledger } from '#domain/economy/ledger.ts';
import { type Mandate, mandateKey, type Operation, OPERATIONS } from '#domain/economy/mandate.ts';
import { neuronKey } from '#domain/economy/neuron.ts';
import type { WalletOrder } from '#domain/economy/wallet-order.ts';
import { governed, passed, proposalOf } from '#test/governed.ts';
import { ledgerWithPool } from '#test/pool-state.ts';
import { passEpoch, posted, slashingMarket, slashOf } from '#test/slashing-market.ts';
import {
  causeOf,
  done,
  enroll,
  enrollOrWait,
  expectConserved,
  mandateOf,
  newLedger,
  orderBy,
  payNothing,
  produce,
  put,
  skipTo,
  stateText,
  TAO,
  testGenesis,
  testPolicy,
} from '#test/ledger-state.ts';
import { carryOutMandated } from './mandated-order.ts';
import { OPERATIONS_OF, OWN_WORD } from './order-need.ts';

/** By a mandate of `payer` for what is named, and nothing else. */
function ask(
  ledger: Ledger,
  order: WalletOrder,
  { payer = 'desk', ...change }: Partial<Mandate> = {},
  id: string = order.type,
) {
  const operations = change.operations ?? OPERATIONS_OF[order.type as keyof typeof OPERATIONS_OF];
  const mandate = mandateOf(payer, { sha256: 'm', ...change, operations });
  return ledger.decide((state) => carryOutMandated(state, { id, order, mandate, cause: causeOf('desk-1') }));
}

/** Carries it out, the same again changes nothing, and a mandate for everything else refuses it. */
function expectMandated(ledger: Ledger, order: WalletOrder, used: bigint, change: Partial<Mandate> = {}): void {
  const { operations } = { operations: OPERATIONS_OF[order.type as keyof typeof OPERATIONS_OF], ...change };
  const others = OPERATIONS.filter((each) => !operations.includes(each));
  const before = stateText(ledger);
  expect(ask(ledger, order, { ...change, operations: others }, 'others')).toMatchObject({
    code: 'MANDATE_NOT_GRANTED',
  });
  expect(stateText(ledger)).toBe(before);
  const entries = ledger.journal.head.sequence;
  const first = done(ask(ledger, order, change));
  expect(first).toMatchObject({ repeated: false, mandate: { used } });
  expect(first.sequence).toBeGreaterThan(entries);
  const after = stateText(ledger);
  expect(done(ask(ledger, order, change))).toMatchObject({ repeated: true, sequence: first.sequence });
  expect(stateText(ledger)).toBe(after);
  expectConserved(ledger);
}

test('each operation is needed by some order or has a call of its own, and an own word is no operation', () => {
  const needed = new Set<Operation>(Object.values(OPERATIONS_OF).flat());
  expect(OPERATIONS.filter((operation) => !needed.has(operation))).toEqual(['CreateSubnet']);
  expect(Object.keys(OWN_WORD).filter((type) => type in OPERATIONS_OF)).toEqual([]);
});

test.each<WalletOrder>([
  { type: 'SwapColdkey', newColdkey: 'x' },
  { type: 'RevokeSession', sessionId: 'x' },
  { type: 'Veto', proposal: 1 },
])('$type is the own word of whoever signs it', (order) => {
  const refused = ask(newLedger(), order, { operations: [...OPERATIONS] });
  expect(refused).toMatchObject({
    code: 'MANDATE_NOT_GRANTED',
    message: expect.stringContaining('no mandate') as string,
  });
});

/** Two of desk's neurons in a full subnet whose place somebody has paid for. */
function told(): Ledger {
  const ledger = newLedger();
  const hyperparameters = { ...testPolicy.hyperparameters, maxUids: 2, maxValidators: 2, evictionNoticeBlocks: 50 };
  done(put(ledger, 'sp500', { emission: 'Held', policy: { ...testPolicy, hyperparameters } }));
  for (const hotkey of ['h1', 'h2']) done(enroll(ledger, hotkey));
  while (ledger.block < 30) {
    produce(ledger, 1);
    if (ledger.sealed.get('1') !== undefined) payNothing(ledger);
  }
  done(enrollOrWait(ledger, 'new', { coldkey: 'owner', payer: 'owner', mandate: null, cause: null }));
  return ledger;
}

test('an eviction is matched by mandate, for its price and within the bounds of order and mandate', () => {
  const ledger = told();
  const order = { type: 'MatchEviction', netuid: 1, hotkey: 'h1', maxCost: 5n * TAO } as const;
  expect(ask(ledger, order, { maxPerOperation: TAO - 1n })).toMatchObject({ code: 'MANDATE_EXHAUSTED' });
  expect(ask(ledger, { ...order, maxCost: TAO - 1n })).toMatchObject({ code: 'COST_ABOVE_MAX' });
  expect(ask(ledger, { ...order, hotkey: 'h2' })).toMatchObject({ code: 'EVICTION_NOT_ANNOUNCED' });
  expectMandated(ledger, order, TAO);
  expect(ledger.neurons.get(neuronKey(1, 0))?.notice).toBeUndefined();
});

const sold = {
  ...testGenesis,
  subnetCreation: { minLock: 10n * TAO, reductionIntervalBlocks: 100, rateLimitBlocks: 0, limit: 1, immunityBlocks: 5 },
};

test('a subnet is kept by mandate: for nothing where its owner ended it, else for what the newcomer has locked', () => {
  const ledger = newLedger(sold);
  done(put(ledger, 'sp500'));
  expectMandated(ledger, { type: 'DissolveSubnet', netuid: 1, atBlock: 0 }, 0n, { payer: 'owner' });
  expectMandated(ledger, { type: 'KeepSubnet', netuid: 1, maxCost: 0n }, 0n, { payer: 'owner' });
  skipTo(ledger, 20);
  const terms = { handle: 'gold', policy: testPolicy, emission: 'Started', registration: 'Open' } as const;
  done(orderBy(ledger, 'desk', { type: 'CreateSubnet', ...terms, maxCost: 100n * TAO }));
  const price = posted(ledger, lockOf(2));
  const keep = { type: 'KeepSubnet', netuid: 1, maxCost: price } as const;
  const owners = { payer: 'owner', sha256: 'm2' };
  expect(ask(ledger, { ...keep, maxCost: price - 1n }, owners)).toMatchObject({ code: 'COST_ABOVE_MAX' });
  expect(ask(ledger, keep, { ...owners, maxTotal: price - 1n })).toMatchObject({ code: 'MANDATE_EXHAUSTED' });
  expectMandated(ledger, keep, price, owners);
  expect(ledger.subnet(1)?.dissolution).toBeUndefined();
});

test('by mandate a subnet is changed as by SetPolicy, and a neuron leaves', () => {
  const ledger = newLedger();
  const terms = { handle: 'gold', policy: testPolicy, emission: 'Held', registration: 'Open', maxCost: 0n } as const;
  done(orderBy(ledger, 'desk', { type: 'CreateSubnet', ...terms }));
  expectMandated(ledger, { type: 'ChangeSubnet', netuid: 1, emission: 'Started' }, 0n);
  expect(ledger.subnet(1)?.emission).toBe('Started');
  done(enroll(ledger, 'h1'));
  expectMandated(ledger, { type: 'Deregister', netuid: 1, hotkey: 'h1' }, 0n, { sha256: 'm2' });
  expect(ledger.neuronByHotkey(1, 'h1')).toBeUndefined();
});

test('earnings are staked by mandate, and what is unbonding goes back without using the mandate up', () => {
  const ledger = slashingMarket();
  expectMandated(ledger, { type: 'SetAutoStake', netuid: 1, hotkey: 'v1', isOn: true }, 0n);
  done(orderBy(ledger, 'desk', { type: 'RemoveStake', netuid: 1, hotkey: 'v1', amount: 10n * TAO }));
  const [row] = [...ledger.unbondings.values()];
  const order = { type: 'Rebond', unbondingId: row?.id ?? 0, amount: 10n * TAO } as const;
  expect(ask(ledger, { ...order, amount: undefined }, {}, 'all')).toMatchObject({ code: 'INVALID_ARGUMENT' });
  expect(ask(ledger, order, { netuids: [2] }, 'other')).toMatchObject({ code: 'MANDATE_NOT_GRANTED' });
  expect(ask(ledger, order, { payer: 'owner' }, 'stranger')).toMatchObject({ code: 'UNBONDING_UNKNOWN' });
  expectMandated(ledger, order, 0n);
  expect(posted(ledger, stakeOf(1, 'v1', 'desk'))).toBe(100n * TAO);
  expect(posted(ledger, unbondingOf(1, 'v1'))).toBe(0n);
});

test('a slash is reported on the deposit, disputed and decided by mandate', () => {
  const ledger = slashingMarket();
  passEpoch(ledger);
  const reported = {
    type: 'ReportDoubleSigning',
    netuid: 1,
    hotkey: 'v1',
    registrationId: ledger.neuronByHotkey(1, 'v1')?.registrationId ?? '',
    envelopeType: 'Commit',
    sequence: '7',
    expiresAtBlock: ledger.block + 20,
    evidenceSha256: 'e'.repeat(64),
  } as const;
  expect(ask(ledger, reported, { payer: 'eve', maxTotal: TAO })).toMatchObject({ code: 'MANDATE_EXHAUSTED' });
  expectMandated(ledger, reported, 2n * TAO, { payer: 'eve' });
  const [slash] = [...ledger.slashes.values()];
  const slashId = slash?.id ?? '';
  const dispute = { type: 'DisputeSlash', slashId, statement: 'no' } as const;
  expect(ask(ledger, dispute, { netuids: [2] }, 'other')).toMatchObject({ code: 'MANDATE_NOT_GRANTED' });
  expect(ask(ledger, { ...dispute, slashId: 'x' }, {}, 'none')).toMatchObject({ code: 'SLASH_UNKNOWN' });
  expectMandated(ledger, dispute, 0n);
  expectMandated(ledger, { type: 'VoteSlash', slashId, upholds: false }, 0n, { payer: 'arb1' });
  expect(slashOf(ledger, slashId).voters.find(({ voter }) => voter === 'arb1')?.upholds).toBe(false);
});

test('governance by mandate: the deposit uses it up, votes are about all subnets, and the claim is kept in the journal', () => {
  const ledger = governed();
  const action = { type: 'Spend', to: 'builder', amount: TAO } as const;
  const propose = { type: 'Propose', title: 'A title', description: '', action } as const;
  expect(ask(ledger, propose, { maxTotal: 9n * TAO })).toMatchObject({ code: 'MANDATE_EXHAUSTED' });
  expectMandated(ledger, propose, 10n * TAO);
  const id = ledger.governance.record.lastProposal;
  const vote = { type: 'Vote', proposal: id, choice: 'Yes' } as const;
  expect(ask(ledger, vote, { netuids: [1] }, 'one-subnet')).toMatchObject({ code: 'MANDATE_NOT_GRANTED' });
  expectMandated(ledger, vote, 0n, { sha256: 'm2' });
  expect(proposalOf(ledger, id).tally.yes).toBe(100n * TAO);
  expectMandated(ledger, { type: 'DelegateVote', to: 'rival' }, 0n, { sha256: 'm3' });
});

test('a grant is claimed by mandate', () => {
  const ledger = governed();
  passed(ledger, { type: 'Grant', to: 'ann', amount: 100n * TAO, cliffBlocks: 0, vestingBlocks: 10 });
  produce(ledger, 5);
  const before = posted(ledger, 'ann');
  expectMandated(ledger, { type: 'ClaimGrant', grant: 1 }, 0n, { payer: 'ann', netuids: [1] });
  expect(posted(ledger, 'ann')).toBeGreaterThan(before);
});

test('buying uses up rao; selling and passing on keep to a limit in the token, which is needed', () => {
  const ledger = ledgerWithPool();
  const bounds = { netuid: 1, minOut: 1n, allowPartial: false };
  expectMandated(ledger, { type: 'SwapBuy', amount: 10n * TAO, ...bounds }, 10n * TAO);
  const sell = { type: 'SwapSell', amount: 3n * TAO, ...bounds } as const;
  const limited = (operation: Operation): Partial<Mandate> => ({
    limits: [{ operation, maxPerOperation: 3n * TAO, maxTotal: 4n * TAO }],
    maxPerOperation: 1n, // rao, and says nothing of tokens
    transferTo: ['ann'],
  });
  expect(ask(ledger, sell, {}, 'unbounded')).toMatchObject({ code: 'MANDATE_NOT_GRANTED' });
  expect(ask(ledger, { ...sell, amount: undefined }, limited('SwapSell'), 'all')).toMatchObject({
    code: 'INVALID_ARGUMENT',
  });
  expectMandated(ledger, sell, 10n * TAO, limited('SwapSell'));
  expect(ask(ledger, sell, limited('SwapSell'), 'two')).toMatchObject({ code: 'MANDATE_EXHAUSTED' });
  const pass = { type: 'TransferAlpha', netuid: 1, to: 'ann', amount: TAO } as const;
  expect(ask(ledger, { ...pass, to: 'bob' }, limited('TransferAlpha'), 'x')).toMatchObject({
    code: 'MANDATE_NOT_GRANTED',
  });
  expectMandated(ledger, pass, 10n * TAO, limited('TransferAlpha'));
  const record = ledger.mandates.get(mandateKey('desk', 'm'));
  expect(record?.usedBy).toEqual({ 'SwapSell:ALPHA1': 3n * TAO, 'TransferAlpha:ALPHA1': TAO });
});
