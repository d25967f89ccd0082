import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BURNED, potOf, stakeOf } from '#domain/book/account.ts';
import {
  done,
  enroll,
  expectConserved,
  mandateOf,
  newLedger,
  produce,
  put,
  stateText,
  TAO,
  testGenesis,
} from '#test/ledger-state.ts';
import { emissionSplit, sharesPpm, splitEmission } from './emission-split.ts';
import type { SubnetShare } from './emission-state.ts';
import type { Genesis } from './genesis.ts';
import type { Ledger } from './ledger.ts';
import { payEpoch, type ScoredEpoch } from './payout.ts';
import { ROOT_NETUID } from './root-netuid.ts';
import { ROOT_SEATS } from './root-network.ts';
import type { SealedEpoch } from './sealed-epoch.ts';
import { carryOut } from './wallet-order.ts';
import { FORECAST } from '#test/forecast-mechanism.ts';

const ROOT_GENESIS: Genesis = { ...testGenesis, emissionPolicy: { name: 'RootWeights', version: 1, tempo: 10 } };
const SHARES = [
  { netuid: 1, sharePpm: 700_000 },
  { netuid: 2, sharePpm: 300_000 },
];

/** A root network of three members and two markets, its first epoch sealed. */
function rootMarket(): { readonly ledger: Ledger; readonly sealed: SealedEpoch } {
  const ledger = newLedger(ROOT_GENESIS);
  for (const handle of ['sp500', 'weather']) {
    done(put(ledger, handle, { policy: { ...POLICY, hyperparameters: { ...POLICY.hyperparameters, tempo: 1000 } } }));
  }
  for (const member of ['r1', 'r2', 'r3']) done(enroll(ledger, member, { netuid: 0, initialStake: 10n * TAO }));
  const [sealed] = produce(ledger, 10);
  if (sealed === undefined) throw new Error('the root network sealed no epoch');
  return { ledger, sealed };
}

const POLICY = {
  hyperparameters: { tempo: 10, immunityPeriodBlocks: 5000, maxUids: 4, maxValidators: 4 },
  mechanisms: [FORECAST],
};

function scoredOf(sealed: SealedEpoch, shares: readonly SubnetShare[]): ScoredEpoch {
  return {
    netuid: ROOT_NETUID,
    index: sealed.index,
    dueSequence: sealed.sequence,
    inputsSha256: '1'.repeat(64),
    outputsSha256: '2'.repeat(64),
    shares,
    neurons: sealed.neurons.map(({ uid, registrationId }) => ({
      uid,
      registrationId,
      incentive: 0n,
      dividend: 0n,
      incentiveU16: 0,
      dividendsU16: 21_845,
      permit: true,
    })),
  };
}

const take = (ledger: Ledger, scored: ScoredEpoch) => ledger.decide((state) => payEpoch(state, scored));
const pots = (ledger: Ledger) => [1, 2].map((netuid) => ledger.book.posted('TAO', potOf(netuid)));

