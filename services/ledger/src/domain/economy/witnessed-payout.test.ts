import { expect, test } from 'vitest';
import { sealedOf } from '#domain/book/account.ts';
import { done, enroll, expectConserved, mandateOf, newLedger, produce, put, TAO } from '#test/ledger-state.ts';
import type { Ledger } from './ledger.ts';
import { payEpoch, type ScoredEpoch, type Witnessed } from './payout.ts';
import type { SealedEpoch } from './sealed-epoch.ts';

function market(): { readonly ledger: Ledger; readonly sealed: SealedEpoch; readonly scored: ScoredEpoch } {
  const ledger = newLedger();
  for (const handle of ['sp500', 'other']) done(put(ledger, handle));
  done(enroll(ledger, 'miner'));
  done(enroll(ledger, 'validator', { coldkey: 'owner', payer: 'owner', mandate: mandateOf('owner') }));
  const sealed = produce(ledger, 10).find(({ netuid }) => netuid === 1);
  if (sealed === undefined) throw new Error('no epoch was sealed');
  const neurons = sealed.neurons.map(({ uid, registrationId }) => ({
    uid,
    registrationId,
    incentive: uid === 0 ? sealed.miner : 0n,
    dividend: uid === 1 ? sealed.validator : 0n,
    incentiveU16: 0,
    dividendsU16: 0,
    permit: uid === 1,
  }));
  const hashes = { inputsSha256: '1'.repeat(64), outputsSha256: '2'.repeat(64) };
  return {
    ledger,
    sealed,
    scored: { netuid: 1, index: sealed.index, dueSequence: sealed.sequence, ...hashes, neurons, shares: [] },
  };
}

const signedBy = (count: number): Witnessed['by'] =>
  Array.from({ length: count }, (_, at) => ({ key: String(at).repeat(64), signature: 'ff' }));
const pay = (ledger: Ledger, scored: ScoredEpoch, required: number, count: number) =>
  ledger.decide((state) => payEpoch(state, scored, { required, by: signedBy(count) }));
const paidEntry = (ledger: Ledger) => {
  const entry = ledger.journal.takeEntries().find(({ kind }) => kind === 'EpochPaid');
  return entry && (JSON.parse(entry.payloadText) as { readonly witnesses?: unknown });
};

test.for([
  { required: 0, signed: 0, ok: true },
  { required: 0, signed: 2, ok: true },
  { required: 1, signed: 0, ok: false },
  { required: 1, signed: 1, ok: true },
  { required: 2, signed: 1, ok: false },
  { required: 2, signed: 2, ok: true },
  { required: 2, signed: 3, ok: true },
  { required: 16, signed: 15, ok: false },
  { required: 16, signed: 16, ok: true },
])('with $signed of $required signatures: paid $ok', ({ required, signed, ok }) => {
  const { ledger, scored } = market();
  const paid = pay(ledger, scored, required, signed);
  const waits = {
    code: 'EPOCH_UNWITNESSED',
    message: expect.stringContaining(`by ${signed} of the ${required} witnesses`),
  };
  expect(paid).toMatchObject(ok ? { ok } : waits);
  expect(ledger.book.posted('TAO', sealedOf(1)) === 0n).toBe(ok);
  expectConserved(ledger);
});

test('the entry says who signed; where nobody did it is as it always was', () => {
  const { ledger, scored } = market();
  done(pay(ledger, scored, 2, 2));
  expect(paidEntry(ledger)?.witnesses).toEqual(signedBy(2));
  const without = market();
  done(pay(without.ledger, without.scored, 0, 0));
  expect(paidEntry(without.ledger)).not.toHaveProperty('witnesses');
});

test('what can never be paid is refused for that, whoever is still to sign', () => {
  const { ledger, scored } = market();
  const overpaid = { ...scored, neurons: scored.neurons.map((each) => ({ ...each, incentive: 99n * TAO })) };
  expect(pay(ledger, overpaid, 1, 0)).toMatchObject({ code: 'EPOCH_OVERPAYS' });
  expect(pay(ledger, { ...scored, dueSequence: 1 }, 1, 0)).toMatchObject({ code: 'EPOCH_MISMATCH' });
  expect(pay(ledger, { ...scored, index: 2 }, 1, 0)).toMatchObject({ code: 'EPOCH_UNKNOWN' });
});

test('a paid epoch stays paid, told again with more signatures or with none', () => {
  const { ledger, scored } = market();
  done(pay(ledger, scored, 1, 1));
  for (const count of [0, 1, 2]) expect(done(pay(ledger, scored, 1, count))).toMatchObject({ repeated: true });
});

test('while one subnet waits, nothing more of it is sealed and others go on; then it is sealed with all that accrued', () => {
  const { ledger, sealed, scored } = market();
  expect(pay(ledger, scored, 1, 0)).toMatchObject({ code: 'EPOCH_UNWITNESSED' });
  const later = produce(ledger, 35);
  expect(later.some(({ netuid }) => netuid === 1)).toBe(false);
  expect(ledger.subnet(1)).toMatchObject({ epochIndex: 1, lastPaidIndex: 0 });
  expect(done(pay(ledger, scored, 1, 1))).toMatchObject({ unattributed: 0n, owner: sealed.owner });
  const [next] = produce(ledger, 1).filter(({ netuid }) => netuid === 1);
  // Half a token a block for each of two subnets, since block 10.
  expect(next).toMatchObject({ index: 2, block: 46, pot: 18n * TAO });
  expectConserved(ledger);
});
