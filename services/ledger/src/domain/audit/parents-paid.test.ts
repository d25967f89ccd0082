import { expect, test } from 'vitest';
import { PROPORTION_WHOLE } from '#domain/children/links.ts';
import {
  done,
  enroll,
  mandateOf,
  newLedger,
  orderBy,
  payDividends,
  payNothing,
  produce,
  put,
  skipTo,
  TAO,
} from '#test/ledger-state.ts';
import { checksOf } from '#test/journal-checks.ts';
import type { AuditedEntry } from './audited-entry.ts';

/** A child of another owner rates with half of a parent's stake, part of which was delegated; then the parent's hotkey is swapped. */
function market(): readonly AuditedEntry[] {
  const ledger = newLedger();
  done(put(ledger, 'sp500'));
  done(enroll(ledger, 'p', { initialStake: 60n * TAO }));
  done(enroll(ledger, 'c', { coldkey: 'owner', payer: 'owner', mandate: mandateOf('owner'), initialStake: 10n * TAO }));
  done(orderBy(ledger, 'owner', { type: 'AddStake', netuid: 1, hotkey: 'p', amount: 20n * TAO }));
  done(orderBy(ledger, 'owner', { type: 'SetChildTake', netuid: 1, hotkey: 'c', u16: 6553 }));
  const children = [{ hotkey: 'c', proportion: PROPORTION_WHOLE / 2n }];
  done(orderBy(ledger, 'desk', { type: 'SetChildren', netuid: 1, hotkey: 'p', children }));
  skipTo(ledger, 7200);
  produce(ledger, 1);
  payNothing(ledger);
  produce(ledger, 10);
  payDividends(ledger, 1);
  done(orderBy(ledger, 'desk', { type: 'SwapHotkey', hotkey: 'p', newHotkey: 'q', netuid: 1 }));
  produce(ledger, 10);
  payDividends(ledger, 1);
  return ledger.journal.takeEntries();
}

const entries = market();

const at = entries.findIndex(({ kind }) => kind === 'ParentsPaid');
const paid = entries[at]!;
const changed = (change: Partial<AuditedEntry>): readonly AuditedEntry[] => entries.with(at, { ...paid, ...change });

test('what goes from children to parents, and on to those who delegated, is what the audit expects', () => {
  expect(entries.filter(({ kind }) => kind === 'ParentsPaid')).toHaveLength(2);
  expect(entries.filter(({ kind }) => kind === 'DelegatorsPaid')).toHaveLength(2);
  expect(checksOf(entries)).toEqual([]);
});

test.for<readonly [string, readonly AuditedEntry[]]>([
  ['more than their part in the payload', changed({ payloadText: paid.payloadText.replace(/"rao":"/, '"rao":"1') })],
  ['another take', changed({ payloadText: paid.payloadText.replace(/"take":"/, '"take":"1') })],
  ['a payment to nobody', changed({ payloadText: paid.payloadText.replace(/"children":\[.*\],"index"/, '"children":[],"index"') })], // prettier-ignore
  ['less than is told', changed({ postings: paid.postings.map((leg) => ({ ...leg, delta: leg.delta / 2n })) })],
  ['a payment that is left out', entries.toSpliced(at, 1)],
  ['one that is done twice', entries.toSpliced(at, 0, paid)],
  ['one of an epoch that was not paid', [...entries, paid]],
  ['a payload that is none', changed({ payloadText: '[]' })],
])('%s is found though the chain was made whole again', ([, journal]) => {
  expect(checksOf(journal)).toContain('parents');
});
