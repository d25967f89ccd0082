import { expect, test } from 'vitest';
import { potOf, sealedOf, unattributedOf } from '#domain/book/account.ts';
import { causeOf, done, enroll, expectConserved, mandateOf, newLedger, produce, put, TAO } from '#test/ledger-state.ts';
import type { Ledger } from './ledger.ts';
import { payEpoch, type ScoredEpoch } from './payout.ts';
import type { SealedEpoch } from './sealed-epoch.ts';
import { deregister } from './stake.ts';

function market(): { readonly ledger: Ledger; readonly sealed: SealedEpoch } {
  const ledger = newLedger();
  done(put(ledger, 'sp500'));
  done(enroll(ledger, 'miner'));
  done(enroll(ledger, 'validator', { coldkey: 'owner', payer: 'owner', mandate: mandateOf('owner') }));
  const [sealed] = produce(ledger, 10);
  if (sealed === undefined) throw new Error('no epoch was sealed');
  return { ledger, sealed };
}

function scoredOf(sealed: SealedEpoch, change: Partial<ScoredEpoch> = {}): ScoredEpoch {
  return {
    netuid: 1,
    index: sealed.index,
    dueSequence: sealed.sequence,
    inputsSha256: '1'.repeat(64),
    outputsSha256: '2'.repeat(64),
    shares: [],
    neurons: sealed.neurons.map(({ uid, registrationId }) => ({
      uid,
      registrationId,
      incentive: uid === 0 ? sealed.miner - 3n : 0n,
      dividend: uid === 1 ? sealed.validator - 4n : 0n,
      incentiveU16: uid === 0 ? 65_535 : 0,
      dividendsU16: uid === 1 ? 65_535 : 0,
      permit: uid === 1,
    })),
    ...change,
  };
}

const pay = (ledger: Ledger, scored: ScoredEpoch) => ledger.decide((state) => payEpoch(state, scored));

test('an epoch is sealed with 18 % for the owner and the rest in halves', () => {
  const { sealed } = market();
  expect(sealed).toMatchObject({ index: 1, block: 10, pot: 10n * TAO, owner: 1_799_954_222n });
  expect(sealed.owner + sealed.miner + sealed.validator).toBe(sealed.pot);
  expect(sealed.validator - sealed.miner).toBeLessThanOrEqual(1n);
});

test('payments and what is unattributed are the pot, to the rao, and the rest is in the next one', () => {
  const { ledger, sealed } = market();
  const before = ledger.book.posted('TAO', 'desk');
  expect(done(pay(ledger, scoredOf(sealed)))).toMatchObject({ repeated: false, unattributed: 7n });
  expect(ledger.book.posted('TAO', sealedOf(1))).toBe(0n);
  expect(ledger.book.posted('TAO', unattributedOf(1))).toBe(7n);
  expect(ledger.book.posted('TAO', 'desk') - before).toBe(sealed.miner - 3n);
  expect(ledger.neuronByHotkey(1, 'miner')).toMatchObject({ incentiveU16: 65_535, earnedTotal: sealed.miner - 3n });
  expect(ledger.subnet(1)).toMatchObject({ lastPaidIndex: 1, emissionLastEpoch: 10n * TAO });
  expectConserved(ledger);
  const [next] = produce(ledger, 10);
  expect(next?.pot).toBe(10n * TAO + 7n);
});

test('the same outputs again pay nothing, and others are refused', () => {
  const { ledger, sealed } = market();
  const scored = scoredOf(sealed);
  done(pay(ledger, scored));
  const head = ledger.journal.head;
  expect(done(pay(ledger, scored))).toMatchObject({ repeated: true, unattributed: 0n });
  expect(pay(ledger, { ...scored, outputsSha256: '3'.repeat(64) })).toMatchObject({
    ok: false,
    code: 'EPOCH_CONFLICT',
  });
  const dearer = scored.neurons.map((neuron) => ({ ...neuron, incentive: neuron.incentive + 1n }));
  expect(pay(ledger, { ...scored, neurons: dearer })).toMatchObject({ ok: false, code: 'EPOCH_CONFLICT' });
  expect(ledger.journal.head).toEqual(head);
});

test('epoch 2 waits for the payment of epoch 1, and no block is lost meanwhile', () => {
  const { ledger, sealed } = market();
  expect(produce(ledger, 25)).toEqual([]);
  expect(ledger.book.posted('TAO', potOf(1))).toBe(25n * TAO);
  done(pay(ledger, scoredOf(sealed)));
  const [next] = produce(ledger, 1);
  expect(next).toMatchObject({ index: 2, block: 36, pot: 26n * TAO + 7n });
});

