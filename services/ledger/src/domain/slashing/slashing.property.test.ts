import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BURNED, delegatedOf, delegatingOf, INSURANCE, SLASH_DEPOSITS, unbondingOf } from '#domain/book/account.ts';
import { delegationsOf } from '#domain/economy/delegation.ts';
import { documentOfText, documentText } from '#adapters/document-text.ts';
import { Ledger } from '#domain/economy/ledger.ts';
import { deregister } from '#domain/economy/stake.ts';
import type { WalletOrder } from '#domain/economy/wallet-order.ts';
import {
  causeOf,
  done,
  expectConserved,
  mandateOf,
  payDividends,
  payNothing,
  produce,
  stateText,
  TAO,
  testHashes,
} from '#test/ledger-state.ts';
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

const WALLETS = ['ann', 'bob'] as const;
const amounts = fc.bigInt({ min: 1n, max: 120n * TAO });
const hotkeys = fc.constantFrom('v1', 'v2', 'v3');
const wallets = fc.constantFrom('desk', 'owner', ...WALLETS);

type Step = (ledger: Ledger) => void;

const stakeOrders: fc.Arbitrary<WalletOrder> = fc.oneof(
  fc.record({ type: fc.constant('AddStake' as const), netuid: fc.constant(1), hotkey: hotkeys, amount: amounts }),
  fc.record({
    type: fc.constant('RemoveStake' as const),
    netuid: fc.constant(1),
    hotkey: hotkeys,
    amount: fc.option(amounts, { nil: undefined }),
  }),
  fc.record({
    type: fc.constant('MoveStake' as const),
    netuid: fc.constant(1),
    hotkey: hotkeys,
    toNetuid: fc.constantFrom(1, 2),
    toHotkey: hotkeys,
    amount: fc.option(amounts, { nil: undefined }),
  }),
);
const ordered: fc.Arbitrary<Step> = fc.record({ wallet: wallets, wanted: stakeOrders }).map(
  ({ wallet, wanted }) =>
    (ledger) =>
      void order(ledger, wallet, wanted),
);
/** Away, and off or on to a third one at once: what a runaway would try first. */
const hopped: fc.Arbitrary<Step> = fc
  .record({ wallet: wallets, to: hotkeys, on: fc.option(hotkeys, { nil: undefined }) })
  .map(({ wallet, to, on }) => (ledger) => {
    const all = { netuid: 1, amount: undefined };
    order(ledger, wallet, { type: 'MoveStake', ...all, hotkey: 'v1', toNetuid: 1, toHotkey: to });
    if (on === undefined) order(ledger, wallet, { type: 'RemoveStake', ...all, hotkey: to });
    else order(ledger, wallet, { type: 'MoveStake', ...all, hotkey: to, toNetuid: 1, toHotkey: on });
  });
const rebonded: fc.Arbitrary<Step> = fc
  .record({ which: fc.nat(10), amount: fc.option(amounts, { nil: undefined }) })
  .map(({ which, amount }) => (ledger) => {
    const row = [...ledger.unbondings.values()][which];
    if (row !== undefined) order(ledger, row.wallet, { type: 'Rebond', unbondingId: row.id, amount });
  });
const ended: fc.Arbitrary<Step> = hotkeys.map((hotkey) => (ledger) => {
  const owner = hotkey === 'v3' ? 'owner' : 'desk';
  const end = { netuid: 1, hotkey, mandate: mandateOf(owner), cause: causeOf(hotkey) };
  ledger.decide((state) => deregister(state, end));
});
const time: fc.Arbitrary<Step> = fc
  .record({ blocks: fc.integer({ min: 1, max: 12 }), earner: fc.boolean() })
  .map(({ blocks, earner }) => (ledger) => {
    produce(ledger, blocks);
    const sealed = ledger.sealed.get('1');
    if (sealed === undefined) return;
    if (earner && sealed.neurons.some(({ uid }) => uid === 1)) payDividends(ledger, 1);
    else payNothing(ledger);
  });
const steps = (withTime: boolean): fc.Arbitrary<Step> =>
  fc.oneof(
    { weight: 6, arbitrary: ordered },
    { weight: 1, arbitrary: rebonded },
    { weight: 1, arbitrary: hopped },
    { weight: 1, arbitrary: ended },
    ...(withTime ? [{ weight: 3, arbitrary: time }] : []),
  );

const has = (ledger: Ledger, wallet: string): bigint => {
  const delegated = delegationsOf(ledger, wallet).reduce((sum, { worth, waiting }) => sum + worth + waiting, 0n);
  const leaving = [...ledger.unbondings.values()].filter((row) => row.wallet === wallet);
  return leaving.reduce((sum, { amount }) => sum + amount, posted(ledger, wallet) + delegated);
};

function expectBooked(ledger: Ledger): void {
  expectConserved(ledger);
  const rows = [...ledger.unbondings.values()];
  for (const netuid of [1, 2]) {
    for (const hotkey of ['v1', 'v2', 'v3']) {
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

const reported: fc.Arbitrary<Step> = fc
  .record({ hotkey: hotkeys, sequence: fc.nat(5).map(String) })
  .map((change) => (ledger) => void report(ledger, change));
const decided: fc.Arbitrary<Step> = fc
  .record({
    which: fc.nat(3),
    voter: fc.constantFrom('arb1', 'arb2', 'arb3'),
    upholds: fc.boolean(),
    dispute: fc.boolean(),
  })
  .map(({ which, voter, upholds, dispute }) => (ledger) => {
    const slash = [...ledger.slashes.values()][which];
    if (slash === undefined) return;
    const wanted: WalletOrder = dispute
      ? { type: 'DisputeSlash', slashId: slash.id, statement: '' }
      : { type: 'VoteSlash', slashId: slash.id, upholds };
    order(ledger, dispute ? slash.owner : voter, wanted);
  });

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
      if (!isOnIt) expect(before - has(ledger, 'bob')).toBeLessThanOrEqual(20n);
      expect(ownStake(ledger, 'v1', 2)).toBeGreaterThanOrEqual(elsewhere);
    }),
    { numRuns: 150 },
  );
});

/** The ledger as a process finds it that starts from the store. */
function restarted(ledger: Ledger): Ledger {
  const next = new Ledger(testHashes);
  next.journal.restore(ledger.journal.head, []);
  for (const account of ledger.book.accounts.values()) next.book.accounts.restore(account);
  const tables = new Map(next.documents.map((table) => [table.name, table]));
  for (const table of ledger.documents) {
    for (const { key, row } of table.takeChanges()) {
      if (row !== undefined) tables.get(table.name)?.restore(key, documentOfText(documentText(row)));
    }
  }
  return next;
}

test('a ledger that starts again in the middle goes on as if it had not', () => {
  const history = fc.array(
    fc.oneof(
      { weight: 4, arbitrary: steps(true) },
      { weight: 1, arbitrary: reported },
      { weight: 1, arbitrary: decided },
    ),
    { maxLength: 25 },
  );
  fc.assert(
    fc.property(history, (all) => {
      const ledger = slashingMarket();
      for (const step of all) step(ledger);
      const again = restarted(ledger);
      expect(stateText(again)).toBe(stateText(ledger));
      produce(ledger, UNBONDING + DISPUTE);
      produce(again, UNBONDING + DISPUTE);
      expect(again.journal.head).toEqual(ledger.journal.head);
      expect(stateText(again)).toBe(stateText(ledger));
    }),
    { numRuns: 60 },
  );
});
