import { type Account, accountKey, MINT } from '../book/account.ts';
import type { Hold } from '../book/hold.ts';
import type { JournalHead } from '../book/journal.ts';
import type { Findings } from './finding.ts';
import type { JournalAudit } from './journal-audit.ts';
import { comparePools, type StoredPools } from './share-pools.ts';

/** What is stored beside the journal, as of one moment. */
export interface StoredState {
  readonly head: JournalHead;
  readonly accounts: readonly Account[];
  readonly holds: readonly Hold[];
  readonly pools: StoredPools;
}

/** Compares what is stored with what the journal comes to: both ways, since a deleted row is a lie as well. */
export function compareState(
  journal: Pick<JournalAudit, 'head' | 'asset' | 'balances' | 'floors'>,
  stored: StoredState,
  findings: Findings,
): void {
  if (journal.head.sequence !== stored.head.sequence || journal.head.hash !== stored.head.hash) {
    const text = `the journal ends at entry ${journal.head.sequence}, it was left at another entry ${stored.head.sequence}`;
    findings.add('sequence', journal.head.sequence, text);
  }
  const accounts = new Map(stored.accounts.map((account) => [accountKey(account.asset, account.id), account]));
  for (const key of new Set([...journal.balances.keys(), ...accounts.keys()])) {
    const [posted, summed] = [accounts.get(key)?.posted ?? 0n, journal.balances.get(key) ?? 0n];
    if (posted !== summed) findings.add('balances', 0, `${key} holds ${posted}, its postings sum to ${summed}`);
  }
  checkSums(stored.accounts, findings);
  checkHolds(accounts, stored.holds, findings);
  checkFloors(stored.accounts, journal.floors, findings);
  comparePools(journal.asset, journal.balances, stored.pools, findings);
}

function checkSums(accounts: readonly Account[], findings: Findings): void {
  const sums = new Map<string, bigint>();
  for (const { asset, posted } of accounts) sums.set(asset, (sums.get(asset) ?? 0n) + posted);
  for (const [asset, sum] of sums) {
    if (sum !== 0n) findings.add('conservation', 0, `balances of ${asset} sum to ${sum} instead of zero`);
  }
}

function checkHolds(accounts: ReadonlyMap<string, Account>, holds: readonly Hold[], findings: Findings): void {
  const reserved = new Map<string, bigint>();
  for (const { asset, account, remaining } of holds) {
    const key = accountKey(asset, account);
    reserved.set(key, (reserved.get(key) ?? 0n) + remaining);
  }
  for (const key of new Set([...reserved.keys(), ...accounts.keys()])) {
    const { held } = accounts.get(key) ?? { held: 0n };
    const open = reserved.get(key) ?? 0n;
    if (held !== open) findings.add('holds', 0, `${key} has ${held} held, its open holds reserve ${open}`);
  }
}

function checkFloors(accounts: readonly Account[], floors: JournalAudit['floors'], findings: Findings): void {
  for (const { asset, id, posted, held } of accounts) {
    if (id === MINT || posted - held >= floors.of(id)) continue;
    findings.add('floor', 0, `${accountKey(asset, id)} holds ${posted} and has ${held} held`);
  }
}
