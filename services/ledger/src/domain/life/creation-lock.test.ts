import { expect, test } from 'vitest';
import { lockOf } from '#domain/book/account.ts';
import {
  done,
  mandateOf,
  newLedger,
  produce,
  put,
  stateText,
  TAO,
  testGenesis,
  testPolicy,
} from '#test/ledger-state.ts';
import { createByOwner } from '#domain/economy/put-subnet.ts';
import { creationCostAt } from './creation-lock.ts';
import { creationView } from './creation-view.ts';

const terms = { minLock: 1000n, intervalBlocks: 100n };

/** By hand: twice the last price, less a hundredth of it (floored) a block, never below the minimum. */
test.for([
  ['before the first one', undefined, 5000, 1000n],
  ['in the block of the last one', { rao: 1000n, block: 10 }, 10, 2000n],
  ['a block later', { rao: 1000n, block: 10 }, 11, 1990n],
  ['after the interval it is what the last one was', { rao: 1000n, block: 10 }, 110, 1000n],
  ['a price between is floored by block', { rao: 3999n, block: 0 }, 50, 7998n - 39n * 50n],
  ['of a high price after the interval', { rao: 8000n, block: 0 }, 100, 8000n],
  ['it goes on falling', { rao: 8000n, block: 0 }, 150, 4000n],
  ['down to the minimum', { rao: 8000n, block: 0 }, 190, 1000n],
  ['and no further', { rao: 8000n, block: 0 }, 1_000_000, 1000n],
] as const)('%s', ([, last, block, cost]) => {
  expect(creationCostAt(terms, last, block)).toBe(cost);
});

test('the chain’s figures: 1,000 tokens, an interval of 14 days, half a token a block', () => {
  const chain = { minLock: 1000n * TAO, intervalBlocks: 50_400n };
  expect(creationCostAt(chain, { rao: 1000n * TAO, block: 0 }, 1)).toBe(2000n * TAO - 19_841_269n);
  // 10^12 / 50,400 is floored, so that the price is a few rao above the last one's after the interval.
  expect(creationCostAt(chain, { rao: 1000n * TAO, block: 0 }, 50_400)).toBe(1000n * TAO + 42_400n);
});

const genesis = {
  ...testGenesis,
  subnetCreation: {
    minLock: 100n * TAO,
    reductionIntervalBlocks: 100,
    rateLimitBlocks: 5,
    immunityBlocks: 0,
    limit: 3,
  },
};

test('a subnet costs its lock, which stays in its own account and is booked on the mandate', () => {
  const ledger = newLedger(genesis);
  const created = done(put(ledger, 'first'));
  expect(created.subnet.lock).toEqual({ rao: 100n * TAO, ownerReceived: 0n });
  expect(created.mandate.used).toBe(100n * TAO);
  expect(ledger.book.posted('TAO', lockOf(1))).toBe(100n * TAO);
  expect(ledger.book.posted('TAO', 'owner')).toBe(900n * TAO);
  // The same object again changes nothing and costs nothing.
  const state = stateText(ledger);
  done(put(ledger, 'first'));
  expect(stateText(ledger)).toBe(state);
  expect(put(ledger, 'second')).toMatchObject({ ok: false, code: 'SUBNET_RATE_LIMIT' });
  produce(ledger, 5);
  // A token a block: the interval is 100 blocks, and five of them take 5 of 200 off.
  expect(creationView(ledger)).toMatchObject({ cost: 195n * TAO, min: 100n * TAO, fromBlock: 5, subnets: 1, limit: 3 });
  expect(put(ledger, 'second', { maxCost: 195n * TAO - 1n })).toMatchObject({ ok: false, code: 'COST_ABOVE_MAX' });
  expect(done(put(ledger, 'second', { maxCost: 195n * TAO })).subnet.lock?.rao).toBe(195n * TAO);
});

test.for([
  [
    'a mandate that does not name the operation',
    mandateOf('owner', { operations: ['SetPolicy'] }),
    'MANDATE_NOT_GRANTED',
  ],
  ['a mandate for less', mandateOf('owner', { maxPerOperation: TAO }), 'MANDATE_EXHAUSTED'],
  ['a payer without the money', mandateOf('poor'), 'INSUFFICIENT_FUNDS'],
] as const)('%s buys no subnet', ([, mandate, code]) => {
  const ledger = newLedger(genesis);
  const state = stateText(ledger);
  expect(put(ledger, 'first', { mandate })).toMatchObject({ ok: false, code });
  expect(stateText(ledger)).toBe(state);
});

test('an owner creates a subnet by its own order, within what it says, and an object takes it over by its netuid', () => {
  const ledger = newLedger(genesis);
  const order = { handle: 'own', policy: testPolicy, emission: 'Started', registration: 'Open' } as const;
  const create = (maxCost: bigint, handle = 'own') =>
    ledger.decide((state) => createByOwner(state, 'owner', { ...order, handle, maxCost }));
  expect(create(100n * TAO - 1n)).toMatchObject({ ok: false, code: 'COST_ABOVE_MAX' });
  expect(create(100n * TAO, 'No')).toMatchObject({ ok: false, code: 'INVALID_ARGUMENT' });
  const subnet = done(create(100n * TAO));
  expect(subnet).toMatchObject({ netuid: 1, owner: 'owner', lock: { rao: 100n * TAO } });
  expect(create(1000n * TAO)).toMatchObject({ ok: false, code: 'HANDLE_TAKEN' });
  expect(put(ledger, 'own')).toMatchObject({ ok: false, code: 'ALREADY_MANAGED' });
  expect(done(put(ledger, 'own', { netuid: 1 })).subnet.managedBy.name).toBe('own');
});

test('where genesis says nothing subnets are free, as before', () => {
  const ledger = newLedger();
  const created = done(put(ledger, 'first', { mandate: mandateOf('owner', { operations: ['SetPolicy'] }) }));
  expect(created.subnet.lock).toBeUndefined();
  expect(creationView(ledger)).toMatchObject({ cost: 0n, subnets: 1, limit: 128 });
});
