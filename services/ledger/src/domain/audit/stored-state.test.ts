import { expect, test } from 'vitest';
import type { Account } from '../book/account.ts';
import { Findings } from './finding.ts';
import { compareState, type StoredState } from './stored-state.ts';

const head = { sequence: 9, hash: 'a'.repeat(64) };
const journal = {
  head,
  asset: 'TAO',
  balances: new Map([
    ['TAO/mint', -10n],
    ['TAO/alice', 10n],
  ]),
  floors: { of: (id: string) => (id === 'alice' ? -2n : 0n) },
};
const NO_POOLS = { pools: [], positions: [], rounds: [] };
const account = (id: string, posted: bigint, held = 0n): Account => ({ id, asset: 'TAO', posted, held });
const hold = { id: 'h', account: 'alice', asset: 'TAO', amount: 4n, remaining: 3n, expiresAtBlock: 20 };
const [mint, alice] = [account('mint', -10n), account('alice', 10n, 3n)];
const right: StoredState = { head, accounts: [mint, alice], holds: [hold], pools: NO_POOLS };

function checksOf(stored: Partial<StoredState>): readonly string[] {
  const findings = new Findings();
  compareState(journal, { ...right, ...stored }, findings);
  return findings.all.map(({ check }) => check);
}

test('what follows from the journal is right', () => {
  expect(checksOf({})).toEqual([]);
  expect(checksOf({ accounts: [mint, account('alice', 10n, 12n)], holds: [{ ...hold, remaining: 12n }] })).toEqual([]);
});

test.for<readonly [string, Partial<StoredState>, readonly string[]]>([
  ['a balance', { accounts: [mint, account('alice', 11n, 3n)] }, ['balances', 'conservation']],
  [
    'two balances that cancel out',
    { accounts: [account('mint', -11n), account('alice', 11n, 3n)] },
    ['balances', 'balances'],
  ],
  ['an account that is gone', { accounts: [mint], holds: [] }, ['balances', 'conservation']],
  ['an account from nowhere', { accounts: [mint, alice, account('bob', 1n)] }, ['balances', 'conservation']],
  ['a hold that is gone', { holds: [] }, ['holds']],
  ['a hold of more', { holds: [{ ...hold, remaining: 4n }] }, ['holds']],
  ['a reservation without a hold', { accounts: [mint, account('alice', 10n, 4n)] }, ['holds']],
  [
    'more held than there is and than may be owed',
    { accounts: [mint, account('alice', 10n, 13n)], holds: [{ ...hold, remaining: 13n }] },
    ['floor'],
  ],
  ['a journal that goes on elsewhere', { head: { ...head, sequence: 10 } }, ['sequence']],
  ['another end', { head: { ...head, hash: 'b'.repeat(64) } }, ['sequence']],
])('%s is found', ([, stored, checks]) => {
  expect(checksOf(stored)).toEqual(checks);
});
