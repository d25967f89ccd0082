import { expect, test } from 'vitest';
import { BURNED, stakeOf } from '#domain/book/account.ts';
import { causeOf, done, enroll, mandateOf, newLedger, produce, put, TAO } from '#test/ledger-state.ts';
import { neuronKey, type Neuron } from './neuron.ts';
import type { Ledger } from './ledger.ts';
import { deregister, raiseStake } from './stake.ts';

function marketOf(...hotkeys: readonly string[]): Ledger {
  const ledger = newLedger();
  done(put(ledger, 'sp500'));
  for (const hotkey of hotkeys) done(enroll(ledger, hotkey));
  return ledger;
}

function end(ledger: Ledger, hotkey: string) {
  const [mandate, cause] = [mandateOf('desk'), causeOf(hotkey)];
  return ledger.decide((state) => deregister(state, { netuid: 1, hotkey, mandate, cause }));
}

function earns(ledger: Ledger, uid: number, rao: bigint): void {
  const neuron = ledger.neurons.get(neuronKey(1, uid)) as Neuron;
  ledger.neurons.put(neuronKey(1, uid), { ...neuron, earnedLastEpoch: rao });
}

test('a registration burns 1 TAO, takes the lowest free uid and moves the stake', () => {
  const ledger = marketOf('h1', 'h2');
  const { neuron, cost, mandate } = done(enroll(ledger, 'h3', { initialStake: 500n * TAO }));
  expect(neuron).toMatchObject({ uid: 2, coldkey: 'desk', attempt: 1, registeredAtBlock: 0 });
  expect(cost).toBe(TAO);
  expect(mandate?.used).toBe(503n * TAO);
  expect(ledger.book.posted('TAO', BURNED)).toBe(3n * TAO);
  expect(ledger.book.posted('TAO', stakeOf(1, 'h3', 'desk'))).toBe(500n * TAO);
  expect(ledger.book.posted('TAO', 'desk')).toBe(10_000n * TAO - 503n * TAO);
});

test('the same registration again costs nothing, and another manager is told whose it is', () => {
  const ledger = marketOf('h1');
  const before = ledger.journal.head;
  expect(done(enroll(ledger, 'h1'))).toMatchObject({ alreadyRegistered: true, neuron: { uid: 0 } });
  expect(ledger.journal.head).toEqual(before);
  const madeAnew = causeOf('h1', { objectUid: 'another' });
  expect(done(enroll(ledger, 'h1', { cause: madeAnew }))).toMatchObject({ alreadyRegistered: true });
  expect(enroll(ledger, 'h1', { cause: causeOf('another') })).toMatchObject({
    ok: false,
    code: 'ALREADY_MANAGED',
  });
  expect(enroll(ledger, 'h1', { coldkey: 'owner', payer: 'owner' })).toMatchObject({
    ok: false,
    code: 'HOTKEY_OWNED_BY_OTHER',
  });
});

test('an object that was made anew under its name goes on with its registration', () => {
  const ledger = marketOf('h1');
  const anew = done(enroll(ledger, 'h1', { cause: causeOf('h1', { objectUid: 'anew' }) }));
  expect(anew).toMatchObject({ alreadyRegistered: true, neuron: { uid: 0, managedBy: { objectUid: 'anew' } } });
  expect(ledger.book.posted('TAO', BURNED)).toBe(TAO);
});

test.for([
  ['a subnet that does not exist', { netuid: 9 }, 'SUBNET_UNKNOWN'],
  ['a cost above the maximum', { maxCost: TAO - 1n }, 'COST_ABOVE_MAX'],
  ['an attempt that is over', { attempt: 2 }, 'ATTEMPT_STALE'],
  ['a payer without funds', { payer: 'nobody' }, 'INSUFFICIENT_FUNDS'],
  ['an exhausted mandate', { mandate: mandateOf('desk', { maxTotal: TAO }), initialStake: 1n }, 'MANDATE_EXHAUSTED'],
  ['a mandate for less an operation', { mandate: mandateOf('desk', { maxPerOperation: 1n }) }, 'MANDATE_EXHAUSTED'],
  ['a mandate of another namespace', { mandate: mandateOf('desk', { namespace: 'x' }) }, 'MANDATE_NOT_GRANTED'],
  ['a mandate of another cluster', { mandate: mandateOf('desk', { cluster: 'x' }) }, 'MANDATE_NOT_GRANTED'],
  ['a mandate without the operation', { mandate: mandateOf('desk', { operations: [] }) }, 'MANDATE_NOT_GRANTED'],
  ['a mandate for other subnets', { mandate: mandateOf('desk', { netuids: [2] }) }, 'MANDATE_NOT_GRANTED'],
] as const)('%s is refused and costs nothing', ([, change, code]) => {
  const ledger = marketOf();
  expect(enroll(ledger, 'h1', change)).toMatchObject({ ok: false, code });
  expect(ledger.book.posted('TAO', 'desk')).toBe(10_000n * TAO);
  expect(ledger.book.posted('TAO', BURNED)).toBe(0n);
});

