import { describe, expect, test } from 'vitest';
import { BURNED, stakeOf, waitingOf } from '#domain/book/account.ts';
import type { Ledger } from '#domain/economy/ledger.ts';
import { mandateKey } from '#domain/economy/mandate.ts';
import { neuronKey, type Neuron } from '#domain/economy/neuron.ts';
import type { Subnet } from '#domain/economy/subnet.ts';
import { deregister } from '#domain/economy/stake.ts';
import { neuronView } from '#domain/economy/views.ts';
import {
  causeOf,
  done,
  enroll,
  enrollOrWait,
  expectConserved,
  mandateOf,
  newLedger,
  payDividends,
  payNothing,
  produce,
  put,
  stateText,
  TAO,
  testPolicy,
} from '#test/ledger-state.ts';
import { RISES_MAX } from './advance-challenges.ts';
import { challengesOf } from './challenge.ts';
import { evictionOrder } from './eviction-order.ts';
import { matchEviction } from './match-eviction.ts';
import { pendingEvictions } from './pending-view.ts';

const NOTICE = 5;
const policy = {
  ...testPolicy,
  hyperparameters: { ...testPolicy.hyperparameters, evictionNoticeBlocks: NOTICE },
};
const held = { emission: 'Held', policy } as const;

/** Four neurons that may go: h1 to h4 have earned 1 to 4 rao. Nothing is minted, so that balances are easily told. */
function fullMarket(hotkeys = ['h1', 'h2', 'h3', 'h4']): Ledger {
  const ledger = newLedger();
  done(put(ledger, 'sp500', held));
  for (const hotkey of hotkeys) done(enroll(ledger, hotkey));
  for (const uid of hotkeys.keys()) earns(ledger, uid, BigInt(uid + 1));
  while (ledger.block < 30) {
    produce(ledger, 1);
    if (ledger.sealed.get('1') !== undefined) payNothing(ledger);
  }
  return ledger;
}

function earns(ledger: Ledger, uid: number, rao: bigint): void {
  const neuron = ledger.neurons.get(neuronKey(1, uid)) as Neuron;
  ledger.neurons.put(neuronKey(1, uid), { ...neuron, earnedLastEpoch: rao });
}

function step(ledger: Ledger, blocks: number): void {
  for (let at = 0; at < blocks; at += 1) {
    produce(ledger, 1);
    if (ledger.sealed.get('1') !== undefined) payNothing(ledger);
  }
}

const match = (ledger: Ledger, hotkey: string, maxCost = 2n * TAO, owner = 'desk') =>
  ledger.decide((state) => {
    const matched = matchEviction(state, owner, { netuid: 1, hotkey, maxCost });
    if (matched.ok) state.journal.write({ block: state.block, kind: 'Test', payload: {} });
    return matched;
  });
const told = (ledger: Ledger) => pendingEvictions(ledger, 1).map(({ hotkey }) => hotkey);
const uidOf = (ledger: Ledger, hotkey: string) => ledger.neuronByHotkey(1, hotkey)?.uid;

test('a newcomer pays and waits, who is last is told, and goes when the notice is over', () => {
  const ledger = fullMarket();
  const before = ledger.book.posted('TAO', BURNED);
  const waits = done(enrollOrWait(ledger, 'new', { initialStake: 7n * TAO }));
  expect(waits).toMatchObject({ kind: 'Waiting', waiting: { challenge: { uid: 0, cost: TAO, dueBlock: 35 } } });
  expect(ledger.neuronByHotkey(1, 'h1')?.notice).toEqual({
    announcedAtBlock: 30,
    dueBlock: 35,
    price: TAO,
    newcomer: 'new',
  });
  expect(ledger.book.posted('TAO', waitingOf(1, 'new'))).toBe(8n * TAO);
  expect(ledger.book.posted('TAO', BURNED)).toBe(before);
  expectConserved(ledger);
  step(ledger, NOTICE - 1);
  expect(uidOf(ledger, 'h1')).toBe(0);
  step(ledger, 1);
  expect(uidOf(ledger, 'h1')).toBeUndefined();
  expect(uidOf(ledger, 'new')).toBe(0);
  expect(ledger.registrations.get('1/h1')).toMatchObject({ uid: null, ended: 1, endReason: 'Pruned' });
  expect(ledger.book.posted('TAO', stakeOf(1, 'new', 'desk'))).toBe(7n * TAO);
  expect(ledger.book.posted('TAO', BURNED)).toBe(before + TAO);
  expect(ledger.challenges.size).toBe(0);
  expectConserved(ledger);
});