test.for<readonly [string, (sealed: SealedEpoch) => ScoredEpoch, string]>([
  ['that is not sealed', (sealed) => scoredOf(sealed, { index: 2 }), 'EPOCH_UNKNOWN'],
  ['of a subnet that is not there', (sealed) => scoredOf(sealed, { netuid: 2 }), 'EPOCH_UNKNOWN'],
  ['scored from another entry', (sealed) => scoredOf(sealed, { dueSequence: 1 }), 'EPOCH_MISMATCH'],
  [
    'with a neuron that was not sealed',
    (sealed) => scoredOf(sealed, { neurons: scoredOf(sealed).neurons.map((n) => ({ ...n, registrationId: 'x' })) }),
    'EPOCH_MISMATCH',
  ],
  [
    'with a uid twice',
    (sealed) => scoredOf(sealed, { neurons: scoredOf(sealed).neurons.map((n) => ({ ...n, uid: 0 })) }),
    'EPOCH_MISMATCH',
  ],
  [
    'that pays a negative amount',
    (sealed) => scoredOf(sealed, { neurons: scoredOf(sealed).neurons.map((n) => ({ ...n, dividend: -1n })) }),
    'EPOCH_MISMATCH',
  ],
  [
    'that pays more than there is',
    (sealed) =>
      scoredOf(sealed, { neurons: scoredOf(sealed).neurons.map((n) => ({ ...n, incentive: sealed.miner + 1n })) }),
    'EPOCH_OVERPAYS',
  ],
])('an epoch %s is refused', ([, change, code]) => {
  const { ledger, sealed } = market();
  expect(pay(ledger, change(sealed))).toMatchObject({ ok: false, code });
  expectConserved(ledger);
  done(pay(ledger, scoredOf(sealed)));
});

test('while nobody has incentives validators get both halves', () => {
  const { ledger, sealed } = market();
  const neurons = scoredOf(sealed).neurons.map((neuron) => ({
    ...neuron,
    incentive: 0n,
    dividend: neuron.uid === 1 ? sealed.miner + sealed.validator : 0n,
  }));
  expect(done(pay(ledger, scoredOf(sealed, { neurons })))).toMatchObject({ incentives: 0n, unattributed: 0n });
});

test('a neuron that left after the seal is paid, and its successor inherits nothing', () => {
  const { ledger, sealed } = market();
  const leave = { netuid: 1, hotkey: 'miner', mandate: mandateOf('desk'), cause: causeOf('miner') };
  done(ledger.decide((state) => deregister(state, leave)));
  done(enroll(ledger, 'newcomer'));
  const before = ledger.book.posted('TAO', 'desk');
  done(pay(ledger, scoredOf(sealed)));
  expect(ledger.book.posted('TAO', 'desk') - before).toBe(sealed.miner - 3n);
  expect(ledger.neuronByHotkey(1, 'newcomer')).toMatchObject({ uid: 0, incentiveU16: 0, earnedTotal: 0n });
});

test('a block is shared equally by started subnets, and mints nothing without one', () => {
  const ledger = newLedger();
  produce(ledger, 3);
  expect(ledger.network.rewards).toBe(0n);
  for (const handle of ['a', 'b', 'c']) done(put(ledger, handle));
  done(put(ledger, 'd', { emission: 'Held' }));
  produce(ledger, 1);
  expect([1, 2, 3, 4].map((netuid) => ledger.book.posted('TAO', potOf(netuid)))).toEqual([
    333_333_334n,
    333_333_333n,
    333_333_333n,
    0n,
  ]);
});

test('a reward of one rao is somebody’s or unattributed, and in the next pot then', () => {
  const ledger = newLedger({ ...ledgerGenesis(), blockReward: 1n });
  done(put(ledger, 'sp500'));
  done(enroll(ledger, 'miner'));
  const [sealed] = produce(ledger, 10);
  expect(sealed).toMatchObject({ pot: 10n, owner: 1n });
  if (sealed === undefined) throw new Error('no epoch was sealed');
  expect(sealed.owner + sealed.miner + sealed.validator).toBe(10n);
  const neurons = scoredOf(sealed).neurons.map((neuron) => ({ ...neuron, incentive: 1n, dividend: 0n }));
  expect(done(pay(ledger, scoredOf(sealed, { neurons })))).toMatchObject({ unattributed: 8n });
  expectConserved(ledger);
  expect(produce(ledger, 10)[0]).toMatchObject({ pot: 18n });
});

test('the cap is reached and not passed', () => {
  const ledger = newLedger({ ...ledgerGenesis(), cap: 11_102n * TAO, halving: 'None' });
  done(put(ledger, 'sp500'));
  produce(ledger, 5);
  expect(ledger.issued).toBe(11_102n * TAO);
  expect(ledger.network.rewards).toBe(2n * TAO);
  expectConserved(ledger);
});

function ledgerGenesis() {
  return newLedger().network.genesis;
}
