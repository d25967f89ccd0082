import { beforeAll, describe, expect, test } from 'vitest';
import type { BillingStore } from '../src/application/ports.ts';
import type { StoredKey } from '../src/domain/api-key.ts';
import type { Lease } from '../src/domain/lease.ts';
import { closed, DAY_MS, TERMS, usageOf, used } from './records.ts';

/** What every store of billing does. `open` gives an empty one. */
export function storeContract(name: string, open: () => Promise<BillingStore>): void {
  describe(`billing store on ${name}`, () => {
    let store: BillingStore;
    beforeAll(async () => {
      store = await open();
      await store.createAccount({ account: 'research', owner: 'alice', displayName: 'Research' });
      await store.putPrices(TERMS);
    });

    const lease = (leaseId: string): Lease => ({
      leaseId,
      account: 'research',
      instance: 'gateway-0',
      askedRao: 10n ** 20n,
      grantedRao: 10n ** 20n,
      expiresAtBlock: 700n,
      state: 'Granting',
    });
    const open_ = async (leaseId: string) => {
      await store.openLease(lease(leaseId));
      await store.finishGrant(leaseId, 'Open');
    };
    const charge = {
      amountRao: 2000n,
      minerRao: 1600n,
      ownerRao: 360n,
      networkRao: 40n,
      minerColdkey: 'm',
      ownerColdkey: 'o',
    };
    const postAll = async (period = '2026-11-23') => {
      const waiting = await store.unsettled(0n, 1000);
      await store.settle(waiting.map(({ arrival }) => ({ arrival, outcome: 'rated', charge })));
      const posted = waiting.map(({ arrival, record }) => ({
        arrival,
        account: record.account,
        amountRao: 2000n,
        period,
        ledgerSequence: arrival,
      }));
      await store.markPosted(posted);
      return posted;
    };

    test('an account keeps its first owner', async () => {
      const again = await store.createAccount({ account: 'research', owner: 'mallory', displayName: 'x' });
      expect(again.owner).toBe('alice');
      expect(await store.readAccount('nobody')).toBeUndefined();
    });

    test('a lease keeps its first terms, in amounts beyond 2^64', async () => {
      expect(await store.openLease(lease('lease-first'))).toEqual(lease('lease-first'));
      expect((await store.openLease({ ...lease('lease-first'), askedRao: 1n })).askedRao).toBe(10n ** 20n);
      await store.lowerLease('lease-first', 7n);
      await store.lowerLease('lease-first', 9n);
      expect((await store.openLease(lease('lease-first'))).grantedRao).toBe(7n);
      expect(await store.finishGrant('lease-first', 'Refused')).toBe('Refused');
      expect(await store.finishGrant('lease-first', 'Open')).toBe('Refused');
      expect((await store.openLease(lease('lease-first'))).state).toBe('Refused');
    });

    test('a request id is taken once, within a batch and over batches; other content is a conflict', async () => {
      await open_('lease-dups');
      const record = usageOf('lease-dups', 1n);
      expect(await store.takeIn([used(record), used(record)])).toEqual(['stored', 'duplicate']);
      expect(await store.takeIn([used({ ...record, contentSha256: 'other' })])).toEqual(['conflict']);
      await postAll();
      expect(await store.takeIn([used(record)])).toEqual(['duplicate']);
      expect(await store.unsettled(0n, 10)).toEqual([]);
    });

    test('a batch keeps its order, and says of each event what became of it', async () => {
      await open_('lease-mixed');
      const [first, second] = [usageOf('lease-mixed', 1n), usageOf('lease-mixed', 2n)];
      const batch = [used(second), closed('lease-mixed', 2n), used({ ...second, contentSha256: 'other' }), used(first)];
      expect(await store.takeIn(batch)).toEqual(['stored', 'lease_closed', 'conflict', 'stored']);
      const waiting = await store.unsettled(0n, 10);
      expect(waiting.map(({ record }) => record)).toEqual(
        [second, first].map((each) => ({ ...each, receipt: new Uint8Array() })),
      );
      await postAll();
      await store.endLeases(['lease-mixed'], 'Released');
    });

    test('a lease is complete when all counters up to its last are settled, whatever their order', async () => {
      await open_('lease-gaps');
      await store.takeIn([used(usageOf('lease-gaps', 3n)), closed('lease-gaps', 3n), used(usageOf('lease-gaps', 1n))]);
      await postAll();
      expect(await store.completeLeases(10)).not.toContain('lease-gaps');
      await store.takeIn([used(usageOf('lease-gaps', 2n))]);
      expect(await store.completeLeases(10)).not.toContain('lease-gaps');
      await postAll();
      expect(await store.completeLeases(10)).toContain('lease-gaps');
      await store.endLeases(['lease-gaps'], 'Released');
      expect(await store.completeLeases(10)).not.toContain('lease-gaps');
    });

    test('an abandoned lease is complete with what has come, gaps or not, once it is settled', async () => {
      await open_('lease-left');
      await store.takeIn([used(usageOf('lease-left', 4n)), closed('lease-left', 0n, true)]);
      expect(await store.completeLeases(10)).toEqual([]);
      await postAll();
      expect(await store.completeLeases(10)).toEqual(['lease-left']);
      await store.endLeases(['lease-left'], 'Released');
    });

    test('a lease that is closed while it is granted is complete, and does not open any more', async () => {
      await store.openLease(lease('lease-unheard'));
      expect(await store.takeIn([closed('lease-unheard', 0n)])).toEqual(['lease_closed']);
      expect(await store.completeLeases(10)).toEqual(['lease-unheard']);
      await store.endLeases(['lease-unheard'], 'Released');
      expect(await store.finishGrant('lease-unheard', 'Open')).toBe('Released');
    });

    test('a lease that is closed before anybody asked for it has ended when the question comes', async () => {
      expect(await store.takeIn([closed('lease-early', 0n), closed('lease-early', 0n)])).toEqual([
        'lease_closed',
        'duplicate',
      ]);
      expect(await store.completeLeases(10)).toEqual([]);
      expect(await store.openLease(lease('lease-early'))).toMatchObject({ state: 'Released' });
    });

    test('a lease expires at its block, but not under unsettled usage', async () => {
      await open_('lease-late');
      await store.takeIn([used(usageOf('lease-late', 1n))]);
      expect(await store.expiredLeases(700n, 100)).not.toContain('lease-late');
      await postAll();
      expect(await store.expiredLeases(699n, 100)).toEqual([]);
      expect(await store.expiredLeases(700n, 100)).toContain('lease-late');
    });

    test('an invoice that is read while lines are posted adds up', async () => {
      await store.createAccount({ account: 'busy', owner: 'bob', displayName: '' });
      await open_('lease-busy');
      let posting = true;
      const reads: boolean[] = [];
      const read = async (): Promise<void> => {
        while (posting) {
          const [invoice] = await store.listInvoices('busy', { size: 1 });
          if (invoice === undefined) continue;
          const sum = invoice.lines.reduce((total, { amountRao }) => total + amountRao, 0n);
          reads.push(invoice.totalRao === sum && invoice.lineCount === BigInt(invoice.lines.length));
        }
      };
      const post = async (): Promise<void> => {
        for (let counter = 1n; counter <= 80n; counter += 1n) {
          await store.takeIn([used(usageOf('lease-busy', counter, { account: 'busy' }))]);
          await postAll();
        }
        posting = false;
      };
      await Promise.all([post(), read(), read()]);
      expect(reads.filter((addsUp) => !addsUp).length).toBe(0);
      expect(reads.length).toBeGreaterThan(20);
    });

    test('invoices: one an account and day, numbers without gaps, totals as their lines, repeats without effect', async () => {
      await store.createAccount({ account: 'desk', owner: 'bob', displayName: '' });
      await open_('lease-bill');
      const of = (counter: bigint, account: string) => used(usageOf('lease-bill', counter, { account }));
      await store.takeIn([of(1n, 'desk'), of(2n, 'desk')]);
      const posted = await postAll();
      await store.markPosted(posted);
      await store.takeIn([of(3n, 'desk')]);
      await postAll('2026-11-24');
      const invoices = await store.listInvoices('desk', { size: 10 });
      expect(invoices.map(({ period, totalRao, lineCount }) => [period, totalRao, lineCount])).toEqual([
        ['2026-11-24', 2000n, 1n],
        ['2026-11-23', 4000n, 2n],
      ]);
      expect(invoices[0]!.number - invoices[1]!.number).toBe(1n);
      expect(invoices[1]!.lines.map(({ requestId }) => requestId)).toEqual(['lease-bill/2', 'lease-bill/1']);
      expect(invoices[1]!.lines[0]).toMatchObject({ units: { Request: 1n }, minerRao: 1600n, timeMs: DAY_MS });
      const older = await store.listInvoices('desk', { size: 1, before: invoices[0]!.number });
      expect(older.map(({ period }) => period)).toEqual(['2026-11-23']);
    });

    test('prices are kept by version', async () => {
      await store.putPrices({ ...TERMS, policyVersion: 2n, models: {} });
      expect(await store.readPrices(1, 1n)).toEqual(TERMS);
      expect(await store.readPrices(1, 3n)).toBeUndefined();
      expect((await store.latestPrices()).map(({ policyVersion }) => policyVersion)).toEqual([2n]);
    });

    test('a hotkey keeps its owner', async () => {
      await store.putPayees(new Map([['h', 'first']]));
      await store.putPayees(new Map([['h', 'second']]));
      expect(await store.readPayee('h')).toBe('first');
      expect(await store.readPayee('nobody')).toBeUndefined();
    });

    describe('API keys', () => {
      const none = { perAccount: 1000, inAll: 1000 };
      const keyOf = (digit: string, changes: Partial<StoredKey> = {}): StoredKey => ({
        keyId: digit.repeat(16),
        account: 'keys',
        name: `key ${digit}`,
        createdAtMs: DAY_MS,
        secretSha256: new Uint8Array(32).fill(Number.parseInt(digit, 16)),
        ...changes,
      });
      beforeAll(async () => {
        await store.createAccount({ account: 'keys', owner: 'alice', displayName: '' });
        await store.createAccount({ account: 'others', owner: 'bob', displayName: '' });
      });

      test('a key is kept with its hash, and listed newest first by pages', async () => {
        for (const digit of ['3', '1', '2']) expect(await store.createKey(keyOf(digit), none)).toBe('stored');
        expect(await store.createKey(keyOf('4', { account: 'others' }), none)).toBe('stored');
        const first = await store.listKeys('keys', { size: 2 });
        expect(first.map(({ name }) => name)).toEqual(['key 2', 'key 1']);
        const rest = await store.listKeys('keys', { size: 2, before: first[1]!.number });
        expect(rest).toEqual([
          { number: expect.any(BigInt), keyId: '3'.repeat(16), account: 'keys', name: 'key 3', createdAtMs: DAY_MS },
        ]);
        expect(await store.readKeys(['1'.repeat(16), '9'.repeat(16)])).toEqual([keyOf('1')]);
        expect(await store.readKeys([])).toEqual([]);
      });

      test('an account that does not exist has no keys, and none has more than it may', async () => {
        expect(await store.createKey(keyOf('5', { account: 'nobody' }), none)).toBe('account-unknown');
        expect(await store.createKey(keyOf('5'), { perAccount: 3, inAll: 1000 })).toBe('account-full');
        expect(await store.createKey(keyOf('5'), { perAccount: 1000, inAll: 4 })).toBe('full');
        expect(await store.readKeys(['5'.repeat(16)])).toEqual([]);
      });

      test('of many at once no more are made than there is room for', async () => {
        const made = await Promise.all(
          ['a', 'b', 'c', 'd', 'e'].map((digit) =>
            store.createKey(keyOf(digit, { account: 'others' }), { perAccount: 3, inAll: 1000 }),
          ),
        );
        expect(made.filter((result) => result === 'stored')).toHaveLength(2);
        expect(made.filter((result) => result === 'account-full')).toHaveLength(3);
      });

      test('a revoked key stays with its first end, makes room, and is not among the valid ones', async () => {
        expect(await store.revokeKey('9'.repeat(16), DAY_MS)).toBe(false);
        expect(await store.revokeKey('3'.repeat(16), DAY_MS + 1)).toBe(true);
        expect(await store.revokeKey('3'.repeat(16), DAY_MS + 2)).toBe(true);
        expect(await store.readKeys(['3'.repeat(16)])).toEqual([{ ...keyOf('3'), revokedAtMs: DAY_MS + 1 }]);
        expect(await store.createKey(keyOf('6'), { perAccount: 3, inAll: 1000 })).toBe('stored');
        const valid = await store.validKeys('', 1000);
        const ids = valid.map(({ keyId }) => keyId);
        expect(ids).toEqual(ids.toSorted((one, other) => (one < other ? -1 : 1)));
        expect(ids).toContain('6'.repeat(16));
        expect(ids).not.toContain('3'.repeat(16));
        expect((await store.validKeys(ids[0]!, 2)).map(({ keyId }) => keyId)).toEqual(ids.slice(1, 3));
      });
    });

    test('counts what is open and unsettled', async () => {
      await store.takeIn([used(usageOf('lease-late', 2n))]);
      expect((await store.counts()).unsettled).toBe(1);
      expect(await store.isReachable()).toBe(true);
    });
  });
}
