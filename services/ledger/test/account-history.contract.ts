import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { AccountHistory, PostingQuery } from '../src/application/account-history.ts';
import type { JournalStore } from '../src/application/ports.ts';
import { mint } from './journal.contract.ts';

/** What a back end offers to be judged, on an empty database. */
export interface HistoryUnderTest {
  readonly open: () => Promise<{ readonly store: JournalStore; readonly history: AccountHistory }>;
  readonly close: () => Promise<void>;
  /** It says when an entry was written. */
  readonly hasClock: boolean;
}

/** Mints 5 to alice in each of `count` entries, one a block. */
async function write(store: JournalStore, count: number): Promise<void> {
  let { head } = await store.takeOver();
  for (let at = 0; at < count; at += 1) {
    const written = mint(head, 5n);
    await store.append(written.batch);
    head = written.head;
  }
}

/** What every store must tell of single accounts. */
export function accountHistoryContract(name: string, setUp: () => Promise<HistoryUnderTest>): void {
  describe(`account history on ${name}`, () => {
    const opened: HistoryUnderTest[] = [];
    let under: HistoryUnderTest;
    beforeEach(async () => {
      under = await setUp();
      opened.push(under);
    });
    afterAll(async () => {
      for (const one of opened) await one.close();
    });

    test('a balance is known after every entry', async () => {
      const { store, history } = await under.open();
      await write(store, 4);
      const at = async (sequence: number) =>
        Object.fromEntries(
          await history.balancesAt({ asset: 'TAO', accounts: ['alice', 'mint', 'bob', 'alice'], sequence }),
        );
      expect(await at(0)).toEqual({});
      expect(await at(1)).toEqual({ alice: 5n, mint: -5n });
      expect(await at(3)).toEqual({ alice: 15n, mint: -15n });
      expect(await at(99)).toEqual({ alice: 20n, mint: -20n });
      expect((await history.balancesAt({ asset: 'OTHER', accounts: ['alice'], sequence: 9 })).size).toBe(0);
      expect((await history.balancesAt({ asset: 'TAO', accounts: [], sequence: 9 })).size).toBe(0);
    });

    test('what an account had held is known after every entry, of one account and of several', async () => {
      const { store, history } = await under.open();
      const { head } = await store.takeOver();
      const held = (account: string, amount: bigint) => ({ account, asset: 'TAO', held: amount });
      const one = mint(head, 5n, { held: [held('alice', 3n)] });
      const two = mint(one.head, 5n);
      const three = mint(two.head, 5n, { held: [held('alice', 1n), held('mint', 2n)], postings: [] });
      const four = mint(three.head, 5n, { held: [held('bob', 7n)], postings: [] });
      await store.append(one.batch);
      await store.append(two.batch);
      await store.append({ ...three.batch, accounts: [] });
      await store.append({ ...four.batch, accounts: [] });
      const at = async (sequence: number) => {
        const found = await history.heldAt({ asset: 'TAO', accounts: ['alice', 'mint', 'bob'], sequence });
        return Object.fromEntries(found ?? []);
      };
      expect(await at(0)).toEqual({});
      expect(await at(1)).toEqual({ alice: 3n });
      expect(await at(2)).toEqual({ alice: 3n });
      expect(await at(3)).toEqual({ alice: 1n, mint: 2n });
      expect(await at(4)).toEqual({ alice: 1n, mint: 2n, bob: 7n });
    });

    test('postings are read in pages, in both directions, between two entries', async () => {
      const { store, history } = await under.open();
      await write(store, 6);
      const base = { asset: 'TAO', account: 'alice', fromSequence: 1, toSequence: 6, after: undefined, limit: 10 };
      const read = async (query: Partial<PostingQuery> = {}) =>
        (await history.readPostings({ newestFirst: false, ...base, ...query })).map(({ sequence }) => sequence);
      expect(await read()).toEqual([1, 2, 3, 4, 5, 6]);
      expect(await read({ newestFirst: true, limit: 2 })).toEqual([6, 5]);
      expect(await read({ newestFirst: true, after: { sequence: 5, position: 1 }, limit: 2 })).toEqual([4, 3]);
      expect(await read({ after: { sequence: 2, position: 1 }, fromSequence: 2, toSequence: 4 })).toEqual([3, 4]);
      expect(await read({ after: { sequence: 2, position: 0 }, toSequence: 2 })).toEqual([2]);
      expect(await read({ account: 'bob' })).toEqual([]);
      const [first] = await history.readPostings({ newestFirst: false, ...base, limit: 1 });
      expect(first).toMatchObject({ sequence: 1, position: 1, block: 1, kind: 'Block', delta: 5n, balanceAfter: 5n });
    });

    test('when it was written is told with a posting and with its entry, where the store has a clock', async () => {
      const began = Date.now();
      const { store, history } = await under.open();
      await write(store, 2);
      const range = { asset: 'TAO', account: 'alice', fromSequence: 1, toSequence: 2, after: undefined, limit: 9 };
      const postings = await history.readPostings({ ...range, newestFirst: false });
      const entries = await store.readEntries({ afterSequence: 0, limit: 9 });
      const told = postings.map(({ recordedAtMs }) => recordedAtMs);
      expect(entries.map(({ recordedAtMs }) => recordedAtMs)).toEqual(told);
      const isNow = (ms: number | undefined): boolean => ms !== undefined && ms >= began - 1 && ms <= Date.now();
      expect(told.map(isNow)).toEqual([under.hasClock, under.hasClock]);
    });

    test('a block is found by its first entry', async () => {
      const { store, history } = await under.open();
      expect(await history.firstSequenceOf(1)).toBeUndefined();
      await write(store, 5);
      expect(await history.firstSequenceOf(0)).toBe(1);
      expect(await history.firstSequenceOf(3)).toBe(3);
      expect(await history.firstSequenceOf(5)).toBe(5);
      expect(await history.firstSequenceOf(6)).toBeUndefined();
    });

    test('accounts are listed by name, in pages', async () => {
      const { store, history } = await under.open();
      await write(store, 1);
      const names = (prefix: string, after: string | undefined, limit = 10) =>
        history.accountNames({ asset: 'TAO', prefix, after, limit });
      expect(await names('', undefined)).toEqual(['alice', 'mint']);
      expect(await names('', undefined, 1)).toEqual(['alice']);
      expect(await names('', 'alice')).toEqual(['mint']);
      expect(await names('al', undefined)).toEqual(['alice']);
      expect(await names('x', undefined)).toEqual([]);
    });
  });
}