test('without notice in the policy a newcomer takes the place at once, as ever', () => {
  const ledger = fullMarket();
  done(put(ledger, 'sp500', { emission: 'Held', policy: testPolicy }));
  step(ledger, 10); // the policy comes into force with the next seal
  expect(done(enrollOrWait(ledger, 'new'))).toMatchObject({ kind: 'Registered', registered: { neuron: { uid: 0 } } });
});

test('a free place needs no notice', () => {
  const ledger = fullMarket(['h1', 'h2']);
  expect(done(enrollOrWait(ledger, 'new'))).toMatchObject({ kind: 'Registered', registered: { neuron: { uid: 2 } } });
});

test('the same request again tells how it stands and takes nothing', () => {
  const ledger = fullMarket();
  done(enrollOrWait(ledger, 'new'));
  const state = stateText(ledger);
  expect(done(enrollOrWait(ledger, 'new'))).toMatchObject({ kind: 'Waiting', waiting: { alreadyWaiting: true } });
  expect(stateText(ledger)).toBe(state);
  expect(enrollOrWait(ledger, 'new', { cause: causeOf('other') })).toMatchObject({ code: 'ALREADY_WAITING' });
  expect(enrollOrWait(ledger, 'new', { cause: null, mandate: null })).toMatchObject({ code: 'ALREADY_WAITING' });
  expect(enrollOrWait(ledger, 'new', { coldkey: 'owner' })).toMatchObject({ code: 'HOTKEY_OWNED_BY_OTHER' });
});

test.for([
  ['a cost above the maximum', { maxCost: TAO - 1n }, 'COST_ABOVE_MAX'],
  ['a payer without funds', { payer: 'nobody' }, 'INSUFFICIENT_FUNDS'],
  ['an exhausted mandate', { mandate: mandateOf('desk', { maxPerOperation: 1n }) }, 'MANDATE_EXHAUSTED'],
  ['an attempt that is over', { attempt: 2 }, 'ATTEMPT_STALE'],
] as const)('%s waits for nothing', ([, change, code]) => {
  const ledger = fullMarket();
  const state = stateText(ledger);
  expect(enrollOrWait(ledger, 'new', change)).toMatchObject({ ok: false, code });
  expect(stateText(ledger)).toBe(state);
});