describe('the root network', () => {
  test('is there from block 0 on, told to everybody, with seats and no owner', () => {
    const ledger = newLedger(ROOT_GENESIS);
    const entries = ledger.journal.takeEntries();
    expect(entries.map(({ kind, event }) => [kind, event])).toEqual([
      ['Genesis', undefined],
      ['SubnetChanged', { kind: 'subnet', netuid: 0 }],
    ]);
    expect(ledger.subnet(ROOT_NETUID)).toMatchObject({ handle: 'root', owner: '', emission: 'Held', startBlock: 0 });
    const { hyperparameters } = ledger.subnet(ROOT_NETUID)?.active.policy ?? {};
    expect(hyperparameters).toMatchObject({ tempo: 10, maxUids: ROOT_SEATS, commitReveal: 'Off', kappaU16: 32_767 });
    const slow = newLedger({ ...testGenesis, emissionPolicy: { name: 'RootWeights', version: 1, tempo: 20_000 } });
    expect(slow.subnet(ROOT_NETUID)?.active.policy.hyperparameters.activityCutoffBlocks).toBe(60_000);
    expect(put(ledger, 'root')).toMatchObject({ ok: false, code: 'HANDLE_TAKEN' });
    expect(done(put(ledger, 'sp500')).subnet.netuid).toBe(1);
  });

  test('is not there under Equal, where nothing is written of it', () => {
    const ledger = newLedger();
    expect(ledger.journal.takeEntries().map(({ kind }) => kind)).toEqual(['Genesis']);
    expect(enroll(ledger, 'r1', { netuid: 0 })).toMatchObject({ ok: false, code: 'SUBNET_UNKNOWN' });
    expect(done(put(ledger, 'root')).subnet.netuid).toBe(1);
    expect(emissionSplit(ledger)).toMatchObject({ basis: 'Equal', epoch: 0 });
  });

  test('gives the seat of the lowest stake to a newcomer with strictly more, and pays that stake back', () => {
    const ledger = newLedger(ROOT_GENESIS);
    for (let seat = 0; seat < ROOT_SEATS; seat += 1) {
      done(enroll(ledger, `r${seat}`, { netuid: 0, initialStake: seat === 7 ? TAO : 2n * TAO }));
    }
    expect(enroll(ledger, 'poor', { netuid: 0, initialStake: TAO })).toMatchObject({ ok: false, code: 'SUBNET_FULL' });
    const before = stateText(ledger);
    expect(enroll(ledger, 'bare', { netuid: 0 })).toMatchObject({ ok: false, code: 'SUBNET_FULL' });
    expect(stateText(ledger)).toBe(before);
    const richer = done(enroll(ledger, 'richer', { netuid: 0, initialStake: TAO + 1n }));
    expect(richer.neuron.uid).toBe(7);
    expect(ledger.neuronByHotkey(ROOT_NETUID, 'r7')).toBeUndefined();
    expect(ledger.book.posted('TAO', stakeOf(0, 'r7', 'desk'))).toBe(0n);
    expect(ledger.book.posted('TAO', BURNED)).toBe(BigInt(ROOT_SEATS + 1) * TAO);
    expectConserved(ledger);
  });

  test('takes a wallet’s own order with its stake', () => {
    const ledger = newLedger(ROOT_GENESIS);
    const order = {
      type: 'Register' as const,
      netuid: 0,
      hotkey: 'h',
      maxCost: TAO,
      attempt: 1,
      initialStake: 5n * TAO,
    };
    const signed = { signer: 'desk', sequence: 1, expiresAtBlock: 100, order };
    expect(done(ledger.decide((state) => carryOut(state, signed))).neuron).toMatchObject({ netuid: 0, uid: 0 });
    expect(ledger.book.posted('TAO', stakeOf(0, 'h', 'desk'))).toBe(5n * TAO);
    expectConserved(ledger);
  });

  test('seals its members, their stake and the started markets, without a pot', () => {
    const { sealed } = rootMarket();
    expect(sealed).toMatchObject({ netuid: 0, index: 1, block: 10, pot: 0n });
    expect(sealed.neurons.map(({ uid, stake }) => [uid, stake])).toEqual([0, 1, 2].map((uid) => [uid, 10n * TAO]));
    expect(sealed.subnets).toEqual([
      { netuid: 1, startBlock: 0 },
      { netuid: 2, startBlock: 0 },
    ]);
  });
});

