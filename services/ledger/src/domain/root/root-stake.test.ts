import { describe, expect, test } from 'vitest';
import { delegatedOf, delegatingOf, sealedOf, stakeOf, unattributedOf } from '#domain/book/account.ts';
import { delegationOf } from '#domain/economy/delegation.ts';
import type { Ledger } from '#domain/economy/ledger.ts';
import { TAKE_MAX_U16 } from '#domain/economy/take.ts';
import { neuronView } from '#domain/economy/views.ts';
import { stakeOfWallet } from '#domain/governance/voting-power.ts';
import { done, expectConserved, newLedger, orderBy, produce, put, enroll, TAO } from '#test/ledger-state.ts';
import { payParts, rootMarket, WEIGHT_PPM } from '#test/root-market.ts';

const ROOT = { netuid: 0, hotkey: 'v1' };
const stake = (ledger: Ledger, wallet: string, tokens: bigint, hotkey = 'v1') =>
  orderBy(ledger, wallet, { type: 'AddStake', netuid: 0, hotkey, amount: tokens * TAO });
const worth = (ledger: Ledger, wallet: string) => delegationOf(ledger, wallet, ROOT);
const pooled = (ledger: Ledger, hotkey = 'v1') => ledger.book.posted('TAO', delegatedOf(0, hotkey));
const sealedNeuron = (ledger: Ledger, netuid = 1, uid = 0) => ledger.sealed.get(String(netuid))?.neurons[uid];
const free = (ledger: Ledger, wallet: string) => ledger.book.posted('TAO', wallet);

test('it counts by its weight in every subnet of its hotkey, from the seal on that counts it', () => {
  const ledger = rootMarket();
  done(stake(ledger, 'ann', 100n));
  expect(worth(ledger, 'ann')).toMatchObject({ worth: 0n, waiting: 100n * TAO });
  produce(ledger, 10);
  const root = { stake: 100n * TAO, delegated: 100n * TAO, counts: 17_999_999_993n }; // of a weight that is floored at 32 bits
  expect(sealedNeuron(ledger)).toMatchObject({ stake: 60n * TAO + root.counts, takeU16: TAKE_MAX_U16, root });
  expect(sealedNeuron(ledger)).not.toHaveProperty('delegated');
  expect(sealedNeuron(ledger, 1, 1)).not.toHaveProperty('root');
  expect(sealedNeuron(ledger, 2)).toMatchObject({ stake: root.counts, root });
  expect(worth(ledger, 'ann')).toMatchObject({ worth: 100n * TAO, waiting: 0n });
  const neuron = ledger.neuronByHotkey(1, 'v1');
  expect(neuron && neuronView(ledger, neuron)).toMatchObject({
    stake: 60n * TAO,
    stakeWeight: 60n * TAO + root.counts,
  });
  expectConserved(ledger);
});

test('a network without it takes none, and seals what it always did', () => {
  const ledger = newLedger();
  done(put(ledger, 'sp500'));
  done(enroll(ledger, 'v1', { initialStake: 60n * TAO }));
  expect(stake(ledger, 'owner', 10n)).toMatchObject({ ok: false, code: 'NOT_REGISTERED' });
  produce(ledger, 10);
  expect(ledger.sealed.get('1')).not.toHaveProperty('root');
  expect(sealedNeuron(ledger)).not.toHaveProperty('root');
});

