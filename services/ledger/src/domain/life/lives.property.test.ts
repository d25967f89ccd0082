import fc from 'fast-check';
import { expect, test } from 'vitest';
import { waitingOf } from '#domain/book/account.ts';
import type { Decision } from '#domain/book/refusal.ts';
import type { Ledger } from '#domain/economy/ledger.ts';
import { payEpoch } from '#domain/economy/payout.ts';
import { deregister } from '#domain/economy/stake.ts';
import { changeStake } from '#domain/economy/wallet-stake.ts';
import {
  causeOf,
  done,
  enrollOrWait,
  expectConserved,
  mandateOf,
  newLedger,
  produce,
  put,
  TAO,
  testGenesis,
  testPolicy,
} from '#test/ledger-state.ts';
import { challengesOf, CHALLENGES_MAX, toldNeuron } from './challenge.ts';
import { announceDissolution } from './dissolution.ts';
import { keepSubnet } from './keep-subnet.ts';
import { matchEviction } from './match-eviction.ts';

/** Anybody does anything, in any order: no money is made or lost, and nobody goes without notice. */

const genesis = { ...testGenesis, subnetRemoval: { noticeBlocks: 40 } };
const notice = 6;
const policy = {
  ...testPolicy,
  hyperparameters: { ...testPolicy.hyperparameters, evictionNoticeBlocks: notice },
};
const HOTKEYS = Array.from({ length: 9 }, (_, at) => `h${at}`);

type Step = (ledger: Ledger) => void;

/** As `decide`, with an entry where money moved outside of an order. */
function attempt(ledger: Ledger, run: (state: Ledger) => Decision<unknown>): void {
  ledger.decide((state) => {
    const decided = run(state);
    if (decided.ok) state.journal.write({ block: state.block, kind: 'Test', payload: {} });
    return decided;
  });
}

const hotkey = fc.constantFrom(...HOTKEYS);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(hotkey, fc.integer({ min: 0, max: 3 })).map(([name, stake]): Step => (ledger) => {
    const ended = ledger.registrations.get(`1/${name}`)?.ended ?? 0;
    enrollOrWait(ledger, name, { attempt: ended + 1, initialStake: BigInt(stake) * TAO });
  }),
  hotkey.map((name): Step => (ledger) => {
    attempt(ledger, (state) => matchEviction(state, 'desk', { netuid: 1, hotkey: name, maxCost: 2n * TAO }));
  }),
  hotkey.map((name): Step => (ledger) => {
    const wish = { netuid: 1, hotkey: name, mandate: mandateOf('desk'), cause: causeOf(name) };
    attempt(ledger, (state) => deregister(state, wish));
  }),
  fc.tuple(hotkey, fc.integer({ min: 1, max: 5 })).map(([name, amount]): Step => (ledger) => {
    const order = { type: 'AddStake', netuid: 1, hotkey: name, amount: BigInt(amount) * TAO } as const;
    attempt(ledger, (state) => changeStake(state, 'owner', order));
  }),
  fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 4, maxLength: 4 }).map((shares): Step => (ledger) => {
    const sealed = ledger.sealed.get('1');
    if (sealed === undefined) return;
    const neurons = sealed.neurons.map(({ uid, registrationId }) => ({ uid, registrationId, incentive: (sealed.miner * BigInt(shares[uid] ?? 0)) / 200n, dividend: (sealed.validator * BigInt(shares[3 - uid] ?? 0)) / 200n, incentiveU16: 1, dividendsU16: 1, permit: true })); // prettier-ignore
    const { netuid, index, sequence: dueSequence } = sealed;
    const scored = { netuid, index, dueSequence, inputsSha256: '', outputsSha256: '', neurons, shares: [] };
    done(ledger.decide((state) => payEpoch(state, scored)));
  }),
  fc.constant<Step>((ledger) => {
    attempt(ledger, (state) => announceDissolution(state, 'owner', { netuid: 1, atBlock: 0 }));
  }),
  fc.constant<Step>((ledger) => attempt(ledger, (state) => keepSubnet(state, 'owner', { netuid: 1, maxCost: 0n }))),
  fc.integer({ min: 1, max: 12 }).map(
    (blocks): Step =>
      (ledger) =>
        void produce(ledger, blocks),
  ),
);

