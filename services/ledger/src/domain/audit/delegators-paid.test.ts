import { expect, test } from 'vitest';
import { delegatedOf, delegatingOf } from '#domain/book/account.ts';
import { delegationsOf } from '#domain/economy/delegation.ts';
import type { Ledger } from '#domain/economy/ledger.ts';
import { changeStake } from '#domain/economy/wallet-stake.ts';
import { done, enroll, newLedger, payDividends, produce, put, TAO } from '#test/ledger-state.ts';
import { checksOf } from '#test/journal-checks.ts';
import { Findings } from './finding.ts';
import type { AuditedEntry } from './audited-entry.ts';
import { comparePools, type StoredPools } from './share-pools.ts';

const place = { netuid: 1, hotkey: 'v1' };
const pool = delegatedOf(1, 'v1');

/** A validator with two who delegate to it; it has been paid twice, one has come between, and something waits. */
function market(): { readonly ledger: Ledger; readonly entries: readonly AuditedEntry[] } {
  const ledger = newLedger();
  const change = (wallet: string, type: 'AddStake' | 'RemoveStake', amount: bigint) =>
    done(ledger.decide((state) => changeStake(state, wallet, { type, ...place, amount })));
  done(put(ledger, 'sp500'));
  done(enroll(ledger, 'v1', { initialStake: 60n * TAO }));
  change('owner', 'AddStake', 40n * TAO);
  produce(ledger, 10);
  payDividends(ledger, 0);
  change('billing:shop', 'AddStake', 7n * TAO);
  change('owner', 'AddStake', 5n * TAO);
  produce(ledger, 10);
  payDividends(ledger, 0);
  change('owner', 'RemoveStake', 3n * TAO);
  change('owner', 'AddStake', 4n * TAO);
  return { ledger, entries: ledger.journal.takeEntries() };
}

const { ledger, entries } = market();

const at = entries.findIndex(({ kind }) => kind === 'DelegatorsPaid');
const paid = entries[at]!;

/** The journal with the first payment to delegators changed. */
const changed = (change: Partial<AuditedEntry>): readonly AuditedEntry[] => entries.with(at, { ...paid, ...change });

test('what is passed on to delegators is what the audit expects', () => {
  expect(entries.filter(({ kind }) => kind === 'DelegatorsPaid')).toHaveLength(2);
  expect(checksOf(entries)).toEqual([]);
});

test.for<readonly [string, readonly AuditedEntry[]]>([
  ['more than their part in the payload', changed({ payloadText: paid.payloadText.replace(/"rao":"1/, '"rao":"2') })],
  ['a payment to nobody', changed({ payloadText: paid.payloadText.replace(/"pools":\[.*\]/, '"pools":[]') })],
  ['money into another pool', changed({ postings: paid.postings.map((leg) => (leg.account === pool ? { ...leg, account: 'thief' } : leg)) })], // prettier-ignore
  ['money of somebody else', changed({ postings: paid.postings.map((leg) => (leg.account === pool ? leg : { ...leg, account: 'owner' })) })], // prettier-ignore
  ['less than is told', changed({ postings: paid.postings.map((leg) => ({ ...leg, delta: leg.delta / 2n })) })],
  ['a payment that is left out', entries.toSpliced(at, 1)],
  ['one that is done twice', entries.toSpliced(at, 0, paid)],
  ['one of an epoch that was not paid', [...entries, paid]],
  ['a payload that is none', changed({ payloadText: '[]' })],
])('%s is found though the chain was made whole again', ([, journal]) => {
  expect(checksOf(journal)).toContain('delegators');
});

/** The tables as the audit's source gives them. */
function stored(): StoredPools {
  const named = (key: string) => {
    const [netuid = '', hotkey = '', rest = ''] = key.split('/');
    return { netuid: Number(netuid), hotkey, round: Number(rest) };
  };
  return {
    pools: [...ledger.sharePools.entries()].map(([key, row]) => ({ ...named(key), ...row })),
    positions: [...ledger.delegations.entries()].map(([key, row]) => ({ ...named(key), ...row })),
    rounds: [...ledger.shareRounds.entries()].map(([key, row]) => ({ ...named(key), ...row })),
  };
}

function poolFindings(change: Partial<StoredPools> = {}, moved: readonly (readonly [string, bigint])[] = []) {
  const accounts = [...ledger.book.accounts.values()].map(
    ({ asset, id, posted }) => [`${asset}/${id}`, posted] as const,
  );
  const findings = new Findings();
  const balances = new Map([...accounts, ...moved.map(([id, posted]) => [`TAO/${id}`, posted] as const)]);
  comparePools('TAO', balances, { ...stored(), ...change }, findings);
  return findings.all;
}

test('pools that nobody touched hold', () => {
  expect(delegationsOf(ledger, 'owner')).not.toEqual([]);
  expect(stored()).toMatchObject({ pools: [{ waiting: 4n * TAO }] });
  expect(stored().rounds.length).toBeGreaterThan(0);
  expect(poolFindings()).toEqual([]);
});

test.for<readonly [string, () => readonly unknown[]]>([
  ['shares of nobody', () => poolFindings({ pools: stored().pools.map((row) => ({ ...row, denominator: row.denominator + 1n })) })], // prettier-ignore
  ['shares from nowhere', () => poolFindings({ positions: stored().positions.map((row) => ({ ...row, shares: row.shares + 1n })) })], // prettier-ignore
  [
    'money that waits for nobody',
    () => poolFindings({ pools: stored().pools.map((row) => ({ ...row, waiting: 0n })) }),
  ],
  ['a position that is gone', () => poolFindings({ positions: stored().positions.slice(1) })],
  ['a round that gives more', () => poolFindings({ rounds: stored().rounds.map((row) => ({ ...row, waited: row.waited + 1n })) })], // prettier-ignore
  ['a round that is gone', () => poolFindings({ rounds: [] })],
  ['a pool that is gone', () => poolFindings({ pools: [] })],
  ['a pool whose account is empty', () => poolFindings({}, [[pool, 0n]])],
  ['an account of what waits that has less', () => poolFindings({}, [[delegatingOf(1, 'v1'), 1n]])],
])('%s is found', ([, findingsOf]) => {
  expect(findingsOf()).not.toEqual([]);
});