test('root’s part of the pot is that of its stake, and goes to who staked there without the take', () => {
  const ledger = rootMarket();
  done(stake(ledger, 'ann', 100n));
  done(stake(ledger, 'bob', 300n));
  produce(ledger, 10);
  const sealed = ledger.sealed.get('1');
  const { pot = 0n, validator = 0n, root } = sealed ?? {};
  // 400 · 0.18 against 60 + 40 of the subnet's own.
  expect(Number(root?.pot) / Number(validator)).toBeCloseTo(72 / 172, 6);
  expect(root?.weightPpm).toBe(WEIGHT_PPM);
  // Dividends by stake weight: v1 has 60 + 72, v2 has 40.
  const before = free(ledger, 'desk');
  const paid = payParts(ledger, 1, { parts: new Map([[0, 767_442], [1, 232_558]]), miner: 1 }); // prettier-ignore
  expect(paid.owner + paid.incentives + paid.dividends + paid.unattributed).toBe(pot);
  expect(ledger.book.posted('TAO', unattributedOf(1))).toBe(paid.unattributed);
  expect(ledger.book.posted('TAO', sealedOf(1))).toBe(0n);
  const gained = pooled(ledger) - 400n * TAO;
  const rootPot = root?.pot ?? 0n;
  expect(Number(gained) / Number(rootPot)).toBeCloseTo(1 - TAKE_MAX_U16 / 65_535, 6);
  // What stays with the owner: 60 of 100 of the subnet's part, and its take of root's.
  const kept = Number(free(ledger, 'desk') - before);
  const right = (Number(validator - rootPot) * 60) / 100 + (Number(rootPot) * TAKE_MAX_U16) / 65_535;
  expect(kept / right).toBeCloseTo(1, 4);
  expect(worth(ledger, 'ann').worth).toBe(pooled(ledger) / 4n);
  expect(worth(ledger, 'bob').worth).toBe((pooled(ledger) * 3n) / 4n);
  expectConserved(ledger);
});

test('a neuron is told what it was paid, and not what its dividend was before', () => {
  const ledger = rootMarket();
  done(stake(ledger, 'ann', 100n));
  produce(ledger, 10);
  const before = free(ledger, 'desk') + pooled(ledger);
  payParts(ledger, 1, { parts: new Map([[0, 500_000], [1, 500_000]]), miner: 1 }); // prettier-ignore
  expect(ledger.neuronsOf(1)[0]?.earnedLastEpoch).toBe(free(ledger, 'desk') + pooled(ledger) - before);
  expectConserved(ledger);
});

describe('who has no part', () => {
  test('root’s part is the subnet’s where no validator with dividends has stake there', () => {
    const ledger = rootMarket();
    done(stake(ledger, 'ann', 100n));
    produce(ledger, 10);
    const validator = ledger.sealed.get('1')?.validator ?? 0n;
    const before = free(ledger, 'owner');
    const paid = payParts(ledger, 1, { parts: new Map([[1, 1_000_000]]), miner: 0 });
    expect(free(ledger, 'owner') - before).toBe(paid.owner + validator);
    expect(pooled(ledger)).toBe(100n * TAO);
    expectConserved(ledger);
  });

  test('all is root’s where validators have nothing in the subnet itself', () => {
    const ledger = rootMarket();
    done(stake(ledger, 'ann', 100n));
    produce(ledger, 10);
    const sealed = ledger.sealed.get('2');
    expect(sealed?.root?.pot).toBeGreaterThan(0n);
    const before = free(ledger, 'desk');
    payParts(ledger, 2, { parts: new Map([[0, 1_000_000]]) });
    const all = (sealed?.validator ?? 0n) + (sealed?.miner ?? 0n);
    expect(pooled(ledger) - 100n * TAO + free(ledger, 'desk') - before).toBe(all);
    expect(Number(pooled(ledger) - 100n * TAO) / Number(all)).toBeCloseTo(1 - TAKE_MAX_U16 / 65_535, 6);
    expectConserved(ledger);
  });

  test('where all have left since the seal it is the owner’s', () => {
    const ledger = rootMarket();
    done(stake(ledger, 'ann', 100n));
    produce(ledger, 10);
    done(orderBy(ledger, 'ann', { type: 'RemoveStake', ...ROOT, amount: undefined }));
    expect(free(ledger, 'ann')).toBe(500n * TAO);
    payParts(ledger, 1, { parts: new Map([[0, 1_000_000]]) });
    expect(pooled(ledger)).toBe(0n);
    expectConserved(ledger);
  });
});

