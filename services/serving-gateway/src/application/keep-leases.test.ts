import { expect, test } from 'vitest';
import { refuse } from '../domain/refusal.ts';
import { Leases } from './keep-leases.ts';
import type { Billing } from './ports.ts';

const TTL_MS = 30_000;

/** A billing that has `rao` for one account, a spool that lists what was closed, and a clock that the test sets. */
function bench(rao: bigint, options: { readonly leaseRao?: bigint; readonly releases?: boolean } = {}) {
  const state = {
    nowMs: 0,
    freeRao: rao,
    asked: 0,
    granted: new Map<string, bigint>(),
    closed: [] as string[],
    notes: new Set<string>(),
    losesAnswers: false,
  };
  const billing: Billing = {
    async grantLease({ leaseId, maxRao }) {
      state.asked += 1;
      const earlier = state.granted.get(leaseId);
      if (earlier !== undefined) return { ok: true, maxRao: earlier, ttlMs: TTL_MS };
      const granted = maxRao < state.freeRao ? maxRao : state.freeRao;
      if (granted === 0n) return refuse('budget_exhausted', 'nothing left');
      state.freeRao -= granted;
      state.granted.set(leaseId, granted);
      if (state.losesAnswers) return { ...refuse('billing_unavailable', 'no answer'), mayStand: true };
      return { ok: true, maxRao: granted, ttlMs: TTL_MS };
    },
  };
  let ids = 0;
  const leases = new Leases({
    billing,
    spool: {
      put: () => {},
      isFull: () => false,
      leaseOpened: ({ leaseId }) => state.notes.add(leaseId),
      leaseRefused: (leaseId) => state.notes.delete(leaseId),
      leaseClosed: ({ leaseId }, lastCounter) => {
        expect(state.notes.delete(leaseId), `${leaseId} was noted`).toBe(true);
        state.closed.push(`${leaseId}:${lastCounter}`);
        // Billing gives back what a closed lease did not spend; here nothing was spent.
        if (options.releases === true) state.freeRao += state.granted.get(leaseId) ?? 0n;
      },
    },
    observer: { answered: () => {}, refused: () => {}, attempted: () => {}, leased: () => {} },
    settings: { leaseRao: options.leaseRao ?? 10_000n, patienceMs: 1000 },
    newLeaseId: () => `lease-${(ids += 1)}`,
    monotonicMs: () => state.nowMs,
    sleep: async (ms) => {
      state.nowMs += ms;
    },
  });
  return { state, leases, reserve: () => leases.reserve('research', 2000n, 1) };
}

test('many requests at once share one question and one lease', async () => {
  const { state, reserve } = bench(1_000_000n);
  const reservations = await Promise.all([reserve(), reserve(), reserve()]);
  expect(state.asked).toBe(1);
  expect(reservations.map((made) => ('ok' in made ? made.code : made.requestId))).toEqual([
    'lease-1/1',
    'lease-1/2',
    'lease-1/3',
  ]);
});

test('a lease that runs low is replaced, and closed with its last counter when its last request has ended', async () => {
  const { state, leases, reserve } = bench(1_000_000n);
  const made = [];
  for (let request = 0; request < 6; request += 1) made.push(await reserve());
  expect(state.closed).toEqual([]);
  for (const reservation of made) if (!('ok' in reservation)) leases.settle(reservation, 2000n);
  expect(state.closed).toEqual(['lease-1:4']);
  await leases.closeAll();
  expect(state.closed).toEqual(['lease-1:4', 'lease-2:2']);
  expect(leases.openCount).toBe(0);
});

test('money that an ended lease of our own still holds is waited for, not refused', async () => {
  const { state, leases, reserve } = bench(10_000n, { releases: true });
  const first = await reserve();
  if (!('ok' in first)) leases.settle(first, 0n);
  state.nowMs = TTL_MS;
  expect(await reserve()).toMatchObject({ requestId: 'lease-2/1' });
  expect(state.closed).toEqual(['lease-1:1']);
});

test('an account without money is refused after the wait, not before and not for ever', async () => {
  const { state, leases, reserve } = bench(2000n);
  const first = await reserve();
  if (!('ok' in first)) leases.settle(first, 2000n);
  expect(await reserve()).toMatchObject({ ok: false, code: 'budget_exhausted' });
  expect(state.nowMs).toBeLessThan(2000);
  const asked = state.asked;
  for (let request = 0; request < 50; request += 1) expect(await reserve()).toMatchObject({ ok: false });
  expect(state.asked).toBe(asked);
  state.freeRao = 5000n;
  state.nowMs += 1000;
  expect(await reserve()).toMatchObject({ maxRao: 2000n });
});

test('leases that nobody uses are closed when they end', async () => {
  const { state, leases, reserve } = bench(1_000_000n);
  const made = await reserve();
  if (!('ok' in made)) leases.settle(made, 2000n);
  leases.sweep();
  expect(state.closed).toEqual([]);
  state.nowMs = TTL_MS;
  leases.sweep();
  expect(state.closed).toEqual(['lease-1:1']);
});

test('a question without an answer is asked again as it was: billing may hold the money under its id already', async () => {
  const { state, reserve } = bench(10_000n);
  state.losesAnswers = true;
  expect(await reserve()).toMatchObject({ code: 'billing_unavailable' });
  expect(await reserve()).toMatchObject({ requestId: 'lease-1/1' });
  expect([...state.granted.keys()]).toEqual(['lease-1']);
});

test('a lease that billing never told of is closed after a minute, and at the end', async () => {
  const { state, leases, reserve } = bench(1_000_000n);
  state.losesAnswers = true;
  await reserve();
  state.nowMs = 59_999;
  leases.sweep();
  expect(state.closed).toEqual([]);
  state.nowMs = 60_000;
  leases.sweep();
  expect(state.closed).toEqual(['lease-1:0']);
  await reserve();
  await leases.closeAll();
  expect(state.closed).toEqual(['lease-1:0', 'lease-2:0']);
  expect(state.notes.size).toBe(0);
});

test('the end waits for a question that is under way, and closes what it brings', async () => {
  const { state, leases, reserve } = bench(1_000_000n);
  const asking = reserve();
  const ended = leases.closeAll();
  const made = await asking;
  await ended;
  if (!('ok' in made)) leases.settle(made, 0n);
  expect(state.closed).toEqual(['lease-1:1']);
});

test('who was refused has nothing to close', async () => {
  const { state, leases, reserve } = bench(0n);
  expect(await reserve()).toMatchObject({ code: 'budget_exhausted' });
  await leases.closeAll();
  expect([state.notes.size, state.closed.length]).toEqual([0, 0]);
});