describe('the right to match', () => {
  test('who pays the newcomer’s price stays, is immune as if registered anew, and the notice goes to the next', () => {
    const ledger = fullMarket();
    done(enrollOrWait(ledger, 'new'));
    step(ledger, 2);
    const burned = ledger.book.posted('TAO', BURNED);
    expect(done(match(ledger, 'h1'))).toBe(TAO);
    expect(ledger.book.posted('TAO', BURNED)).toBe(burned + TAO);
    const stayed = ledger.neuronByHotkey(1, 'h1') as Neuron;
    expect(stayed).toMatchObject({ uid: 0, registeredAtBlock: 0 });
    expect(neuronView(ledger, stayed).immuneUntilBlock).toBe(62);
    expect(pendingEvictions(ledger, 1)).toMatchObject([{ hotkey: 'h2', dueBlock: 37, matches: 1 }]);
    step(ledger, NOTICE);
    expect([uidOf(ledger, 'h1'), uidOf(ledger, 'h2'), uidOf(ledger, 'new')]).toEqual([0, undefined, 1]);
    expectConserved(ledger);
  });

  test('where all have paid to stay the newcomer gets everything back, its mandate’s use too', () => {
    const ledger = fullMarket();
    const key = mandateKey('desk', mandateOf('desk').sha256);
    const used = ledger.mandates.get(key)?.used;
    const owned = ledger.book.posted('TAO', 'desk');
    done(enrollOrWait(ledger, 'new', { initialStake: 3n * TAO }));
    for (const hotkey of ['h1', 'h2', 'h3', 'h4']) done(match(ledger, hotkey));
    expect(challengesOf(ledger, 1)).toEqual([]);
    expect(ledger.mandates.get(key)?.used).toBe(used);
    expect(ledger.book.posted('TAO', 'desk')).toBe(owned - 4n * TAO);
    expect(enrollOrWait(ledger, 'late')).toMatchObject({ ok: false, code: 'SUBNET_FULL' });
    expectConserved(ledger);
  });

  test.for([
    ['without a notice', 'h2', 2n * TAO, 'desk', 'EVICTION_NOT_ANNOUNCED'],
    ['below the price', 'h1', TAO - 1n, 'desk', 'COST_ABOVE_MAX'],
    ['by somebody else', 'h1', 2n * TAO, 'owner', 'NOT_OWNER'],
    ['for nobody', 'h9', 2n * TAO, 'desk', 'NOT_REGISTERED'],
  ] as const)('%s is refused', ([, hotkey, maxCost, owner, code]) => {
    const ledger = fullMarket();
    done(enrollOrWait(ledger, 'new'));
    const state = stateText(ledger);
    expect(match(ledger, hotkey, maxCost, owner)).toMatchObject({ ok: false, code });
    expect(stateText(ledger)).toBe(state);
  });

  test('a match raises the price of the next registration, as a registration does', () => {
    const ledger = newLedger();
    const burn = { minRao: '1000000', maxRao: '100000000000', halfLifeBlocks: 36_100, increasePpm: 2_000_000 };
    const moving = { ...policy, hyperparameters: { ...policy.hyperparameters, burn } };
    done(put(ledger, 'sp500', { emission: 'Held', policy: moving }));
    for (const hotkey of ['h1', 'h2', 'h3', 'h4']) done(enroll(ledger, hotkey, { maxCost: 100n * TAO }));
    step(ledger, 30);
    done(enrollOrWait(ledger, 'new', { maxCost: 100n * TAO }));
    const price = ledger.neuronByHotkey(1, 'h1')?.notice?.price ?? 0n;
    const asked = ledger.subnet(1)?.burn?.rao ?? 0n;
    expect(asked).toBe(2n * price);
    done(match(ledger, 'h1', 100n * TAO));
    expect(ledger.subnet(1)?.burn?.rao).toBe(2n * asked);
  });
});

describe('other ways out', () => {
  test('who earns its way up passes the notice on, but no newcomer is passed by for ever', () => {
    const ledger = fullMarket();
    done(enrollOrWait(ledger, 'new'));
    const passed = [];
    for (let round = 0; round <= RISES_MAX; round += 1) {
      const [last] = told(ledger);
      passed.push(last);
      earns(ledger, uidOf(ledger, last ?? '') ?? 0, 100n + BigInt(round));
      step(ledger, NOTICE);
    }
    expect(passed).toEqual(['h1', 'h2', 'h3']);
    // The third one has risen as well, and goes: the newcomer has waited long enough.
    expect(uidOf(ledger, 'h3')).toBeUndefined();
    expect(uidOf(ledger, 'new')).toBe(2);
  });

  test('who leaves by itself leaves the place to the newcomer in the next block', () => {
    const ledger = fullMarket();
    done(enrollOrWait(ledger, 'new'));
    const leave = { netuid: 1, hotkey: 'h3', mandate: mandateOf('desk'), cause: causeOf('h3') };
    done(ledger.decide((state) => deregister(state, leave)));
    // A latecomer in the same block does not get between.
    expect(done(enrollOrWait(ledger, 'late'))).toMatchObject({ kind: 'Waiting' });
    step(ledger, 1);
    expect(uidOf(ledger, 'new')).toBe(2);
    expect(ledger.neuronByHotkey(1, 'h1')?.notice).toBeUndefined();
    expect(told(ledger)).toEqual(['h2']);
  });

  test("two newcomers have two neurons told, and the owner's first is never one of them", () => {
    const ledger = newLedger();
    done(put(ledger, 'sp500', held));
    done(enroll(ledger, 'o1', { coldkey: 'owner', payer: 'owner', mandate: mandateOf('owner') }));
    for (const hotkey of ['h2', 'h3', 'h4']) done(enroll(ledger, hotkey));
    step(ledger, 30);
    for (const hotkey of ['n1', 'n2', 'n3']) done(enrollOrWait(ledger, hotkey));
    expect(told(ledger)).toEqual(['h2', 'h3', 'h4']);
    expect(enrollOrWait(ledger, 'n4')).toMatchObject({ ok: false, code: 'SUBNET_FULL' });
    step(ledger, NOTICE);
    expect(['n1', 'n2', 'n3'].map((hotkey) => uidOf(ledger, hotkey))).toEqual([1, 2, 3]);
  });
});

