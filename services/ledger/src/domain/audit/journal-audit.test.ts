import { expect, test } from 'vitest';
import { hashedText, GENESIS_PREVIOUS_HASH, type Posting } from '#domain/book/journal.ts';
import { submitTransfer } from '#domain/economy/money-orders.ts';
import { payEpoch } from '#domain/economy/payout.ts';
import { done, enroll, newLedger, produce, put, testHashes } from '#test/ledger-state.ts';
import { type Check, Findings } from './finding.ts';
import type { AuditedEntry } from './audited-entry.ts';
import { JournalAudit } from './journal-audit.ts';

/** A market that has paid an epoch and sells something, entry by entry. */
function marketEntries(): readonly AuditedEntry[] {
  const ledger = newLedger();
  done(put(ledger, 'sp500'));
  done(enroll(ledger, 'miner'));
  done(enroll(ledger, 'validator'));
  const [sealed] = produce(ledger, 10);
  if (sealed === undefined) throw new Error('no epoch was sealed');
  const neurons = sealed.neurons.map(({ uid, registrationId }) => ({
    uid,
    registrationId,
    incentive: uid === 0 ? sealed.miner - 3n : 0n,
    dividend: uid === 1 ? sealed.validator - 4n : 0n,
    incentiveU16: 0,
    dividendsU16: 0,
    permit: uid === 1,
  }));
  const sha = { inputsSha256: '1'.repeat(64), outputsSha256: '2'.repeat(64) };
  const scored = { netuid: 1, index: sealed.index, dueSequence: sealed.sequence, ...sha, neurons, shares: [] };
  done(ledger.decide((state) => payEpoch(state, scored)));
  const sale = { id: 'sale', from: 'billing:shop', to: 'network', amount: 5n, code: 'sale' };
  done(ledger.decide((state) => submitTransfer(state, sale)));
  return ledger.journal.takeEntries();
}

const entries = marketEntries();
const place = (kind: string): number => entries.findIndex((entry) => entry.kind === kind);

function auditOf(journal: readonly AuditedEntry[]): Findings {
  const audit = new JournalAudit(testHashes.chain);
  const findings = new Findings();
  for (const entry of journal) audit.take(entry, findings);
  return findings;
}

/** Numbers and hashes a journal anew, as somebody does who covers up what was changed. */
function rechained(journal: readonly AuditedEntry[]): readonly AuditedEntry[] {
  let previous = GENESIS_PREVIOUS_HASH;
  return journal.map((entry, index) => {
    const hash = testHashes.chain(previous, hashedText(entry));
    previous = hash;
    return { ...entry, sequence: index + 1, hash };
  });
}

/** A journal with one entry changed. */
function changed(kind: string, change: (entry: AuditedEntry) => Partial<AuditedEntry>): AuditedEntry[] {
  const at = place(kind);
  return entries.map((entry, index) => (index === at ? { ...entry, ...change(entry) } : entry));
}

const onPosting =
  (account: string, change: (posting: Posting) => Partial<Posting>) =>
  ({ postings }: AuditedEntry): Partial<AuditedEntry> => ({
    postings: postings.map((posting) => (posting.account === account ? { ...posting, ...change(posting) } : posting)),
  });

const inText =
  (text: string, other: string) =>
  ({ payloadText }: AuditedEntry): Partial<AuditedEntry> => {
    if (!payloadText.includes(text)) throw new Error(`there is no ${text} in the payload`);
    return { payloadText: payloadText.replace(text, other) };
  };

const less = ({ delta, balanceAfter }: Posting) => ({ delta: delta - 1n, balanceAfter: balanceAfter - 1n });
const more = ({ delta, balanceAfter }: Posting) => ({ delta: delta + 1n, balanceAfter: balanceAfter + 1n });

test('a market that nobody touched is clean, and its balances are the ledger’s', () => {
  expect(auditOf(entries).all).toEqual([]);
  expect(auditOf(rechained(entries)).all).toEqual([]);
});

