import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JournalHead } from '../src/domain/book/journal.ts';
import { verifyJournal } from '../src/application/audit.ts';
import { chain, type JournalUnderTest, mint, type Written } from './journal.contract.ts';

/** The same money in three legs. */
function mintInParts(head: JournalHead, amount: bigint): Written {
  const total = amount * BigInt(head.sequence + 1);
  return mint(head, amount, {
    postings: [
      { account: 'mint', asset: 'TAO', delta: -amount, balanceAfter: -total },
      { account: 'alice', asset: 'TAO', delta: amount - 1n, balanceAfter: total - 1n },
      { account: 'alice', asset: 'TAO', delta: 1n, balanceAfter: total },
    ],
  });
}

/** A store that somebody can reach behind the journal's back. */
export interface OpenToTampering extends JournalUnderTest {
  /** Runs SQL. */
  readonly tamper: (statement: string) => Promise<void>;
}

/** What a verification must find on a store that is kept outside of the process. */
export function tamperingContract(name: string, setUp: () => Promise<OpenToTampering>): void {
  describe(`tampering on ${name}`, () => {
    let under: OpenToTampering;
    beforeEach(async () => {
      under = await setUp();
    });
    // Not later: a server has connections for a few of them only.
    afterEach(() => under.close());

    test.for([
      ['an amount', 'UPDATE entries SET amount = amount + 1 WHERE sequence = 2', 2],
      ['a balance after', 'UPDATE entries SET to_after = to_after + 1 WHERE sequence = 2', 2],
      ['a payee', "UPDATE entries SET to_account = 'bob' WHERE sequence = 3", 3],
      ['a leg of several', "UPDATE postings SET delta = delta + 1 WHERE sequence = 4 AND account = 'alice'", 4],
      ['a leg that was added', "INSERT INTO postings VALUES (4, 3, 'bob', 'TAO', 1, 1)", 4],
      ['a payload', "UPDATE entries SET payload = '{}' WHERE sequence = 3", 3],
      ['a kind', "UPDATE entries SET kind = 'Gift' WHERE sequence = 1", 1],
      ['a deleted entry', 'DELETE FROM entries WHERE sequence = 2', 2],
      ['a cut end', 'DELETE FROM postings WHERE sequence = 4; DELETE FROM entries WHERE sequence = 4', 4],
      ['a balance', "UPDATE settled_accounts SET posted = posted + 1 WHERE id = 'alice'", 0],
    ] as const)('%s that was tampered with is found', async ([, statement, sequence]) => {
      const store = await under.open();
      let { head } = await store.takeOver();
      for (let at = 0; at < 4; at += 1) {
        const written = at === 3 ? mintInParts(head, 5n) : mint(head, 5n);
        await store.append(written.batch);
        head = written.head;
      }
      await store.settle();
      await under.tamper(statement);
      const found = await verifyJournal(store, { chain });
      expect(found).toMatchObject({ verified: false, firstBrokenSequence: sequence });
      expect(found.findings.length).toBeGreaterThan(0);
    });

    test('a unit of another asset than the one that is audited is missed in the sums', async () => {
      const store = await under.open();
      const { head } = await store.takeOver();
      await store.append(mint(head, 5n).batch);
      await store.settle();
      await under.tamper("UPDATE settled_accounts SET posted = posted - 1 WHERE id = 'alice'");
      const { balances } = await store.readSums({ asset: 'OTHER', afterSequence: 0 });
      expect(balances).toMatchObject({ mint: 0n, burned: 0n, others: 0n, otherAssets: 1n });
    });

    test.for([
      ['a hold', "UPDATE holds SET remaining = remaining - 1 WHERE id = 'h'", { heldApart: 1, belowFloor: 0 }],
      ['a deleted hold', "DELETE FROM holds WHERE id = 'h'", { heldApart: 1, belowFloor: 0 }],
      ['what is held', "UPDATE settled_accounts SET held = 0 WHERE id = 'alice'", { heldApart: 1, belowFloor: 0 }],
      [
        'a balance that is not settled and falls below what is held',
        "UPDATE entries SET to_after = 2 WHERE sequence = (SELECT max(sequence) FROM entries WHERE to_account = 'alice')",
        { heldApart: 0, belowFloor: 1 },
      ],
    ] as const)('%s that was tampered with is missed in the sums', async ([, statement, missed]) => {
      const store = await under.open();
      const { head } = await store.takeOver();
      const hold = { id: 'h', account: 'alice', asset: 'TAO', amount: 3n, remaining: 3n, expiresAtBlock: 9 };
      const held = mint(head, 5n, { held: [{ account: 'alice', asset: 'TAO', held: 3n }] });
      const accounts = held.batch.accounts.map(({ key, row }) => ({
        key,
        row: row === undefined || row.id === 'mint' ? row : { ...row, held: 3n },
      }));
      await store.append({ ...held.batch, accounts, holds: [{ key: 'h', row: hold, wasThere: false }] });
      await store.settle();
      await store.append({ ...mint(held.head, 5n).batch, accounts: [] });
      const sums = async () => (await store.readSums({ asset: 'TAO', afterSequence: 0 })).balances;
      expect(await sums()).toMatchObject({ heldApart: 0, belowFloor: 0 });
      await under.tamper(statement);
      expect(await sums()).toMatchObject(missed);
    });
  });
}
