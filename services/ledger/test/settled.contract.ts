import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JournalHead, Posting } from '../src/domain/book/journal.ts';
import type { JournalStore } from '../src/application/ports.ts';
import { type JournalUnderTest, mint } from './journal.contract.ts';

/** Five units more for alice, who has so many held; but for the first time the store has rows for both accounts. */
async function writeNext(store: JournalStore, head: JournalHead, held: bigint): Promise<JournalHead> {
  const written = mint(head, 5n, { held: [{ account: 'alice', asset: 'TAO', held }] });
  const accounts = written.batch.accounts.map((change) => ({
    ...change,
    row: { ...change.row!, held: change.key === 'TAO/alice' ? held : 0n },
    wasThere: head.sequence > 0,
  }));
  await store.append({ ...written.batch, accounts });
  return written.head;
}

function alice(delta: bigint, balanceAfter: bigint): Posting {
  return { account: 'alice', asset: 'TAO', delta, balanceAfter };
}

/** What a store may do with balances behind the journal. */
export function settledContract(name: string, setUp: () => Promise<JournalUnderTest>): void {
  describe(`settled balances on ${name}`, () => {
    let under: JournalUnderTest;
    beforeEach(async () => {
      under = await setUp();
    });
    // Not later: a server has connections for a few of them only.
    afterEach(() => under.close());

    test.each([false, true])('balances are the same for all who read, settled between: %o', async (isSettled) => {
      const store = await under.open();
      let { head } = await store.takeOver();
      for (const held of [0n, 2n, 2n, 3n, 0n, 4n]) {
        head = await writeNext(store, head, held);
        const settled = isSettled && head.sequence % 2 === 0 ? await store.settle() : head.sequence;
        expect(settled).toBe(head.sequence);
        const posted = 5n * BigInt(head.sequence);
        const { accounts } = await store.takeOver();
        expect([...accounts].toSorted((a, b) => (a.id < b.id ? -1 : 1))).toEqual([
          { id: 'alice', asset: 'TAO', posted, held },
          { id: 'mint', asset: 'TAO', posted: -posted, held: 0n },
        ]);
        const { balances } = await store.readSums({ asset: 'TAO', afterSequence: 0 });
        expect(balances).toMatchObject({ mint: -posted, others: posted });
        expect(await store.findBalanceMismatches(10)).toEqual([]);
      }
    });

    test.each([
      ['a transfer to itself', [alice(5n, 10n), alice(-5n, 5n)]],
      ['three legs', [{ ...alice(-5n, -10n), account: 'mint' }, alice(9n, 14n), alice(-4n, 10n)]],
    ])('of several legs of an account in %s the last one counts', async (_, postings) => {
      const store = await under.open();
      const head = await writeNext(store, (await store.takeOver()).head, 3n);
      const { batch } = mint(head, 5n, { postings });
      const stands = new Map(postings.map(({ account, balanceAfter }) => [account, balanceAfter]));
      const changes = batch.accounts.map(({ key, row }) => {
        return {
          key,
          row: { ...row!, posted: stands.get(row!.id) ?? -5n, held: row!.id === 'alice' ? 3n : 0n },
          wasThere: true,
        };
      });
      await store.append({ ...batch, accounts: changes });
      const byId = changes.map(({ row }) => row).toSorted((a, b) => (a.id < b.id ? -1 : 1));
      for (const settle of [false, true]) {
        if (settle) await store.settle();
        const { accounts } = await store.takeOver();
        expect([...accounts].toSorted((a, b) => (a.id < b.id ? -1 : 1))).toEqual(byId);
      }
    });

    test('it is settled as often as anybody likes', async () => {
      const store = await under.open();
      const { head } = await store.takeOver();
      expect(await store.settle()).toBe(0);
      await writeNext(store, await writeNext(store, head, 1n), 2n);
      const other = await under.open();
      expect(await Promise.all([store, other, store].map((each) => each.settle()))).toEqual([2, 2, 2]);
    });
  });
}
