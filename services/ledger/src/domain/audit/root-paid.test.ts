import { expect, test } from 'vitest';
import { PROPORTION_WHOLE } from '#domain/children/links.ts';
import type { Ledger } from '#domain/economy/ledger.ts';
import { done, enroll, orderBy, produce, skipTo, TAO } from '#test/ledger-state.ts';
import { checksOf } from '#test/journal-checks.ts';
import { payParts, rootMarket } from '#test/root-market.ts';
import type { AuditedEntry } from './audited-entry.ts';

const PARTS = { parts: new Map([[0, 600_000], [1, 399_999]]), miner: 1 }; // prettier-ignore
const ROOT = { netuid: 0, hotkey: 'v1' };

/** Stake on root of two wallets and of a member of the root network, children, delegators, and a swapped hotkey. */
function market(): readonly AuditedEntry[] {
  const ledger: Ledger = rootMarket({ emissionPolicy: { name: 'RootWeights', version: 1, tempo: 10 } });
  done(enroll(ledger, 'v2', { netuid: 0, initialStake: 20n * TAO, coldkey: 'owner', payer: 'owner', mandate: null, cause: null })); // prettier-ignore
  for (const wallet of ['ann', 'bob']) done(orderBy(ledger, wallet, { type: 'AddStake', ...ROOT, amount: 77n * TAO }));
  done(orderBy(ledger, 'ann', { type: 'AddStake', netuid: 1, hotkey: 'v1', amount: 31n * TAO }));
  const children = [{ hotkey: 'v2', proportion: PROPORTION_WHOLE / 3n }];
  done(orderBy(ledger, 'desk', { type: 'SetChildren', netuid: 1, hotkey: 'v1', children }));
  produce(ledger, 10);
  payParts(ledger, 1, PARTS);
  payParts(ledger, 2, { parts: new Map([[0, 1_000_000]]) });
  payParts(ledger, 0, { parts: new Map() });
  skipTo(ledger, 7200);
  produce(ledger, 1);
  payParts(ledger, 1, PARTS);
  done(orderBy(ledger, 'desk', { type: 'SwapHotkey', hotkey: 'v1', newHotkey: 'w1', netuid: undefined }));
  produce(ledger, 10);
  payParts(ledger, 1, PARTS);
  produce(ledger, 10);
  payParts(ledger, 1, { parts: PARTS.parts });
  return ledger.journal.takeEntries();
}

const entries = market();
const at = entries.findIndex(({ kind }) => kind === 'RootPaid');
const paid = entries[at]!;
const changed = (change: Partial<AuditedEntry>): readonly AuditedEntry[] => entries.with(at, { ...paid, ...change });
const sealedAt = entries.findIndex(
  ({ kind, payloadText }) => kind === 'EpochDue' && payloadText.includes('"weightPpm"'),
);
const sealed = entries[sealedAt]!;

test('what goes to root, with parents before it and delegators behind, is what the audit expects', () => {
  const kinds = entries.map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === 'RootPaid')).toHaveLength(5);
  expect(kinds.filter((kind) => kind === 'ParentsPaid').length).toBeGreaterThan(1);
  expect(kinds.filter((kind) => kind === 'DelegatorsPaid').length).toBeGreaterThan(3);
  expect(checksOf(entries)).toEqual([]);
});

test.for<readonly [string, readonly AuditedEntry[]]>([
  ['more for root than its part', changed({ payloadText: paid.payloadText.replace(/"root":"/, '"root":"1') })],
  ['more for the subnet', changed({ payloadText: paid.payloadText.replace(/"subnet":"/, '"subnet":"1') })],
  ['another take', changed({ payloadText: paid.payloadText.replace(/"passedOn":"/, '"passedOn":"1') })],
  ['another rest', changed({ payloadText: paid.payloadText.replace(/"unattributed":"/, '"unattributed":"1') })],
  ['parts of nobody', changed({ payloadText: paid.payloadText.replace(/"neurons":\[.*\],"unattributed"/, '"neurons":[],"unattributed"') })], // prettier-ignore
  ['less than is told', changed({ postings: paid.postings.map((leg) => ({ ...leg, delta: leg.delta / 2n })) })],
  ['a payment that is left out', entries.toSpliced(at, 1)],
  ['one that is done twice', entries.toSpliced(at, 0, paid)],
  ['one of an epoch that was not paid', [...entries, paid]],
  ['a payload that is none', changed({ payloadText: '[]' })],
  [
    'a pot that is not by stake',
    entries.with(sealedAt, {
      ...sealed,
      payloadText: sealed.payloadText.replace(/"root":\{"pot":"/, '"root":{"pot":"1'),
    }),
  ],
])('%s is found though the chain was made whole again', ([, journal]) => {
  expect(checksOf(journal)).toContain('root');
});
