import { expect, test } from 'vitest';
import { invoiceId, utcDay } from './invoice.ts';
import { checkAccount, checkLeaseRequest, holdExpiryBlock, LEASE_TTL_MS } from './lease.ts';
import { chargeOf, isEmpty, rateUnits } from './rating.ts';
import { splitCharge } from './shares.ts';
import { flawOf, type UsageRecord } from './usage.ts';

const perRequest = [{ unit: 'Request', per: 1, priceRao: 2000n }];

test.for([
  ['one request', { Request: 1n }, perRequest, 2000n],
  ['nothing delivered', { Request: 0n }, perRequest, 0n],
  ['a unit that is not sold', { Result: 3n }, perRequest, 0n],
  ['a third of a rao rounds up once', { Result: 1n }, [{ unit: 'Result', per: 3, priceRao: 1n }], 1n],
  [
    'thirds of two lines are summed before rounding',
    { Result: 1n, Second: 2n },
    [
      { unit: 'Result', per: 3, priceRao: 1n },
      { unit: 'Second', per: 3, priceRao: 1n },
    ],
    1n,
  ],
  [
    'two prices for one unit add up',
    { Request: 1n, Second: 5n },
    [...perRequest, { unit: 'Second', per: 2, priceRao: 3n }],
    2008n,
  ],
] as const)('%s', ([, units, lines, expected]) => {
  expect(rateUnits(units, lines)).toBe(expected);
});

test('a charge never exceeds what was reserved', () => {
  expect(chargeOf({ Request: 10n }, perRequest, 2000n)).toBe(2000n);
  expect(chargeOf({ Request: 1n }, perRequest, 5000n)).toBe(2000n);
});

test('a price below zero or per nothing is a bug, not a discount', () => {
  expect(() => rateUnits({}, [{ unit: 'Request', per: 0, priceRao: 1n }])).toThrow(RangeError);
  expect(() => rateUnits({ Request: -1n }, perRequest)).toThrow(RangeError);
});

test.for([
  [2000n, 1600n, 360n, 40n],
  [1n, 1n, 0n, 0n],
  [3n, 2n, 1n, 0n],
  [99n, 79n, 18n, 2n],
  [0n, 0n, 0n, 0n],
] as const)('%d rao are shared by largest remainder', ([amount, minerRao, ownerRao, networkRao]) => {
  expect(splitCharge(amount)).toEqual({ minerRao, ownerRao, networkRao });
});

test('empty units are told from delivered ones', () => {
  expect(isEmpty({})).toBe(true);
  expect(isEmpty({ Request: 0n })).toBe(true);
  expect(isEmpty({ Request: 1n })).toBe(false);
});

test.for([
  [0, '1970-01-01'],
  [951_782_400_000, '2000-02-29'],
  [951_868_800_000, '2000-03-01'],
  [1_795_391_999_999, '2026-11-22'],
  [1_795_392_000_000, '2026-11-23'],
  [4_107_542_399_999, '2100-02-28'],
  [4_107_542_400_000, '2100-03-01'],
  [253_402_300_799_999, '9999-12-31'],
] as const)('%d ms is on the UTC day %s', ([timeMs, day]) => {
  expect(utcDay(timeMs)).toBe(day);
});

test('times outside of the calendar are bugs', () => {
  expect(() => utcDay(-1)).toThrow(RangeError);
  expect(() => utcDay(253_402_300_800_000)).toThrow(RangeError);
});

test('invoice numbers have at least six digits', () => {
  expect(invoiceId(1n)).toBe('inv-000001');
  expect(invoiceId(1_234_567n)).toBe('inv-1234567');
});

test('a hold outlives its lease by ten minutes, rounded up to blocks', () => {
  expect(holdExpiryBlock(100n, 1000)).toBe(731n);
  expect(holdExpiryBlock(100n, 12_000)).toBe(154n);
});

test.for([100, 1000, 12_000, 600_000])(
  'a hold outlives its lease when blocks of %i ms come four times as fast',
  (ms) => {
    // No proposal makes them faster at once.
    expect(Number(holdExpiryBlock(0n, ms) - 1n) * (ms / 4)).toBeGreaterThan(2 * LEASE_TTL_MS);
  },
);

test.for([
  [{ leaseId: 'short', account: 'a', instance: 'i', askedRao: 1n }, 'lease_id'],
  [{ leaseId: 'lease-0001', account: 'a', instance: '', askedRao: 1n }, 'instance'],
  [{ leaseId: 'lease-0001', account: 'a', instance: 'i', askedRao: 0n }, 'max_rao'],
] as const)('a lease request names its bad field', ([request, field]) => {
  const checked = checkLeaseRequest(request);
  expect(checked.ok ? '' : checked.message).toContain(field);
});

test('accounts are DNS labels', () => {
  const named = (account: string) => checkAccount({ account, owner: 'x', displayName: '' }).ok;
  expect(['research', 'a', 'team-7'].map(named)).toEqual([true, true, true]);
  expect(['', 'Research', '-a', 'a.b', 'a'.repeat(64)].map(named)).toEqual([false, false, false, false, false]);
});

test('usage whose id does not follow from its lease and counter is flawed', () => {
  const record: UsageRecord = {
    requestId: 'lease-0001/1',
    contentSha256: '',
    leaseId: 'lease-0001',
    counter: 1n,
    account: 'a',
    netuid: 1,
    model: 'sp500.forecast',
    units: {},
    policyVersion: 1n,
    maxRao: 1n,
    quotedRao: 1n,
    minerHotkey: '',
    minerUid: 0,
    receiptId: '',
    receipt: new Uint8Array(),
    timeMs: 1,
  };
  expect(flawOf(record)).toBeUndefined();
  expect(flawOf({ ...record, counter: 2n })).toBe('request_id');
  expect(flawOf({ ...record, timeMs: -1 })).toBe('time_ms');
});
