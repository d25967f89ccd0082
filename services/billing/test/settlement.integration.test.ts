import { OutageError } from '@subnetes/runtime/errors';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { migrate } from '@subnetes/runtime/migrate';
import { openDatabase } from '@subnetes/runtime/postgres';
import { sqlStore } from '../src/adapters/sql-store.ts';
import { makeEndLeases } from '../src/application/end-leases.ts';
import { makeGrantLease } from '../src/application/grant-lease.ts';
import { makeKeepPrices } from '../src/application/keep-prices.ts';
import type { BillingStore, IntakeEvent, LedgerPort } from '../src/application/ports.ts';
import { makeSettleUsage } from '../src/application/settle-usage.ts';
import { makeTakeUsage } from '../src/application/take-usage.ts';
import type { Database } from '@subnetes/runtime/sql';
import { MemoryLedger } from './memory-ledger.ts';
import { closed, PRICE_RAO, recordingObserver, TERMS, usageOf, used } from './records.ts';

let database: Database;
let store: BillingStore;
beforeAll(async () => {
  database = await openDatabase({ url: 'pglite:memory' });
  await migrate(database, new URL('../migrations', import.meta.url).pathname);
  store = sqlStore(database);
});
afterAll(() => database[Symbol.asyncDispose]());

let runs = 0;
/** A market of its own in the common database: ids and accounts carry the run's number. */
async function market(fundedRao: bigint) {
  runs += 1;
  const account = `account-${runs}`;
  const leaseId = `lease-run-${runs}`;
  const ledger = new MemoryLedger();
  ledger.terms = [{ ...TERMS, netuid: runs }];
  ledger.hotkeys.set('hotkey-1', 'miner-coldkey');
  ledger.fund(`billing:${account}`, fundedRao);
  await store.createAccount({ account, owner: 'alice', displayName: '' });
  await makeKeepPrices({
    store,
    ledger,
    board: { isAsLeft: () => Promise.resolve(true), publish: () => Promise.resolve() },
  })();
  const observer = recordingObserver();
  const grant = makeGrantLease({ store, ledger });
  const take = makeTakeUsage({ store, observer });
  const of = (counter: bigint, changes = {}) => used(usageOf(leaseId, counter, { account, netuid: runs, ...changes }));
  return {
    account,
    leaseId,
    ledger,
    observer,
    of,
    grantLease: (askedRao: bigint) => grant({ leaseId, account, instance: 'gateway-0', askedRao }),
    take: (events: readonly IntakeEvent[]) =>
      take(events.map((event) => ({ ...event, ...(event.kind === 'lease-closed' && { account }) }))),
    settle: makeSettleUsage({ store, ledger, observer }),
    end: makeEndLeases({ store, ledger }),
    invoiced: async () => {
      const invoices = await store.listInvoices(account, { size: 10 });
      return invoices.reduce((sum, invoice) => sum + invoice.totalRao, 0n);
    },
  };
}

