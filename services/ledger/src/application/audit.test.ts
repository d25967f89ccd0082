import { expect, test } from 'vitest';
import { memoryDatabase, memoryJournal } from '#adapters/memory-journal.ts';
import { testGenesis } from '#test/ledger-state.ts';
import { openSequencer } from '#test/open-sequencer.ts';
import { Auditor, judge } from './audit.ts';

const journal = { lastSequence: 9, genesis: 100n, rewards: 20n, burned: 3n, deltas: 0n };
const balances = { mint: -120n, burned: 3n, others: 117n, otherAssets: 0n, heldApart: 0, belowFloor: 0 };
const CAP = 120n;

test('money that adds up breaks no invariant', () => {
  expect(judge(journal, balances, CAP)).toEqual({
    entries: 9,
    genesis: 100n,
    issued: 120n,
    burned: 3n,
    difference: 0n,
    broken: [],
  });
});

test.for([
  ['a rao that came from nowhere', journal, { ...balances, others: 118n }, 1n, ['conservation']],
  ['a rao that vanished', journal, { ...balances, others: 116n }, -1n, ['conservation']],
  ['a subnet’s token that came from nowhere', journal, { ...balances, otherAssets: 1n }, 0n, ['conservation']],
  ['postings that do not balance', { ...journal, deltas: 1n }, balances, 0n, ['postings_balance']],
  ['a mint that issued in secret', journal, { ...balances, mint: -121n }, 0n, ['mint_equals_issued']],
  ['an account below its floor', journal, { ...balances, belowFloor: 1 }, 0n, ['floors_hold']],
  ['something held by no hold', journal, { ...balances, heldApart: 1 }, 0n, ['holds_match']],
  ['more than the cap', { ...journal, rewards: 21n }, { ...balances, mint: -121n, others: 118n }, 0n, ['cap_holds']],
  [
    'burned money that was spent',
    journal,
    { ...balances, burned: 2n, others: 118n },
    1n,
    ['conservation', 'burned_is_kept'],
  ],
] as const)('%s is found', ([, sums, stored, difference, broken]) => {
  expect(judge(sums, stored, CAP)).toMatchObject({ difference, broken });
});

test('audits at the same time count each entry once', async () => {
  const store = memoryJournal(memoryDatabase());
  await openSequencer(store);
  const auditor = new Auditor(store, testGenesis);
  const results = await Promise.all([auditor.audit(), auditor.audit(), auditor.audit()]);
  expect(results.map(({ broken }) => broken)).toEqual([[], [], []]);
  expect(auditor.isConserved).toBe(true);
});

test('an open incident stops payouts until it is cleared, and before the first audit nothing is paid', async () => {
  let open = 1;
  const auditor = new Auditor(memoryJournal(memoryDatabase()), testGenesis, { countOpen: async () => open });
  expect(auditor.isConserved).toBe(false);
  expect((await auditor.audit()).broken).toEqual(['outside_audit']);
  expect(auditor.isConserved).toBe(false);
  open = 0;
  expect((await auditor.audit()).broken).toEqual([]);
  expect(auditor.isConserved).toBe(true);
});
