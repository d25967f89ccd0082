import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Entry, JournalHead, Posting } from '../src/domain/book/journal.ts';
import { type Batch, Fenced, type JournalStore } from '../src/application/ports.ts';
import { verifyJournal } from '../src/application/audit.ts';
import { testHashes } from '../src/test/ledger-state.ts';

export const { chain } = testHashes;

/** What a back end offers to be judged. Each call of `open` is another process on the same, empty-at-first database. */
export interface JournalUnderTest {
  readonly open: () => Promise<JournalStore>;
  readonly close: () => Promise<void>;
}

export interface Written {
  readonly head: JournalHead;
  readonly batch: Batch;
}

/** An entry that moves an amount from the mint to `alice`, after `head`. */
export function mint(head: JournalHead, amount: bigint, change: Partial<Entry> = {}): Written {
  const sequence = head.sequence + 1;
  const total = amount * BigInt(sequence);
  const postings: readonly Posting[] = change.postings ?? [
    { account: 'mint', asset: 'TAO', delta: -amount, balanceAfter: -total },
    { account: 'alice', asset: 'TAO', delta: amount, balanceAfter: total },
  ];
  const body = { block: sequence, kind: 'Block', payloadText: `{"text":"ünï \\"q\\" {},\\\\ ${sequence}"}`, postings };
  const entry: Entry = {
    ...body,
    sequence,
    hash: chain(head.hash, body),
    event: { kind: 'block' },
    previousEventSequence: head.sequence,
    keys: [{ key: `key-${sequence}`, contentSha256: 'c'.repeat(64) }],
    ...change,
  };
  const account = (id: string, posted: bigint) => ({ key: `TAO/${id}`, row: { id, asset: 'TAO', posted, held: 0n } });
  return {
    head: { sequence, hash: entry.hash },
    batch: {
      previous: head,
      entries: [entry],
      accounts: [account('mint', -total), account('alice', total)],
      holds: [],
      documents: [],
    },
  };
}

function leg(account: string, asset: string, delta: bigint): Posting {
  return { account, asset, delta, balanceAfter: 10n ** 38n + delta };
}