describe('leases', () => {
  test('a lease holds what was asked for, and repeats', async () => {
    const { grantLease, ledger, account, leaseId } = await market(1_000_000n);
    const granted = await grantLease(100_000n);
    expect(granted).toMatchObject({ ok: true, value: { grantedRao: 100_000n, state: 'Open' } });
    expect(await grantLease(100_000n)).toEqual(granted);
    expect((await ledger.balance(`billing:${account}`)).heldRao).toBe(100_000n);
    expect(await grantLease(5n)).toMatchObject({ ok: false, code: 'LEASE_TERMS_DIFFER' });
    expect(ledger.holds.has(leaseId)).toBe(true);
  });

  test('an account with less than what was asked for gets what it has, then nothing', async () => {
    const { grantLease, ledger, account } = await market(4000n);
    expect(await grantLease(100_000n)).toMatchObject({ ok: true, value: { grantedRao: 4000n } });
    const grant = makeGrantLease({ store, ledger });
    const second = await grant({ leaseId: `lease-second-${runs}`, account, instance: 'g', askedRao: 1n });
    expect(second).toMatchObject({ ok: false, code: 'INSUFFICIENT_FUNDS' });
  });

  test('an account that nobody created is refused', async () => {
    const grant = makeGrantLease({ store, ledger: new MemoryLedger() });
    const refused = await grant({ leaseId: 'lease-nobody', account: 'nobody', instance: 'g', askedRao: 1n });
    expect(refused).toMatchObject({ ok: false, code: 'ACCOUNT_UNKNOWN' });
  });

  test('a grant whose answer got lost is repeated without a second hold', async () => {
    const { ledger, account } = await market(1_000_000n);
    const lossy: LedgerPort = Object.assign(Object.create(ledger) as MemoryLedger, {
      createHold: async (hold: Parameters<LedgerPort['createHold']>[0]) => {
        await ledger.createHold(hold);
        throw new OutageError('test', 'no answer');
      },
    });
    const request = { leaseId: `lease-lossy-${runs}`, account, instance: 'g', askedRao: 1000n };
    await expect(makeGrantLease({ store, ledger: lossy })(request)).rejects.toThrow(OutageError);
    ledger.advance(5n);
    expect(await makeGrantLease({ store, ledger })(request)).toMatchObject({ ok: true });
    expect((await ledger.balance(`billing:${account}`)).heldRao).toBe(1000n);
  });
});

describe('leases that a gateway closes without having heard of their grant', () => {
  test('the hold of a grant that crashed half-way is given back', async () => {
    const { ledger, account, grantLease, leaseId, take, end } = await market(1_000_000n);
    vi.spyOn(store, 'finishGrant').mockRejectedValueOnce(new OutageError('test', 'killed'));
    await expect(grantLease(1000n)).rejects.toThrow(OutageError);
    expect((await ledger.balance(`billing:${account}`)).heldRao).toBe(1000n);
    await take([closed(leaseId, 0n)]);
    await end();
    expect((await ledger.balance(`billing:${account}`)).heldRao).toBe(0n);
    expect(await grantLease(1000n)).toMatchObject({ ok: false, code: 'LEASE_ENDED' });
  });

  test('a grant that is overtaken by its closing holds nothing', async () => {
    const { ledger, account, grantLease, leaseId, take, end } = await market(1_000_000n);
    const createHold = ledger.createHold.bind(ledger);
    vi.spyOn(ledger, 'createHold').mockImplementationOnce(async (hold) => {
      await take([closed(leaseId, 0n)]);
      await end();
      return createHold(hold);
    });
    expect(await grantLease(1000n)).toMatchObject({ ok: false, code: 'LEASE_ENDED' });
    expect((await ledger.balance(`billing:${account}`)).heldRao).toBe(0n);
  });

  test('a question that comes after its closing holds nothing', async () => {
    const { ledger, account, grantLease, leaseId, take, end } = await market(1_000_000n);
    await take([closed(leaseId, 0n)]);
    await end();
    expect(await grantLease(1000n)).toMatchObject({ ok: false });
    expect((await ledger.balance(`billing:${account}`)).heldRao).toBe(0n);
  });
});