test('who comes while an epoch is sealed and not paid has no part of it, whichever subnet seals meanwhile', () => {
  const ledger = rootMarket();
  done(stake(ledger, 'ann', 100n));
  produce(ledger, 10); // both are sealed
  done(stake(ledger, 'bob', 100n));
  payParts(ledger, 2, { parts: new Map([[0, 1_000_000]]) });
  produce(ledger, 10); // the second is sealed again, the first is not paid
  expect(worth(ledger, 'bob')).toMatchObject({ worth: 0n, waiting: 100n * TAO });
  expect(ledger.book.posted('TAO', delegatingOf(0, 'v1'))).toBe(100n * TAO);
  payParts(ledger, 1, { parts: new Map([[0, 1_000_000]]) });
  payParts(ledger, 2, { parts: new Map([[0, 1_000_000]]) });
  expect(worth(ledger, 'ann').worth).toBe(pooled(ledger));
  produce(ledger, 10);
  expect(worth(ledger, 'bob').waiting).toBe(0n);
  expect([100n * TAO, 100n * TAO - 1n]).toContain(worth(ledger, 'bob').worth);
  expectConserved(ledger);
});

test('it moves between root and subnets, and votes as other stake does', () => {
  const ledger = rootMarket();
  done(stake(ledger, 'ann', 100n));
  produce(ledger, 10);
  expect(stakeOfWallet(ledger, 'ann')).toBe(100n * TAO);
  done(orderBy(ledger, 'ann', { type: 'MoveStake', ...ROOT, toNetuid: 1, toHotkey: 'v2', amount: 30n * TAO }));
  done(orderBy(ledger, 'ann', { type: 'MoveStake', netuid: 1, hotkey: 'v2', toNetuid: 0, toHotkey: 'v2', amount: 10n * TAO })); // prettier-ignore
  expect(delegationOf(ledger, 'ann', { netuid: 0, hotkey: 'v2' }).waiting).toBe(10n * TAO);
  expect(delegationOf(ledger, 'ann', { netuid: 1, hotkey: 'v2' }).waiting).toBe(20n * TAO);
  expect(worth(ledger, 'ann').worth).toBe(70n * TAO);
  expectConserved(ledger);
});

test('an owner stakes on its own hotkey as others do, and keeps nothing in the subnet by that', () => {
  const ledger = rootMarket();
  done(stake(ledger, 'desk', 50n));
  produce(ledger, 10);
  expect(worth(ledger, 'desk').worth).toBe(50n * TAO);
  expect(ledger.book.posted('TAO', stakeOf(1, 'v1', 'desk'))).toBe(60n * TAO);
  done(orderBy(ledger, 'desk', { type: 'RemoveStake', ...ROOT, amount: undefined }));
  expect(pooled(ledger)).toBe(0n);
});

test.each<[string, string, bigint, string]>([
  ['a hotkey that was never registered', 'v9', 10n * TAO, 'NOT_REGISTERED'],
  ['less than is worth its row', 'v1', 1_999_999n, 'STAKE_TOO_SMALL'],
  ['more than there is', 'v1', 501n * TAO, 'INSUFFICIENT_FUNDS'],
])('%s is refused', (_what, hotkey, amount, code) => {
  expect(orderBy(rootMarket(), 'ann', { type: 'AddStake', netuid: 0, hotkey, amount })).toMatchObject({
    ok: false,
    code,
  });
});

