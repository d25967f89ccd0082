import { expect, test } from 'vitest';
import { BURNED, lockOf, potOf, stakeOf } from '#domain/book/account.ts';
import { payEpoch } from '#domain/economy/payout.ts';
import type { Ledger } from '#domain/economy/ledger.ts';
import { changeStake } from '#domain/economy/wallet-stake.ts';
import {
  causeOf,
  done,
  enroll,
  enrollOrWait,
  expectConserved,
  forecast,
  mandateOf,
  newLedger,
  payDividends,
  payNothing,
  produce,
  put,
  stateText,
  TAO,
  testGenesis,
  testPolicy,
} from '#test/ledger-state.ts';
import { DELEGATIONS_PER_BLOCK, NEURONS_PER_BLOCK } from './advance-dissolutions.ts';
import { announceDissolution, dissolveByMandate } from './dissolution.ts';
import { keepSubnet } from './keep-subnet.ts';

const NOTICE = 20;
const genesis = { ...testGenesis, subnetRemoval: { noticeBlocks: NOTICE } };
const sold = {
  ...genesis,
  subnetCreation: {
    minLock: 100n * TAO,
    reductionIntervalBlocks: 100,
    rateLimitBlocks: 0,
    immunityBlocks: 0,
    limit: 4,
  },
};

const dissolve = (ledger: Ledger, atBlock = 0, owner = 'owner') =>
  ledger.decide((state) => announceDissolution(state, owner, { netuid: 1, atBlock }));
const keep = (ledger: Ledger, owner = 'owner') =>
  ledger.decide((state) => keepSubnet(state, owner, { netuid: 1, maxCost: 0n }));
const phase = (ledger: Ledger) => ledger.subnet(1)?.dissolution?.phase;

function market(start = genesis): Ledger {
  const ledger = newLedger(start);
  done(put(ledger, 'sp500'));
  done(enroll(ledger, 'v1', { initialStake: 60n * TAO }));
  return ledger;
}

/** Runs until nothing of subnet 1 is left; answers the blocks that it took. */
function runOut(ledger: Ledger, most = 2000): number {
  for (let blocks = 0; blocks < most; blocks += 1) {
    if (phase(ledger) === 'Dissolved') return blocks;
    produce(ledger, 1);
  }
  return expect.fail('the subnet never ended');
}

function fund(ledger: Ledger, wallets: readonly string[], amount: bigint): void {
  done(
    ledger.decide((state) => {
      for (const wallet of wallets) {
        const paid = state.book.pay({ asset: 'TAO', from: 'desk', parts: [{ to: wallet, amount }] });
        if (!paid.ok) return paid;
      }
      state.journal.write({ block: state.block, kind: 'Test', payload: {} });
      return { ok: true, value: undefined };
    }),
  );
}

function delegate(ledger: Ledger, wallet: string, amount: bigint): void {
  done(
    ledger.decide((state) => {
      const put = changeStake(state, wallet, { type: 'AddStake', netuid: 1, hotkey: 'v1', amount });
      if (put.ok) state.journal.write({ block: state.block, kind: 'Test', payload: {} });
      return put;
    }),
  );
}

test('an announced end lets everything go on until its block, and then pays everybody out', () => {
  const ledger = market();
  fund(ledger, ['ann'], 50n * TAO);
  delegate(ledger, 'ann', 40n * TAO);
  produce(ledger, 10);
  payDividends(ledger, 0);
  const { dissolution } = done(dissolve(ledger));
  expect(dissolution).toEqual({ phase: 'Announced', announcedAtBlock: 10, atBlock: 30 });
  produce(ledger, 10);
  expect(ledger.sealed.get('1')?.index).toBe(2);
  payNothing(ledger);
  expect(enrollOrWait(ledger, 'new')).toMatchObject({ ok: false, code: 'SUBNET_DISSOLVING' });
  produce(ledger, 10);
  expect(phase(ledger)).toBe('Settling');
  const third = ledger.sealed.get('1');
  expect(third?.index).toBe(3); // sealed in the very block: it is still paid
  produce(ledger, 3);
  expect(ledger.neuronByHotkey(1, 'v1')).toBeDefined();
  payNothing(ledger);
  runOut(ledger);
  expect(ledger.neuronByHotkey(1, 'v1')).toBeUndefined();
  expect(ledger.registrations.get('1/v1')).toMatchObject({ uid: null, endReason: 'Dissolved' });
  expect(ledger.book.posted('TAO', stakeOf(1, 'v1', 'desk'))).toBe(0n);
  expect(ledger.book.posted('TAO', 'ann')).toBeGreaterThan(50n * TAO); // with what it earned
  expect(ledger.delegations.size).toBe(0);
  const own = /^(pot|sealed|unattributed|stake|delegated|delegating|waiting|lock):1/;
  const left = [...ledger.book.accounts.values()].filter(({ id, posted }) => own.test(id) && posted !== 0n);
  expect(left).toEqual([]);
  expect(ledger.subnet(1)).toMatchObject({ emission: 'Held', registration: 'Closed', neurons: 0 });
  expect(produce(ledger, 30)).toEqual([]);
  expect(ledger.book.posted('TAO', potOf(1))).toBe(0n);
  expectConserved(ledger);
});