describe('settlement', () => {
  test('charges an answered request once: miner 80 %, owner 18 %, network 2 %, one line', async () => {
    const { grantLease, take, of, settle, ledger, invoiced, end, leaseId, account } = await market(1_000_000n);
    await grantLease(100_000n);
    await take([of(1n), of(1n), of(2n, { units: {} }), closed(leaseId, 2n)]);
    await settle();
    await settle();
    await end();
    expect(ledger.posted.get('miner-coldkey')).toBe(1600n);
    expect(ledger.posted.get('owner-coldkey')).toBe(360n);
    expect(await invoiced()).toBe(PRICE_RAO);
    expect(await ledger.balance(`billing:${account}`)).toEqual({ postedRao: 998_000n, heldRao: 0n });
    expect(ledger.total()).toBe(1_000_000n);
  });

  test('burns the network share by the subnet that was used where the network splits emission by use', async () => {
    const { grantLease, take, of, settle, ledger } = await market(1_000_000n);
    ledger.burns = true;
    await grantLease(100_000n);
    await take([of(1n), of(2n)]);
    await settle();
    await settle();
    expect(ledger.posted.get('burned')).toBe(80n);
    expect(ledger.posted.get('network')).toBeUndefined();
    expect([...ledger.fees]).toEqual([[runs, 80n]]);
    expect(ledger.total()).toBe(1_000_000n);
  });

  test.for([
    ['a lease that was never granted', { leaseId: 'lease-forged', requestId: 'lease-forged/1' }],
    ["another account's lease", { account: 'somebody-else' }],
    ['a model without a price', { model: 'sp500.other' }],
    ['a policy version that was never sold', { policyVersion: 9n }],
  ] as const)('%s costs nothing and is written off in sight', async ([, changes]) => {
    const { grantLease, take, of, settle, observer, invoiced } = await market(1_000_000n);
    await grantLease(100_000n);
    await take([of(1n, { ...changes })]);
    await settle();
    expect(observer.writtenOffIds).toHaveLength(1);
    expect(await invoiced()).toBe(0n);
  });

  test('usage that comes after the hold has ended is written off', async () => {
    const { grantLease, take, of, settle, end, observer, ledger, invoiced } = await market(1_000_000n);
    await grantLease(100_000n);
    ledger.advance(1000n);
    await end();
    await take([of(1n)]);
    await settle();
    expect(observer.writtenOffIds).toHaveLength(1);
    expect(await invoiced()).toBe(0n);
  });

  test('a charge stays within what the gateway reserved', async () => {
    const { grantLease, take, of, settle, invoiced } = await market(1_000_000n);
    await grantLease(100_000n);
    await take([of(1n, { maxRao: 3n })]);
    await settle();
    expect(await invoiced()).toBe(3n);
  });

  test('other content under a known id changes nothing and is told', async () => {
    const { grantLease, take, of, settle, observer, invoiced } = await market(1_000_000n);
    await grantLease(100_000n);
    await take([of(1n)]);
    await take([of(1n, { contentSha256: 'other', units: { Request: 99n }, maxRao: 10n ** 9n })]);
    await settle();
    expect(observer.conflicts).toHaveLength(1);
    expect(await invoiced()).toBe(PRICE_RAO);
  });

  test('duplicates, any order and a crash at any step charge each request once, to the rao', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 30 }),
        fc.array(fc.integer({ min: 0, max: 8 }), { maxLength: 6 }),
        async (counters, crashes) => {
          const run = await market(10n ** 9n);
          await run.grantLease(10n ** 6n);
          for (const counter of counters) await run.take([run.of(BigInt(counter))]);
          for (const calls of crashes) {
            const crashing = makeSettleUsage({
              store: failingAfter(store, calls),
              ledger: failingAfter(run.ledger, calls),
              observer: run.observer,
            });
            const crash = await crashing().then(
              () => undefined,
              (error: unknown) => error,
            );
            expect(crash === undefined || crash instanceof OutageError).toBe(true);
          }
          await run.settle();
          const expected = BigInt(new Set(counters).size) * PRICE_RAO;
          expect(await run.invoiced()).toBe(expected);
          expect(run.ledger.posted.get(`billing:${run.account}`)).toBe(10n ** 9n - expected);
          expect(run.ledger.total()).toBe(10n ** 9n);
        },
      ),
      { numRuns: 25 },
    );
  });
});

/** A port that dies after `calls` calls: the call that it dies in is done, and its answer is lost. */
function failingAfter<T extends object>(port: T, calls: number): T {
  let left = calls;
  return new Proxy(port, {
    get(target, name, receiver) {
      const member: unknown = Reflect.get(target, name, receiver);
      if (typeof member !== 'function') return member;
      return async (...parameters: unknown[]) => {
        const answer: unknown = await Reflect.apply(member, target, parameters);
        left -= 1;
        if (left < 0) throw new OutageError('test', `killed in ${String(name)}`);
        return answer;
      };
    },
  });
}
