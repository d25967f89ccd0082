import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Findings } from '#domain/audit/finding.ts';
import { JournalAudit } from '#domain/audit/journal-audit.ts';
import { compareState } from '#domain/audit/stored-state.ts';
import type { Table } from '#domain/book/table.ts';
import type { Ledger } from '#domain/economy/ledger.ts';
import { produce, testHashes } from '#test/ledger-state.ts';
import { DISPUTE, slashingMarket, UNBONDING } from '#test/slashing-market.ts';
import { decided, reported, steps } from '#test/stake-steps.ts';

/** What the audit from outside finds: it follows the journal, and holds accounts and pools against it. */
function audited(ledger: Ledger): Findings {
  const findings = new Findings();
  const audit = new JournalAudit(testHashes.chain);
  for (const entry of ledger.journal.takeEntries()) audit.take(entry, findings);
  const stored = {
    head: ledger.journal.head,
    accounts: [...ledger.book.accounts.values()],
    holds: [...ledger.book.holds.values()],
    pools: {
      pools: placed(ledger.sharePools).map(({ rest: _rest, ...pool }) => pool),
      positions: placed(ledger.delegations).map(({ rest: _wallet, ...position }) => position),
      rounds: placed(ledger.shareRounds).map(({ rest, ...round }) => ({ ...round, round: Number(rest) })),
    },
  };
  compareState(audit, stored, findings);
  return findings;
}

/** Rows with what their keys name. */
function placed<Row extends object>(table: Table<Row>) {
  return Array.from(table.entries(), ([key, row]) => {
    const [netuid = '', hotkey = '', rest = ''] = key.split('/');
    return { netuid: Number(netuid), hotkey, rest, ...row };
  });
}

test('an audit from outside finds nothing, whatever left, moved and was slashed', () => {
  const history = fc.array(
    fc.oneof(
      { weight: 4, arbitrary: steps(true) },
      { weight: 1, arbitrary: reported },
      { weight: 1, arbitrary: decided },
    ),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(history, (all) => {
      const ledger = slashingMarket();
      for (const step of all) step(ledger);
      produce(ledger, UNBONDING + DISPUTE);
      expect(audited(ledger).all).toEqual([]);
    }),
    { numRuns: 60 },
  );
});