test.for<readonly [string, readonly AuditedEntry[], Check, string]>([
  ['an amount', changed('Transfer', onPosting('network', more)), 'chain', 'Transfer'],
  ['a payload', changed('Transfer', inText('sale', 'gift')), 'chain', 'Transfer'],
  ['a deleted entry', entries.toSpliced(place('EpochDue'), 1), 'sequence', 'EpochPaid'],
  ['two entries in the other order', swapped(place('EpochDue')), 'sequence', 'EpochPaid'],
])('%s is found by whoever knows the entry before', ([, journal, check, kind]) => {
  const found = auditOf(journal).all.find((finding) => finding.check === check);
  expect(found?.sequence).toBe(entries[place(kind)]?.sequence);
});

function swapped(at: number): readonly AuditedEntry[] {
  const [one, two] = [entries[at]!, entries[at + 1]!];
  return entries.toSpliced(at, 2, two, one);
}

const payout = entries[place('EpochPaid')]!;
const sold = entries[place('Transfer')]!;

test.for<readonly [string, readonly AuditedEntry[], Check]>([
  ['postings that do not sum to zero', changed('Transfer', onPosting('network', more)), 'postings'],
  [
    'a balance that does not follow',
    changed(
      'Transfer',
      onPosting('network', ({ balanceAfter }) => ({ balanceAfter: balanceAfter + 1n })),
    ),
    'running_balance',
  ],
  [
    'a payment from an empty account',
    [...entries, { ...sold, postings: sold.postings.map((leg) => ({ ...leg, account: `new:${leg.account}` })) }],
    'floor',
  ],
  ['money above the cap', changed('Genesis', inText('21000000000000000', '11100000000000')), 'cap'],
  ['a block that mints more than the reward', changed('Block', onPosting('mint', less)), 'reward'],
  ['a reward that genesis did not say', changed('Genesis', inText('"1000000000"', '"999999999"')), 'reward'],
  ['an entry of another kind that mints', changed('Block', () => ({ kind: 'Transfer' })), 'reward'],
  [
    'a subnet’s token above the cap',
    [
      ...entries,
      {
        ...sold,
        postings: [
          { account: 'mint', asset: 'ALPHA1', delta: -21_000_000_000_000_001n, balanceAfter: -21_000_000_000_000_001n },
          { account: 'pool:1', asset: 'ALPHA1', delta: 21_000_000_000_000_001n, balanceAfter: 21_000_000_000_000_001n },
        ],
      },
    ],
    'cap',
  ],
  [
    'a payout to somebody else',
    changed(
      'EpochPaid',
      onPosting('desk', () => ({ account: 'thief' })),
    ),
    'payout',
  ],
  [
    'a payout that tells another sum',
    changed('EpochPaid', inText('"unattributed":"7"', '"unattributed":"8"')),
    'payout',
  ],
  ['a payout that is done twice', entries.toSpliced(place('EpochPaid'), 0, payout), 'payout'],
  ['a payout of an epoch that was never sealed', entries.toSpliced(place('EpochDue'), 1), 'payout'],
])('%s is found though the chain was made whole again', ([, journal, check]) => {
  const found = auditOf(rechained(journal)).all.map((finding) => finding.check);
  expect(found).toContain(check);
  expect(found).not.toContain('chain');
});

test('a debt within the floor that the journal gave is right, and one beyond it is found', () => {
  const head = entries.at(-1)!;
  const opened = {
    ...head,
    sequence: head.sequence + 1,
    kind: 'AccountOpened',
    payloadText: '{"account":"billing:new","floor":"-4"}',
    postings: [],
  };
  const owes = (amount: bigint): AuditedEntry => ({
    ...head,
    sequence: head.sequence + 2,
    kind: 'Transfer',
    postings: [
      { account: 'billing:new', asset: 'TAO', delta: -amount, balanceAfter: -amount },
      { account: 'billing:old', asset: 'TAO', delta: amount, balanceAfter: amount },
    ],
  });
  const checksOf = (amount: bigint): readonly Check[] =>
    auditOf(rechained([...entries, opened, owes(amount)])).all.map(({ check }) => check);
  expect(checksOf(4n)).toEqual([]);
  expect(checksOf(5n)).toEqual(['floor']);
});
