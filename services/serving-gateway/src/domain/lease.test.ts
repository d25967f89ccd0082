import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Admission } from './admission.ts';
import { Lease, type Reservation } from './lease.ts';
import { isSellable, quote, unitsDelivered } from './quote.ts';

const grant = { leaseId: 'lease-0001', account: 'research', maxRao: 10_000n, expiresAtMs: 30_000 };

test('whatever is reserved, settled and freed, a lease never spends more than was granted', () => {
  const step = fc.record({ reserve: fc.boolean(), rao: fc.bigInt({ min: 0n, max: 6000n }), pick: fc.nat() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const lease = new Lease(grant);
      const open: Reservation[] = [];
      let charged = 0n;
      let issued = 0n;
      const ids: string[] = [];
      for (const { reserve, rao, pick } of steps) {
        if (reserve) {
          const reservation = lease.reserve(rao, 0);
          if (reservation !== undefined) {
            issued += 1n;
            ids.push(reservation.requestId);
            open.push(reservation);
          }
        } else {
          const [reservation] = open.splice(pick % Math.max(open.length, 1), 1);
          if (reservation === undefined) continue;
          const cost = rao < reservation.maxRao ? rao : reservation.maxRao;
          lease.settle(reservation, cost);
          charged += cost;
        }
        const reserved = open.reduce((sum, { maxRao }) => sum + maxRao, 0n);
        expect(lease.leftRao).toBe(grant.maxRao - reserved - charged);
        expect(lease.leftRao >= 0n).toBe(true);
      }
      expect(ids).toEqual(ids.map((_, index) => `lease-0001/${index + 1}`));
      expect([lease.lastCounter, lease.open]).toEqual([issued, open.length]);
    }),
  );
});

test('nothing is reserved from a lease that has ended', () => {
  expect(new Lease(grant).reserve(1n, 29_999)).toBeDefined();
  expect(new Lease(grant).reserve(1n, 30_000)).toBeUndefined();
});

test('a request cannot cost more than its reservation', () => {
  const lease = new Lease(grant);
  const reservation = lease.reserve(5n, 0)!;
  expect(() => lease.settle(reservation, 6n)).toThrow(RangeError);
});

test('a lease is renewed in its last third or last quarter', () => {
  const lease = new Lease(grant);
  expect([lease.shouldRenew(19_000, 30_000), lease.shouldRenew(20_001, 30_000)]).toEqual([false, true]);
  lease.reserve(7501n, 0);
  expect(lease.shouldRenew(0, 30_000)).toBe(true);
});

test.for([
  [{ Request: 1n }, [{ unit: 'Request', per: 1, priceRao: 2000n }], 2000n],
  [{ Result: 1n }, [{ unit: 'Result', per: 3, priceRao: 1n }], 1n],
  [{}, [{ unit: 'Request', per: 1, priceRao: 2000n }], 0n],
] as const)('a quote is summed exactly and rounded up once', ([units, lines, rao]) => {
  expect(quote(units, lines)).toBe(rao);
});

test('seconds are counted as begun ones, at least one', () => {
  const lines = [{ unit: 'Second', per: 1, priceRao: 5n }];
  expect([1, 1000, 1001].map((ms) => quote(unitsDelivered(lines, ms), lines))).toEqual([5n, 5n, 10n]);
});

test('a model without a price, or priced by tokens, is not sold', () => {
  expect(isSellable([])).toBe(false);
  expect(isSellable([{ unit: 'OutputToken', per: 1000, priceRao: 1n }])).toBe(false);
  expect(isSellable([{ unit: 'Request', per: 1, priceRao: 1n }])).toBe(true);
});

test('admission counts each request once, by account and in all', () => {
  const admission = new Admission({ inFlightMax: 3, accountInFlightMax: 2 });
  const [one, two] = [admission.enter('a'), admission.enter('a')];
  expect(admission.enter('a')).toMatchObject({ ok: false, code: 'too_many_requests' });
  expect(admission.enter('b').ok).toBe(true);
  expect(admission.enter('c')).toMatchObject({ ok: false, code: 'overloaded' });
  for (const ticket of [one, one, two]) if (ticket.ok) ticket.leave();
  expect(admission.inFlight).toBe(1);
  admission.drain();
  expect(admission.enter('a')).toMatchObject({ ok: false, code: 'draining' });
});