/** What has to hold after every step. */
function expectOrder(ledger: Ledger): void {
  expectConserved(ledger);
  const waiting = challengesOf(ledger, 1);
  expect(waiting.length).toBeLessThanOrEqual(CHALLENGES_MAX);
  const told = waiting.map((challenge) => toldNeuron(ledger, challenge)).filter((neuron) => neuron !== undefined);
  expect(new Set(told.map(({ uid }) => uid)).size).toBe(told.length);
  const marked = ledger.neuronsOf(1).filter((neuron) => neuron.notice !== undefined);
  expect(marked.map(({ uid }) => uid)).toEqual(told.map(({ uid }) => uid).toSorted((a, b) => a - b));
  for (const { terms, cost } of waiting) {
    expect(ledger.neuronByHotkey(1, terms.hotkey)).toBeUndefined();
    expect(ledger.book.posted('TAO', waitingOf(1, terms.hotkey))).toBe(cost + terms.initialStake);
  }
  expect(ledger.subnet(1)?.neurons).toBe(ledger.neuronsOf(1).length);
}

interface Entry {
  readonly kind: string;
  readonly block: number;
  readonly payload: { readonly reason?: string; readonly neuron?: { readonly registrationId: string } };
}

/** Blocks of warning that each pruned neuron had, oldest first; -1 where it had none. */
function warnings(ledger: Ledger): readonly number[] {
  const announced = new Map<string, number>();
  const had: number[] = [];
  for (const { kind, block, payloadText } of ledger.journal.takeEntries()) {
    const { payload } = { kind, block, payload: JSON.parse(payloadText) } as Entry;
    const id = payload.neuron?.registrationId ?? '';
    const at = announced.get(id);
    if (kind === 'EvictionAnnounced') announced.set(id, block);
    if (kind === 'EvictionWithdrawn' || kind === 'EvictionMatched') announced.delete(id);
    if (kind === 'RegistrationEnded' && payload.reason === 'Pruned') had.push(at === undefined ? -1 : block - at);
  }
  return had;
}

test('whatever people do, money is conserved, notices fit who waits, and nobody goes without one', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 10, maxLength: 60 }), (steps) => {
      const ledger = newLedger(genesis);
      done(put(ledger, 'sp500', { policy }));
      for (const name of HOTKEYS.slice(0, 4)) done(enrollOrWait(ledger, name));
      produce(ledger, 31);
      for (const run of steps) {
        run(ledger);
        expectOrder(ledger);
      }
      expect(warnings(ledger).filter((blocks) => blocks < notice)).toEqual([]);
    }),
    { numRuns: 150 },
  );
});

test('whatever people did, a subnet that ends leaves nothing behind', () => {
  const own = /^(pot|sealed|unattributed|stake|delegated|delegating|waiting|lock):1/;
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), (steps) => {
      const ledger = newLedger(genesis);
      done(put(ledger, 'sp500', { policy }));
      for (const name of HOTKEYS.slice(0, 4)) done(enrollOrWait(ledger, name));
      for (const run of steps) run(ledger);
      attempt(ledger, (state) => announceDissolution(state, 'owner', { netuid: 1, atBlock: 0 }));
      produce(ledger, 40 + 10 + 10);
      expect(ledger.subnet(1)?.dissolution?.phase).toBe('Dissolved');
      const left = [...ledger.book.accounts.values()].filter(({ id, posted }) => own.test(id) && posted !== 0n);
      expect(left).toEqual([]);
      expect([ledger.delegations.size, ledger.challenges.size, ledger.dissolving.size]).toEqual([0, 0, 0]);
      expectConserved(ledger);
    }),
    { numRuns: 100 },
  );
});
