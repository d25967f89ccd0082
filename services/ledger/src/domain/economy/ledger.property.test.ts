import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Entry } from '#domain/book/journal.ts';
import type { Decision } from '#domain/book/refusal.ts';
import {
  done,
  enroll,
  expectConserved,
  mandateOf,
  newLedger,
  produce,
  put,
  stateText,
  TAO,
  testGenesis,
  testPolicy,
} from '#test/ledger-state.ts';
import { type AccountChange, changeAccount } from './account-orders.ts';
import { createHold, postHold, postKey, submitTransfer, transferKey, voidHold } from './money-orders.ts';
import type { Ledger } from './ledger.ts';
import { payEpoch, type ScoredEpoch } from './payout.ts';
import { reverseEntry } from './reverse-entry.ts';
import { deregister, raiseStake } from './stake.ts';
import { carryOut } from './wallet-order.ts';

type Step = (ledger: Ledger) => Decision<unknown>;

/** All entries of a ledger under test, which nothing stores. */
const written = new WeakMap<Ledger, Entry[]>();

function entriesOf(ledger: Ledger): readonly Entry[] {
  const entries = written.get(ledger) ?? [];
  entries.push(...ledger.journal.takeEntries());
  written.set(ledger, entries);
  return entries;
}

/** Billing accounts may owe up to a limit, so that floors below zero are walked through too. */
const lending = { ...testGenesis, creditMax: 25n * TAO };

const amount = fc.oneof(fc.bigInt({ min: -2n, max: 3n }), fc.bigInt({ min: 1n, max: 20_000n * TAO }));
const id = fc.integer({ min: 1, max: 12 }).map(String);
const account = fc.constantFrom('billing:shop', 'billing:other', 'desk', 'owner', 'network');
const accountChange: fc.Arbitrary<AccountChange> = fc.oneof(
  fc.record({
    type: fc.constantFrom('Open', 'Limits'),
    owner: fc.constantFrom(null, 'desk'),
    floor: fc.constantFrom(0n, -5n, -20n * TAO, 1n),
    limit: fc.constantFrom(null, 10_000n * TAO, 3n),
  }),
  fc.record({ type: fc.constant('Freeze' as const), frozen: fc.boolean() }),
  fc.record({ type: fc.constant('Close' as const), to: fc.constantFrom(null, 'desk', 'billing:other') }),
);
const hotkey = fc.constantFrom('h1', 'h2', 'h3', 'h4', 'h5', 'h6');