describe('shares', () => {
  test('split blocks from the next one on, to the rao; until then the split is equal', () => {
    const { ledger, sealed } = rootMarket();
    expect(pots(ledger)).toEqual([5n * TAO, 5n * TAO]);
    expect(emissionSplit(ledger).basis).toBe('EqualUntilRootWeights');
    done(take(ledger, scoredOf(sealed, SHARES)));
    expect(pots(ledger)).toEqual([5n * TAO, 5n * TAO]);
    expect(emissionSplit(ledger)).toMatchObject({ basis: 'RootWeights', epoch: 1 });
    produce(ledger, 10);
    expect(pots(ledger)).toEqual([12n * TAO, 8n * TAO]);
    expectConserved(ledger);
  });

  test('are taken once: a repeat changes nothing, others are refused', () => {
    const { ledger, sealed } = rootMarket();
    const scored = scoredOf(sealed, SHARES);
    done(take(ledger, scored));
    const head = ledger.journal.head;
    expect(done(take(ledger, scored))).toMatchObject({ repeated: true });
    const swapped = scoredOf(sealed, [
      { netuid: 1, sharePpm: 300_000 },
      { netuid: 2, sharePpm: 700_000 },
    ]);
    expect(take(ledger, swapped)).toMatchObject({ ok: false, code: 'EPOCH_CONFLICT' });
    expect(ledger.journal.head).toEqual(head);
    expect(sharesPpm(emissionSplit(ledger))).toEqual(SHARES);
  });

  test.for<[string, readonly SubnetShare[]]>([
    ['shares are of subnets 1', [{ netuid: 1, sharePpm: 1_000_000 }]],
    ['shares are of subnets 1, 3', [SHARES[0]!, { netuid: 3, sharePpm: 300_000 }]],
    ['shares come to 999999', [SHARES[0]!, { netuid: 2, sharePpm: 299_999 }]],
    [
      'no whole number',
      [
        { netuid: 1, sharePpm: 1_000_001 },
        { netuid: 2, sharePpm: -1 },
      ],
    ],
  ])('are refused, and the epoch stays open: %s', ([words, shares]) => {
    const { ledger, sealed } = rootMarket();
    const refused = take(ledger, scoredOf(sealed, shares));
    expect(refused).toMatchObject({ ok: false, code: 'EPOCH_MISMATCH', message: expect.stringContaining(words) });
    expect(done(take(ledger, scoredOf(sealed, SHARES)))).toMatchObject({ repeated: false });
  });

  test('of any other subnet are refused, and so is money of the root network', () => {
    const { ledger, sealed } = rootMarket();
    const paying = scoredOf(sealed, SHARES);
    const greedy = { ...paying, neurons: paying.neurons.map((neuron) => ({ ...neuron, dividend: 1n })) };
    expect(take(ledger, greedy)).toMatchObject({ ok: false, code: 'EPOCH_OVERPAYS' });
    const market = newLedger();
    done(put(market, 'sp500'));
    const [epoch] = produce(market, 10);
    const scored = { ...scoredOf(epoch!, SHARES), netuid: 1 };
    expect(take(market, scored)).toMatchObject({ ok: false, code: 'EPOCH_MISMATCH' });
  });

  test('of nobody split in equal parts again, a market without one gets nothing, a held one’s goes to the others', () => {
    const { ledger, sealed } = rootMarket();
    done(take(ledger, scoredOf(sealed, [{ netuid: 1, sharePpm: 1_000_000 }, { netuid: 2, sharePpm: 0 }]))); // prettier-ignore
    done(put(ledger, 'later'));
    const [second] = produce(ledger, 10);
    expect([...pots(ledger), ledger.book.posted('TAO', potOf(3))]).toEqual([15n * TAO, 5n * TAO, 0n]);
    done(put(ledger, 'sp500', { emission: 'Held', policy: { ...POLICY, hyperparameters: { ...POLICY.hyperparameters, tempo: 1000 } } })); // prettier-ignore
    const issued = ledger.issued;
    produce(ledger, 3);
    expect(ledger.issued).toBe(issued); // nobody who takes part has a share
    done(take(ledger, scoredOf(second!, [])));
    expect(emissionSplit(ledger).basis).toBe('EqualUntilRootWeights');
    produce(ledger, 2);
    expect(pots(ledger)).toEqual([15n * TAO, 6n * TAO]);
    expectConserved(ledger);
  });

  test('are in the journal, so that anybody can tell why a block was split as it was', () => {
    const { ledger, sealed } = rootMarket();
    ledger.journal.takeEntries();
    done(take(ledger, scoredOf(sealed, SHARES)));
    const [paid] = ledger.journal.takeEntries();
    expect(paid).toMatchObject({ kind: 'EpochPaid', event: { kind: 'epoch-paid', netuid: 0 } });
    expect(JSON.parse(paid?.payloadText ?? '')).toMatchObject({ netuid: 0, index: 1, shares: SHARES });
  });

  test('nothing is created or lost in a split, and what everybody is told comes to all of it', () => {
    const weights = fc.array(fc.nat(1_000_000), { minLength: 1, maxLength: 128 });
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 18n }), weights, (reward, given) => {
        const parts = given.map((weight, at) => ({ netuid: at + 1, weight: BigInt(weight) }));
        const split = { basis: 'RootWeights' as const, epoch: 1, parts };
        const amounts = splitEmission(reward, split);
        const total = given.reduce((sum, weight) => sum + weight, 0);
        expect(amounts.reduce((sum, amount) => sum + amount, 0n)).toBe(total === 0 ? 0n : reward);
        for (const [at, amount] of amounts.entries()) {
          const exact = total === 0 ? 0n : (reward * BigInt(given[at] ?? 0)) / BigInt(total);
          expect([exact, given[at] === 0 ? exact : exact + 1n]).toContain(amount);
        }
        expect(sharesPpm(split).reduce((sum, { sharePpm }) => sum + sharePpm, 0)).toBe(total === 0 ? 0 : 1_000_000);
      }),
    );
  });
});

test('mandates reach the root network as any other subnet', () => {
  const ledger = newLedger(ROOT_GENESIS);
  const elsewhere = mandateOf('desk', { netuids: [1] });
  expect(enroll(ledger, 'r1', { netuid: 0, mandate: elsewhere })).toMatchObject({ code: 'MANDATE_NOT_GRANTED' });
  expect(done(enroll(ledger, 'r1', { netuid: 0 })).neuron.uid).toBe(0);
});