test('ten thousand delegations are given back in steps that one block can bear', () => {
  const ledger = market();
  const wallets = Array.from({ length: 10_000 }, (_, at) => `w${at}`);
  fund(ledger, wallets, TAO / 2n);
  for (const wallet of wallets) delegate(ledger, wallet, TAO / 4n);
  produce(ledger, 10);
  payNothing(ledger);
  for (const wallet of wallets.slice(0, 100)) delegate(ledger, wallet, TAO / 5n);
  done(dissolve(ledger));
  while (phase(ledger) === 'Announced') {
    produce(ledger, 1);
    if (ledger.sealed.get('1') !== undefined && phase(ledger) === 'Announced') payNothing(ledger);
  }
  payNothing(ledger);
  let before = ledger.delegations.size;
  while (phase(ledger) === 'Settling') {
    produce(ledger, 1);
    expect(before - ledger.delegations.size).toBeLessThanOrEqual(DELEGATIONS_PER_BLOCK);
    before = ledger.delegations.size;
  }
  expect(before).toBe(0);
  expect(ledger.dissolving.size).toBe(0);
  for (const wallet of wallets) expect(ledger.book.posted('TAO', wallet)).toBeGreaterThanOrEqual(TAO / 2n);
  expectConserved(ledger);
});

test('a subnet of many neurons loses a bounded number a block', () => {
  const ledger = newLedger(genesis);
  const many = { tempo: 10, immunityPeriodBlocks: 30, maxUids: 80, maxValidators: 4 };
  const policy = { hyperparameters: many, mechanisms: [forecast] };
  done(put(ledger, 'sp500', { policy, emission: 'Held' }));
  for (let at = 0; at < 70; at += 1) done(enroll(ledger, `h${at}`));
  done(dissolve(ledger));
  while (phase(ledger) !== 'Settling') {
    produce(ledger, 1);
    if (ledger.sealed.get('1') !== undefined) payNothing(ledger);
  }
  const counts = [];
  while (phase(ledger) === 'Settling') {
    counts.push(ledger.neuronsOf(1).length);
    produce(ledger, 1);
  }
  expect(counts).toEqual([70, 70 - NEURONS_PER_BLOCK, 70 - 2 * NEURONS_PER_BLOCK, 0, 0]);
});

test('who waits for a place when the subnet ends gets everything back, and nobody keeps a notice', () => {
  const ledger = newLedger(genesis);
  const policy = {
    ...testPolicy,
    hyperparameters: { ...testPolicy.hyperparameters, evictionNoticeBlocks: 100 },
  };
  done(put(ledger, 'sp500', { policy, emission: 'Held' }));
  for (const hotkey of ['h1', 'h2', 'h3', 'h4']) done(enroll(ledger, hotkey));
  produce(ledger, 30);
  const before = ledger.book.posted('TAO', 'desk');
  done(enrollOrWait(ledger, 'new', { initialStake: 5n * TAO }));
  expect(ledger.book.posted('TAO', 'desk')).toBe(before - 6n * TAO);
  done(dissolve(ledger));
  produce(ledger, NOTICE);
  expect(phase(ledger)).toBe('Settling');
  expect(ledger.book.posted('TAO', 'desk')).toBe(before);
  expect(ledger.challenges.size).toBe(0);
  expect(ledger.neuronsOf(1).filter(({ notice }) => notice !== undefined)).toEqual([]);
  runOut(ledger);
  expectConserved(ledger);
});

