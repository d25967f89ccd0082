import { expect, test } from 'vitest';
import { lockOf } from '#domain/book/account.ts';
import { emissionSplit } from '#domain/economy/emission-split.ts';
import type { Ledger } from '#domain/economy/ledger.ts';
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
} from '#test/ledger-state.ts';
import { creationView } from './creation-view.ts';
import { announceDissolution } from './dissolution.ts';
import { keepSubnet } from './keep-subnet.ts';
import { lowestSubnet } from './prune-subnet.ts';

const NOTICE = 20;
const IMMUNITY = 50;
const genesis = {
  ...testGenesis,
  subnetRemoval: { noticeBlocks: NOTICE },
  subnetCreation: {
    minLock: 10n * TAO,
    reductionIntervalBlocks: 10,
    rateLimitBlocks: 0,
    immunityBlocks: IMMUNITY,
    limit: 2,
  },
};

const keep = (ledger: Ledger, netuid: number, maxCost = 1000n * TAO, owner = 'owner') =>
  ledger.decide((state) => {
    const kept = keepSubnet(state, owner, { netuid, maxCost });
    if (kept.ok) state.journal.write({ block: state.block, kind: 'Test', payload: {} });
    return kept;
  });
const byDesk = { mandate: mandateOf('desk') };
const endOf = (ledger: Ledger, netuid: number) => ledger.subnet(netuid)?.dissolution;

/** Two subnets, all that there may be; `first` is held and has no share, so it goes before `second`. */
function fullNetwork(): Ledger {
  const ledger = newLedger(genesis);
  done(put(ledger, 'first', { emission: 'Held' }));
  produce(ledger, 20);
  done(put(ledger, 'second', { emission: 'Held' }));
  produce(ledger, 60);
  return ledger;
}

test('a newcomer to a full network pays and waits, the lowest is told, ends, and the newcomer begins', () => {
  const ledger = fullNetwork();
  expect(creationView(ledger)).toMatchObject({ subnets: 2, waiting: 0, lowestNetuid: 1 });
  const { subnet } = done(put(ledger, 'third', byDesk));
  expect(subnet).toMatchObject({ netuid: 3, waitsFor: 1, owner: 'desk' });
  expect(endOf(ledger, 1)).toEqual({
    phase: 'Announced',
    announcedAtBlock: 80,
    atBlock: 100,
    newcomer: { netuid: 3, price: 10n * TAO },
  });
  expect(emissionSplit(ledger).parts.map(({ netuid }) => netuid)).toEqual([]);
  expect(enroll(ledger, 'h1', { netuid: 3 })).toMatchObject({ ok: false, code: 'SUBNET_WAITING' });
  const wish = { netuid: 3, atBlock: 0 };
  expect(ledger.decide((state) => announceDissolution(state, 'desk', wish))).toMatchObject({ code: 'SUBNET_WAITING' });
  while (ledger.subnet(3)?.waitsFor !== undefined) produce(ledger, 1);
  expect(endOf(ledger, 1)?.phase).toBe('Dissolved');
  expect(ledger.subnet(3)?.startBlock).toBe(ledger.block);
  expect(emissionSplit(ledger).parts.map(({ netuid }) => netuid)).toEqual([3]);
  expect(ledger.book.posted('TAO', lockOf(1))).toBe(0n);
  expect(done(enroll(ledger, 'h1', { netuid: 3 })).neuron.uid).toBe(0);
  expectConserved(ledger);
});

test('an owner who locks as much stays, and the newcomer waits for the next', () => {
  const ledger = fullNetwork();
  done(put(ledger, 'third', byDesk));
  expect(keep(ledger, 1, 10n * TAO - 1n)).toMatchObject({ ok: false, code: 'COST_ABOVE_MAX' });
  expect(keep(ledger, 1, 10n * TAO, 'desk')).toMatchObject({ ok: false, code: 'NOT_OWNER' });
  const before = ledger.book.posted('TAO', 'owner');
  done(keep(ledger, 1));
  expect(ledger.book.posted('TAO', 'owner')).toBe(before - 10n * TAO);
  expect(ledger.subnet(1)).toMatchObject({ lock: { rao: 20n * TAO }, protectedUntilBlock: 80 + IMMUNITY });
  expect(endOf(ledger, 1)).toBeUndefined();
  expect(ledger.subnet(3)?.waitsFor).toBe(2);
  expect(endOf(ledger, 2)?.newcomer?.netuid).toBe(3);
  expectConserved(ledger);
});

test('where everybody stays the newcomer gets its lock back', () => {
  const ledger = fullNetwork();
  const before = ledger.book.posted('TAO', 'desk');
  done(put(ledger, 'third', byDesk));
  done(keep(ledger, 1));
  done(keep(ledger, 2));
  while (endOf(ledger, 3)?.phase !== 'Dissolved') produce(ledger, 1);
  expect(ledger.book.posted('TAO', 'desk')).toBe(before);
  expect(creationView(ledger)).toMatchObject({ subnets: 2, waiting: 0, lowestNetuid: 0 });
  expect(put(ledger, 'fourth', byDesk)).toMatchObject({ ok: false, code: 'SUBNET_LIMIT' });
  expectConserved(ledger);
});

test('the share of the next block decides, then who began first; the young and those that end are left alone', () => {
  const ledger = newLedger({ ...genesis, subnetCreation: { ...genesis.subnetCreation, limit: 3 } });
  for (const handle of ['a', 'b', 'c']) done(put(ledger, handle, { emission: handle === 'b' ? 'Held' : 'Started' }));
  expect(lowestSubnet(ledger)).toBeUndefined();
  produce(ledger, 9);
  while (ledger.block < IMMUNITY) produce(ledger, 1);
  expect(lowestSubnet(ledger)?.netuid).toBe(2);
  done(ledger.decide((state) => announceDissolution(state, 'owner', { netuid: 2, atBlock: 0 })));
  expect(lowestSubnet(ledger)?.netuid).toBe(1);
});

test('a network without a price stays full, and nothing is told', () => {
  const { subnetCreation: _sold, ...free } = genesis;
  const ledger = newLedger(free);
  for (let at = 0; at < 128; at += 1) done(put(ledger, `s${at}`));
  const state = stateText(ledger);
  expect(put(ledger, 'more')).toMatchObject({ ok: false, code: 'SUBNET_LIMIT' });
  expect(stateText(ledger)).toBe(state);
});