test('closed registrations are refused', () => {
  const ledger = marketOf();
  done(put(ledger, 'sp500', { registration: 'Closed' }));
  expect(enroll(ledger, 'h1')).toMatchObject({ ok: false, code: 'REGISTRATION_CLOSED' });
});

test('a full subnet evicts who earned least, and never an immune neuron', () => {
  const ledger = marketOf('h1', 'h2', 'h3', 'h4');
  expect(enroll(ledger, 'h5')).toMatchObject({ ok: false, code: 'SUBNET_FULL' });
  produce(ledger, 30);
  for (const [uid, rao] of [5n, 3n, 3n, 9n].entries()) earns(ledger, uid, rao);
  const { neuron } = done(enroll(ledger, 'h5', { initialStake: TAO }));
  expect(neuron).toMatchObject({ uid: 1, registeredAtBlock: 30 });
  expect(ledger.registrations.get('1/h2')).toEqual({
    uid: null,
    ended: 1,
    endReason: 'Pruned',
    spent: TAO,
    beganAtBlock: 0,
  });
  expect(ledger.subnet(1)?.neurons).toBe(4);
  // The newcomer earned nothing and is immune: the next one goes.
  expect(done(enroll(ledger, 'h6')).neuron.uid).toBe(2);
});

test("the owner's first neuron is never evicted", () => {
  const ledger = marketOf();
  const byOwner = { coldkey: 'owner', payer: 'owner', mandate: mandateOf('owner') };
  done(enroll(ledger, 'o1', byOwner));
  for (const hotkey of ['h1', 'h2', 'h3']) done(enroll(ledger, hotkey));
  produce(ledger, 30);
  for (const uid of [1, 2, 3]) earns(ledger, uid, 1n);
  expect(done(enroll(ledger, 'h5')).neuron.uid).toBe(1);
});

test('an ended registration gives the stake back, and the next attempt is another registration', () => {
  const ledger = marketOf();
  const first = done(enroll(ledger, 'h1', { initialStake: 7n * TAO })).neuron;
  done(end(ledger, 'h1'));
  expect(ledger.book.posted('TAO', 'desk')).toBe(10_000n * TAO - TAO);
  expect(end(ledger, 'h1')).toMatchObject({ ok: false, code: 'NOT_REGISTERED' });
  produce(ledger, 1);
  expect(enroll(ledger, 'h1')).toMatchObject({ ok: false, code: 'ATTEMPT_STALE' });
  const second = done(enroll(ledger, 'h1', { attempt: 2 })).neuron;
  expect(second.registrationId).not.toBe(first.registrationId);
  expect(second).toMatchObject({ uid: 0, attempt: 2, earnedTotal: 0n });
});

test('stake is raised to a target and no further', () => {
  const ledger = marketOf('h1');
  const raise = (target: bigint, change = {}) =>
    ledger.decide((state) =>
      raiseStake(state, { netuid: 1, hotkey: 'h1', target, mandate: mandateOf('desk', change), cause: causeOf('h1') }),
    );
  expect(done(raise(10n)).stake).toBe(10n);
  expect(done(raise(10n)).stake).toBe(10n);
  expect(done(raise(4n)).stake).toBe(10n);
  expect(ledger.book.posted('TAO', stakeOf(1, 'h1', 'desk'))).toBe(10n);
  expect(raise(20n, { owner: 'owner', payer: 'owner' })).toMatchObject({ ok: false, code: 'NOT_OWNER' });
});

test('a mandate that has ended is refused', () => {
  const ledger = marketOf();
  produce(ledger, 5);
  expect(enroll(ledger, 'h1', { mandate: mandateOf('desk', { notAfterBlock: 4 }) })).toMatchObject({
    ok: false,
    code: 'MANDATE_EXPIRED',
  });
  done(enroll(ledger, 'h1', { mandate: mandateOf('desk', { notAfterBlock: 5 }) }));
});
