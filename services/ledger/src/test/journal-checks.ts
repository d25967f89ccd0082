import { type Check, Findings } from '#domain/audit/finding.ts';
import type { AuditedEntry } from '#domain/audit/audited-entry.ts';
import { JournalAudit } from '#domain/audit/journal-audit.ts';
import { GENESIS_PREVIOUS_HASH, hashedText } from '#domain/book/journal.ts';
import { testHashes } from './ledger-state.ts';

/** What the audit finds in entries whose hashes are made anew, so that it judges what they say and not that they were changed. */
export function checksOf(journal: readonly AuditedEntry[]): readonly Check[] {
  let previous = GENESIS_PREVIOUS_HASH;
  const audit = new JournalAudit(testHashes.chain);
  const findings = new Findings();
  for (const [index, entry] of journal.entries()) {
    previous = testHashes.chain(previous, hashedText(entry));
    audit.take({ ...entry, sequence: index + 1, hash: previous }, findings);
  }
  return [...new Set(findings.all.map(({ check }) => check))];
}
