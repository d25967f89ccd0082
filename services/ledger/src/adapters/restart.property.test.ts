import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Ledger } from '#domain/economy/ledger.ts';
import { produce, stateText, testHashes } from '#test/ledger-state.ts';
import { DISPUTE, slashingMarket, UNBONDING } from '#test/slashing-market.ts';
import { decided, reported, steps } from '#test/stake-steps.ts';
import { documentOfText, documentText } from './document-text.ts';

/** The ledger as a process finds it that starts from the store. */
function restarted(ledger: Ledger): Ledger {
  const next = new Ledger(testHashes);
  next.journal.restore(ledger.journal.head, []);
  for (const account of ledger.book.accounts.values()) next.book.accounts.restore(account);
  const tables = new Map(next.documents.map((table) => [table.name, table]));
  for (const table of ledger.documents) {
    for (const { key, row } of table.takeChanges()) {
      if (row !== undefined) tables.get(table.name)?.restore(key, documentOfText(documentText(row)));
    }
  }
  return next;
}

test('a ledger that starts again while stake leaves and slashes are open goes on as if it had not', () => {
  const history = fc.array(
    fc.oneof(
      { weight: 4, arbitrary: steps(true) },
      { weight: 1, arbitrary: reported },
      { weight: 1, arbitrary: decided },
    ),
    { maxLength: 25 },
  );
  fc.assert(
    fc.property(history, (all) => {
      const ledger = slashingMarket();
      for (const step of all) step(ledger);
      const again = restarted(ledger);
      expect(stateText(again)).toBe(stateText(ledger));
      produce(ledger, UNBONDING + DISPUTE);
      produce(again, UNBONDING + DISPUTE);
      expect(again.journal.head).toEqual(ledger.journal.head);
      expect(stateText(again)).toBe(stateText(ledger));
    }),
    { numRuns: 60 },
  );
});