test('the notice is taken off a neuron that becomes the first of the owner, and goes to the next', () => {
  const ledger = newLedger();
  done(put(ledger, 'sp500', held));
  const byOwner = { coldkey: 'owner', payer: 'owner', mandate: mandateOf('owner') };
  for (const hotkey of ['o1', 'o2']) done(enroll(ledger, hotkey, byOwner));
  for (const hotkey of ['h3', 'h4']) done(enroll(ledger, hotkey));
  step(ledger, 30);
  done(enrollOrWait(ledger, 'n1'));
  done(enrollOrWait(ledger, 'n2'));
  expect(told(ledger)).toEqual(['o2', 'h3']);
  const leave = { netuid: 1, hotkey: 'o1', mandate: mandateOf('owner'), cause: causeOf('o1') };
  done(ledger.decide((state) => deregister(state, leave)));
  step(ledger, 1);
  // The first newcomer has the place of o1; the second one still waits for h3, and o2 is safe.
  expect(uidOf(ledger, 'n1')).toBe(0);
  expect(ledger.neuronByHotkey(1, 'o2')?.notice).toBeUndefined();
  done(enrollOrWait(ledger, 'n3'));
  expect(told(ledger)).toEqual(['h3', 'h4']);
});

test('who is evicted in the block of a seal is in the epoch, and is paid by it', () => {
  const ledger = newLedger();
  done(put(ledger, 'sp500', { policy }));
  for (const hotkey of ['h1', 'h2', 'h3', 'h4']) done(enroll(ledger, hotkey));
  step(ledger, 35);
  done(enrollOrWait(ledger, 'new'));
  expect(told(ledger)).toEqual(['h1']);
  produce(ledger, NOTICE);
  // Block 40 seals the epoch and ends the notice: sealed first, evicted then, paid after.
  expect(ledger.sealed.get('1')?.block).toBe(40);
  expect(uidOf(ledger, 'h1')).toBeUndefined();
  const before = ledger.book.posted('TAO', 'desk');
  const dividend = payDividends(ledger, 0);
  expect(ledger.book.posted('TAO', 'desk')).toBe(before + dividend);
  expect(ledger.neuronByHotkey(1, 'new')).toMatchObject({ uid: 0, earnedTotal: 0n, earnedLastEpoch: 0n });
  expectConserved(ledger);
});

test('the order tells full figures, what decides between equal ones, and why somebody may not go', () => {
  const ledger = newLedger();
  done(put(ledger, 'sp500', held));
  done(enroll(ledger, 'o1', { coldkey: 'owner', payer: 'owner', mandate: mandateOf('owner') }));
  for (const hotkey of ['h2', 'h3']) done(enroll(ledger, hotkey));
  step(ledger, 30);
  done(enroll(ledger, 'h4'));
  earns(ledger, 1, 1_000_000_001n);
  earns(ledger, 2, 1_000_000_000n);
  const order = () => evictionOrder(ledger, ledger.subnet(1) as Subnet);
  const short = () =>
    order().map(({ neuron, standing, place, decidedBy }) => [neuron.hotkey, standing, place, decidedBy]);
  expect(short()).toEqual([
    ['h3', 'Evictable', 1, 'Earned'],
    ['h2', 'Evictable', 2, null],
    ['o1', 'OwnersFirst', 0, null],
    ['h4', 'Immune', 0, null],
  ]);
  earns(ledger, 1, 1_000_000_000n);
  expect(short()[0]).toEqual(['h2', 'Evictable', 1, 'Uid']);
  done(enrollOrWait(ledger, 'new'));
  expect(short()[0]).toEqual(['h2', 'Announced', 1, 'Uid']);
  expect(order()[3]?.immuneUntilBlock).toBe(60);
});