/** What every store of the journal must do. */
export function journalContract(name: string, setUp: () => Promise<JournalUnderTest>): void {
  describe(`journal on ${name}`, () => {
    let under: JournalUnderTest;
    beforeEach(async () => {
      under = await setUp();
    });
    // Not later: a server has connections for a few of them only.
    afterEach(() => under.close());

    test('an empty store begins before the first entry', async () => {
      const store = await under.open();
      const snapshot = await store.takeOver();
      expect(snapshot).toEqual({
        head: { sequence: 0, hash: '0'.repeat(64) },
        lastEvents: [],
        accounts: [],
        holds: [],
        documents: [],
      });
      expect(await store.readOutboxCursor()).toBe(0);
    });

    test('keys are read in order, a page after the other', async () => {
      const store = await under.open();
      await store.takeOver();
      let head: JournalHead = { sequence: 0, hash: '0'.repeat(64) };
      for (const keys of [['transfer:b', 'hold:z'], [], ['transfer:B', 'account:a']]) {
        const taken = keys.map((key) => ({ key, contentSha256: 'c'.repeat(64) }));
        const written = mint(head, 5n, { keys: taken });
        await store.append(written.batch);
        head = written.head;
      }
      expect(await store.readClaimKeys('', 3)).toEqual(['account:a', 'hold:z', 'transfer:B']);
      expect(await store.readClaimKeys('transfer:B', 3)).toEqual(['transfer:b']);
      expect(await store.readClaimKeys('transfer:b', 3)).toEqual([]);
    });

    test('what was appended is read back, byte for byte', async () => {
      const store = await under.open();
      const { head } = await store.takeOver();
      const first = mint(head, 10n ** 38n);
      await store.append(first.batch);
      const [entry] = await store.readEntries({ afterSequence: 0, limit: 10 });
      const { keys: _keys, event: _event, ...stored } = first.batch.entries[0]!;
      expect({ ...entry, recordedAtMs: undefined }).toEqual({ ...stored, eventAddress: 'block' });
      expect(await store.readHead()).toEqual(first.head);
    });

    test.for<readonly [string, readonly Posting[]]>([
      ['no legs', []],
      ['a leg in each of two assets', [leg('a', 'TAO', -5n), leg('b', 'USD', 5n)]],
      ['two legs that do not sum to zero', [leg('a', 'TAO', -5n), leg('b', 'TAO', 4n)]],
      ['a payee before its payer', [leg('a', 'TAO', 5n), leg('b', 'TAO', -5n)]],
      ['one account on both sides', [leg('a', 'TAO', 5n), leg('a', 'TAO', -5n)]],
      ['three legs', [leg('a', 'TAO', -5n), leg('b', 'TAO', 3n), leg('c', 'TAO', 2n)]],
      ['names that a driver could mistake', [leg('a,"b"\\', '{T}', -5n), leg('\\N\tNULL', '{T}', 5n)]],
    ])('an entry with %s is read back as it was', async ([, postings]) => {
      const store = await under.open();
      const { head } = await store.takeOver();
      const before = mint(head, 3n);
      await store.append(before.batch);
      const written = mint(before.head, 3n, { postings });
      await store.append({ ...written.batch, accounts: [] });
      const [, entry] = await store.readEntries({ afterSequence: 0, limit: 10 });
      expect(entry?.postings).toEqual(postings);
      for (const account of new Set(postings.map((posting) => posting.account))) {
        const found = await store.readEntries({ afterSequence: 0, limit: 10, account });
        expect(found.map(({ sequence }) => sequence)).toEqual([2]);
      }
    });

    test('batches that are handed over before the store has answered are stored in order', async () => {
      const store = await under.open();
      let { head } = await store.takeOver();
      const batches = Array.from({ length: 5 }, () => {
        const written = mint(head, 1n);
        head = written.head;
        return written.batch;
      });
      await Promise.all(batches.map((batch) => store.append(batch)));
      expect(await store.readHead()).toEqual(head);
    });

    test('a batch that fails takes those behind it along, and the store goes on where it was', async () => {
      const store = await under.open();
      const { head } = await store.takeOver();
      const first = mint(head, 1n);
      const taken = mint(first.head, 1n, { keys: [{ key: 'key-1', contentSha256: '' }] });
      const behind = mint(taken.head, 1n);
      const answers = await Promise.allSettled([first, taken, behind].map(({ batch }) => store.append(batch)));
      expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
      expect(await store.readHead()).toEqual(first.head);
      const next = mint(first.head, 1n);
      await store.append(next.batch);
      expect(await store.readHead()).toEqual(next.head);
    });

    test('accounts that are known to be there are changed, and so are those of which nobody knows', async () => {
      const store = await under.open();
      const { head } = await store.takeOver();
      const one = mint(head, 7n);
      await store.append({ ...one.batch, accounts: one.batch.accounts.map((each) => ({ ...each, wasThere: false })) });
      const two = mint(one.head, 7n);
      await store.append({ ...two.batch, accounts: two.batch.accounts.map((each) => ({ ...each, wasThere: true })) });
      const { accounts } = await (await under.open()).takeOver();
      expect(accounts.toSorted((a, b) => (a.id < b.id ? -1 : 1)).map(({ posted }) => posted)).toEqual([14n, -14n]);
    });

    test('a snapshot holds the state that batches left, changed and removed rows included', async () => {
      const store = await under.open();
      const { head } = await store.takeOver();
      const hold = { id: 'h', account: 'alice', asset: 'TAO', amount: 5n, remaining: 5n, expiresAtBlock: 9 };
      const one = mint(head, 100n);
      await store.append({
        ...one.batch,
        holds: [
          { key: 'h', row: hold },
          { key: 'g', row: { ...hold, id: 'g' } },
        ],
        documents: [
          { table: 't', key: 'k', row: { money: 12345678901234567890n, list: [1, null, 'x'] } },
          { table: 't', key: 'gone', row: {} },
          { table: 'u', key: 'gone', row: {} },
        ],
      });
      const two = mint(one.head, 100n);
      await store.append({
        ...two.batch,
        holds: [
          { key: 'h', row: { ...hold, remaining: 2n } },
          { key: 'g', row: undefined },
        ],
        documents: [
          { table: 't', key: 'gone', row: undefined },
          { table: 't', key: 'k', row: { money: -1n } },
        ],
      });
      const next = await under.open();
      const snapshot = await next.takeOver();
      expect(snapshot.head).toEqual(two.head);
      expect(snapshot.lastEvents).toEqual([['block', 2]]);
      expect(snapshot.holds).toEqual([{ ...hold, remaining: 2n }]);
      expect(snapshot.accounts.toSorted((a, b) => (a.id < b.id ? -1 : 1))).toEqual([
        { id: 'alice', asset: 'TAO', posted: 200n, held: 0n },
        { id: 'mint', asset: 'TAO', posted: -200n, held: 0n },
      ]);
      expect(snapshot.documents.toSorted((a, b) => (a.table < b.table ? -1 : 1))).toEqual([
        { table: 't', key: 'k', row: { money: -1n } },
        { table: 'u', key: 'gone', row: {} },
      ]);
    });

    test('only the last writer writes', async () => {
      const [old, next] = [await under.open(), await under.open()];
      const { head } = await old.takeOver();
      await next.takeOver();
      await expect(old.append(mint(head, 1n).batch)).rejects.toThrow(Fenced);
      await next.append(mint(head, 1n).batch);
      expect((await next.readHead()).sequence).toBe(1);
    });

    test('a batch that does not follow the journal is refused whole', async () => {
      const store = await under.open();
      const { head } = await store.takeOver();
      const one = mint(head, 1n);
      await store.append(one.batch);
      await expect(store.append(one.batch)).rejects.toThrow(Fenced);
      const forked = { ...mint(one.head, 1n).batch, previous: { sequence: 1, hash: 'f'.repeat(64) } };
      await expect(store.append(forked)).rejects.toThrow(Fenced);
      const taken = mint(one.head, 1n, { keys: [{ key: 'key-1', contentSha256: '' }] });
      await expect(store.append(taken.batch)).rejects.toThrow(Fenced);
      expect(await store.readHead()).toEqual(one.head);
      expect(await store.readEntries({ afterSequence: 0, limit: 10 })).toHaveLength(1);
      await store.append(mint(one.head, 1n).batch);
    });

    test('idempotency keys are found for ever', async () => {
      const store = await under.open();
      const { head } = await store.takeOver();
      await store.append(mint(head, 1n).batch);
      const next = await under.open();
      await next.takeOver();
      const found = await next.findClaims(['key-1', 'key-2']);
      expect([...found]).toEqual([['key-1', { sequence: 1, contentSha256: 'c'.repeat(64) }]]);
      expect((await next.findClaims([])).size).toBe(0);
    });

    test('entries are read in pages, by account, and by whether they tell the bus something', async () => {
      const store = await under.open();
      let { head } = await store.takeOver();
      for (let at = 0; at < 5; at += 1) {
        const silent = at % 2 === 1 ? { event: undefined } : {};
        const written = mint(head, 1n, silent);
        await store.append(written.batch);
        head = written.head;
      }
      const sequences = async (query: Parameters<JournalStore['readEntries']>[0]) =>
        (await store.readEntries(query)).map(({ sequence }) => sequence);
      expect(await sequences({ afterSequence: 2, limit: 2 })).toEqual([3, 4]);
      expect(await sequences({ afterSequence: 0, limit: 9, eventsOnly: true })).toEqual([1, 3, 5]);
      expect(await sequences({ afterSequence: 1, limit: 9, account: 'alice' })).toEqual([2, 3, 4, 5]);
      expect(await sequences({ afterSequence: 0, limit: 9, account: 'bob' })).toEqual([]);
      expect(await sequences({ afterSequence: 5, limit: 9 })).toEqual([]);
    });

    test('how far the bus was told is kept', async () => {
      const store = await under.open();
      await store.takeOver();
      await store.writeOutboxCursor(41);
      expect(await (await under.open()).readOutboxCursor()).toBe(41);
    });

    test('sums follow the journal', async () => {
      const store = await under.open();
      const { head } = await store.takeOver();
      const genesis = mint(head, 7n, { kind: 'Genesis' });
      await store.append(genesis.batch);
      const rewarded = mint(genesis.head, 7n);
      await store.append(rewarded.batch);
      const sums = await store.readSums({ asset: 'TAO', afterSequence: 0 });
      expect(sums).toEqual({
        journal: { lastSequence: 2, genesis: 7n, rewards: 7n, burned: 0n, deltas: 0n },
        balances: { mint: -14n, burned: 0n, others: 14n, otherAssets: 0n, heldApart: 0, belowFloor: 0 },
      });
      const rest = await store.readSums({ asset: 'TAO', afterSequence: 1 });
      expect(rest.journal).toMatchObject({ lastSequence: 2, genesis: 0n, rewards: 7n });
      // Seen from another asset, all of this one is an other, and it is whole.
      const other = await store.readSums({ asset: 'OTHER', afterSequence: 0 });
      expect(other.balances).toMatchObject({ others: 0n, otherAssets: 0n });
    });

    test('a journal that nobody touched verifies', async () => {
      const store = await under.open();
      let { head } = await store.takeOver();
      for (let at = 0; at < 3; at += 1) {
        const written = mint(head, 5n);
        await store.append(written.batch);
        head = written.head;
      }
      expect(await verifyJournal(store, { chain })).toEqual({ verified: true, firstBrokenSequence: 0, findings: [] });
    });
  });
}