/** A share of the sealed epoch, honest or beyond it. */
function scoredOf(ledger: Ledger, shares: readonly number[]): ScoredEpoch {
  const sealed = ledger.sealed.get('1');
  const half = sealed?.miner ?? 0n;
  return {
    netuid: 1,
    index: sealed?.index ?? 99,
    dueSequence: sealed?.sequence ?? 0,
    inputsSha256: '1'.repeat(64),
    outputsSha256: '2'.repeat(64),
    shares: [],
    neurons: (sealed?.neurons ?? []).map((neuron, index) => ({
      uid: neuron.uid,
      registrationId: neuron.registrationId,
      incentive: (half * BigInt(shares[index] ?? 0)) / 100n,
      dividend: (half * BigInt(shares[index + 1] ?? 0)) / 100n,
      incentiveU16: 1,
      dividendsU16: 1,
      permit: true,
    })),
  };
}

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ id, from: account, to: account, amount, code: fc.constant('x') }).map((transfer): Step => {
    return (ledger) => ledger.decide((state) => submitTransfer(state, transfer));
  }),
  fc.record({ id, account, amount, expiresAtBlock: fc.integer({ min: 0, max: 60 }) }).map((hold): Step => {
    return (ledger) => ledger.decide((state) => createHold(state, hold));
  }),
  fc.record({ id, holdId: id, close: fc.boolean(), to: account, amount }).map(({ to, amount: paid, ...post }): Step => {
    const parts = [{ to, amount: paid, code: 'sale' }];
    return (ledger) => ledger.decide((state) => postHold(state, { ...post, parts }));
  }),
  fc.record({ id, account, change: accountChange, actor: fc.constantFrom('billing', 'operator') }).map(
    (order): Step =>
      (ledger) =>
        ledger.decide((state) => changeAccount(state, order)),
  ),
  fc.record({ id, reversed: id, post: fc.boolean() }).map(({ reversed, post, ...request }): Step => {
    const reverses = post ? postKey(reversed) : transferKey(reversed);
    return (ledger) => {
      const original = entriesOf(ledger).find(({ keys }) => keys.some(({ key }) => key === reverses));
      return ledger.decide((state) => reverseEntry(state, { ...request, reverses, code: 'refund' }, original));
    };
  }),
  id.map(
    (holdId): Step =>
      (ledger) =>
        ledger.decide((state) => voidHold(state, holdId)),
  ),
  fc
    .record({ hotkey, stake: amount, attempt: fc.integer({ min: 1, max: 3 }) })
    .map(({ stake, attempt, ...terms }): Step => {
      const initialStake = stake < 0n ? 0n : stake;
      return (ledger) => enroll(ledger, terms.hotkey, { initialStake, attempt });
    }),
  fc.record({ hotkey, target: amount }).map(({ target, ...request }): Step => {
    const { cause } = {
      cause: {
        cluster: 'c1',
        kind: 'Miner',
        namespace: 'finance',
        name: request.hotkey,
        objectUid: 'u',
        generation: 1,
      },
    };
    const mandate = mandateOf('desk');
    return (ledger) => ledger.decide((state) => raiseStake(state, { netuid: 1, target, mandate, cause, ...request }));
  }),
  hotkey.map((key): Step => {
    const cause = { cluster: 'c1', kind: 'Miner', namespace: 'finance', name: key, objectUid: 'u', generation: 1 };
    const mandate = mandateOf('desk');
    return (ledger) => ledger.decide((state) => deregister(state, { netuid: 1, hotkey: key, mandate, cause }));
  }),
  fc
    .record({ sequence: fc.integer({ min: 1, max: 30 }), to: account, amount })
    .map(({ sequence, to, amount: sent }): Step => {
      const order = { type: 'Transfer' as const, to, amount: sent };
      return (ledger) =>
        ledger.decide((state) => carryOut(state, { signer: 'owner', sequence, expiresAtBlock: 1000, order }));
    }),
  fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 5, maxLength: 5 }).map((shares): Step => {
    return (ledger) => ledger.decide((state) => payEpoch(state, scoredOf(state, shares)));
  }),
  fc.integer({ min: 1, max: 12 }).map((blocks): Step => (ledger) => {
    produce(ledger, blocks);
    return { ok: true, value: undefined };
  }),
  fc.boolean().map(
    (held): Step =>
      (ledger) =>
        put(ledger, 'sp500', { emission: held ? 'Held' : 'Started' }),
  ),
);

test('whatever is asked in whatever order, money is conserved and a refusal changes nothing', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
      const ledger = newLedger(lending);
      done(put(ledger, 'sp500', { policy: testPolicy }));
      for (const run of steps) {
        const before = stateText(ledger);
        const decision = run(ledger);
        expect(decision.ok || stateText(ledger) === before, 'a refusal changed something').toBe(true);
        expectConserved(ledger);
      }
    }),
    { numRuns: 150 },
  );
});

test('asking again is asking once', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 30 }), (steps) => {
      const [once, twice] = [newLedger(lending), newLedger(lending)];
      for (const ledger of [once, twice]) done(put(ledger, 'sp500'));
      for (const run of steps) {
        // A block is not a request: it happens once however often it is told.
        const before = once.block;
        run(once);
        run(twice);
        if (once.block === before) run(twice);
      }
      const balances = (ledger: Ledger) => [...ledger.book.accounts.values()].filter(({ posted }) => posted !== 0n);
      expect(balances(twice)).toEqual(balances(once));
    }),
    { numRuns: 100 },
  );
});