test('outputs that never come do not hold the end up: what was sealed is burned with the rest', () => {
  const ledger = market();
  produce(ledger, 10);
  done(dissolve(ledger));
  const sealed = ledger.sealed.get('1');
  const burned = ledger.book.posted('TAO', BURNED);
  runOut(ledger);
  expect(ledger.book.posted('TAO', BURNED)).toBeGreaterThan(burned + (sealed?.pot ?? 0n));
  const late = {
    netuid: 1,
    index: 1,
    dueSequence: sealed?.sequence ?? 0,
    inputsSha256: '',
    outputsSha256: '',
    neurons: [],
    shares: [],
  };
  expect(ledger.decide((state) => payEpoch(state, late))).toMatchObject({ ok: false, code: 'EPOCH_UNKNOWN' });
  expectConserved(ledger);
});

test('an end can be taken back until its block, by the owner alone', () => {
  const ledger = market();
  done(dissolve(ledger));
  expect(keep(ledger, 'desk')).toMatchObject({ ok: false, code: 'NOT_OWNER' });
  done(keep(ledger));
  expect(ledger.subnet(1)?.dissolution).toBeUndefined();
  expect(keep(ledger)).toMatchObject({ ok: false, code: 'DISSOLUTION_UNKNOWN' });
  done(dissolve(ledger));
  produce(ledger, NOTICE);
  expect(keep(ledger)).toMatchObject({ ok: false, code: 'DISSOLUTION_UNKNOWN' });
});

test.for([
  ['by somebody else', 0, 'desk', 'NOT_OWNER'],
  ['without notice', 19, 'owner', 'NOTICE_TOO_SHORT'],
  ['in the far future', 10_000_000, 'owner', 'NOTICE_TOO_SHORT'],
] as const)('an end %s is refused', ([, atBlock, owner, code]) => {
  const ledger = market();
  const state = stateText(ledger);
  expect(dissolve(ledger, atBlock, owner)).toMatchObject({ ok: false, code });
  expect(stateText(ledger)).toBe(state);
});

test('an announcement again changes nothing, another block for it is refused', () => {
  const ledger = market();
  done(dissolve(ledger));
  const state = stateText(ledger);
  done(dissolve(ledger));
  done(dissolve(ledger, 20));
  expect(stateText(ledger)).toBe(state);
  expect(dissolve(ledger, 25)).toMatchObject({ ok: false, code: 'SUBNET_DISSOLVING' });
});

test('a mandate announces an end where it names the operation, and nothing else of others', () => {
  const ledger = market();
  const byMandate = (mandate: ReturnType<typeof mandateOf>) =>
    ledger.decide((state) => dissolveByMandate(state, { netuid: 1, atBlock: 0, mandate, cause: causeOf('sp500') }));
  expect(byMandate(mandateOf('owner', { operations: ['SetPolicy'] }))).toMatchObject({ code: 'MANDATE_NOT_GRANTED' });
  expect(byMandate(mandateOf('desk'))).toMatchObject({ code: 'NOT_OWNER' });
  expect(done(byMandate(mandateOf('owner'))).subnet.dissolution?.atBlock).toBe(20);
});

test('neither netuid nor handle comes back', () => {
  const ledger = market();
  done(dissolve(ledger));
  runOut(ledger);
  expect(put(ledger, 'sp500')).toMatchObject({ ok: false, code: 'HANDLE_TAKEN' });
  expect(put(ledger, 'sp500', { netuid: 1 })).toMatchObject({ ok: false, code: 'SUBNET_DISSOLVING' });
  expect(done(put(ledger, 'other')).subnet.netuid).toBe(2);
  expect(dissolve(ledger)).toMatchObject({ ok: false, code: 'SUBNET_DISSOLVING' });
});

test('the lock comes back less what its owner received of it', () => {
  const ledger = market(sold);
  expect(ledger.book.posted('TAO', lockOf(1))).toBe(100n * TAO);
  produce(ledger, 10);
  payNothing(ledger);
  const received = ledger.subnet(1)?.lock?.ownerReceived ?? 0n;
  expect(received).toBeGreaterThan(0n);
  const before = ledger.book.posted('TAO', 'owner');
  done(dissolve(ledger));
  while (phase(ledger) !== 'Dissolved') produce(ledger, 1);
  expect(ledger.book.posted('TAO', 'owner')).toBe(before + 100n * TAO - received);
  expect(ledger.book.posted('TAO', lockOf(1))).toBe(0n);
  expectConserved(ledger);
});