test('it takes its time to leave, and can be put on again meanwhile', () => {
  const ledger = rootMarket({ unbondingBlocks: 20 });
  done(stake(ledger, 'ann', 100n));
  produce(ledger, 10);
  done(orderBy(ledger, 'ann', { type: 'RemoveStake', ...ROOT, amount: 40n * TAO }));
  expect(free(ledger, 'ann')).toBe(400n * TAO);
  const [row] = ledger.unbondings.find('wallet/ann');
  done(orderBy(ledger, 'ann', { type: 'Rebond', unbondingId: row?.id ?? 0, amount: 15n * TAO }));
  expect(worth(ledger, 'ann')).toMatchObject({ worth: 60n * TAO, waiting: 15n * TAO });
  produce(ledger, 20);
  expect(free(ledger, 'ann')).toBe(425n * TAO);
  expectConserved(ledger);
});

test('with the hotkey swapped wherever it is it goes along; swapped in one subnet it stays', () => {
  const all = rootMarket();
  done(stake(all, 'ann', 100n));
  produce(all, 10);
  done(orderBy(all, 'desk', { type: 'SwapHotkey', hotkey: 'v1', newHotkey: 'w1', netuid: undefined }));
  payParts(all, 1, { parts: new Map([[0, 1_000_000]]) });
  payParts(all, 2, { parts: new Map([[0, 1_000_000]]) });
  expect(pooled(all)).toBeGreaterThan(100n * TAO);
  produce(all, 10);
  expect(sealedNeuron(all)).toMatchObject({ hotkey: 'w1', root: { pool: 'v1' } });
  payParts(all, 1, { parts: new Map([[0, 1_000_000]]) });
  expect(delegationOf(all, 'ann', { netuid: 0, hotkey: 'w1' }).worth).toBe(pooled(all));
  expectConserved(all);

  const one = rootMarket();
  done(stake(one, 'ann', 100n));
  done(orderBy(one, 'desk', { type: 'SwapHotkey', hotkey: 'v1', newHotkey: 'w1', netuid: 1 }));
  produce(one, 10);
  expect(sealedNeuron(one)).not.toHaveProperty('root');
  expect(sealedNeuron(one, 2)).toHaveProperty('root');

  const taken = rootMarket();
  done(stake(taken, 'ann', 100n));
  done(stake(taken, 'bob', 10n, 'v2'));
  expect(orderBy(taken, 'desk', { type: 'SwapHotkey', hotkey: 'v1', newHotkey: 'v2', netuid: undefined })).toMatchObject({ ok: false }); // prettier-ignore
});

test('parents give of their stake on root as well, and have their part of what it earns', () => {
  const ledger = rootMarket();
  done(stake(ledger, 'ann', 100n));
  const half = 2n ** 63n;
  done(orderBy(ledger, 'desk', { type: 'SetChildren', netuid: 1, hotkey: 'v1', children: [{ hotkey: 'v2', proportion: half }] })); // prettier-ignore
  const waits = ledger.pendingChildren.get('1')?.[0]?.fromBlock ?? 0;
  ledger.decide((state) => {
    state.network = { ...state.network, block: waits };
    return { ok: true, value: undefined };
  });
  produce(ledger, 1);
  payParts(ledger, 1, { parts: new Map([[0, 1_000_000]]) });
  produce(ledger, 10);
  const [v1, v2] = [sealedNeuron(ledger), sealedNeuron(ledger, 1, 1)];
  const counts = v1?.root?.counts ?? 0n;
  expect(counts).toBeGreaterThan(18n * TAO - 2n);
  expect(v1?.stake).toBeGreaterThanOrEqual((60n * TAO + counts) / 2n - 1n);
  expect(v1?.stake).toBeLessThanOrEqual((60n * TAO + counts) / 2n + 1n);
  expect((v1?.stake ?? 0n) + (v2?.stake ?? 0n)).toBeGreaterThanOrEqual(100n * TAO + counts - 3n);
  const before = pooled(ledger);
  payParts(ledger, 1, { parts: new Map([[0, 400_000], [1, 600_000]]), miner: 1 }); // prettier-ignore
  expect(pooled(ledger)).toBeGreaterThan(before);
  expectConserved(ledger);
});
