import { describe, expect, test } from 'vitest';
import { BURNED, INSURANCE, SLASH_DEPOSITS, unbondingOf } from '#domain/book/account.ts';
import { delegationsOf } from '#domain/economy/delegation.ts';
import type { Ledger } from '#domain/economy/ledger.ts';
import { deregister } from '#domain/economy/stake.ts';
import type { WalletOrder } from '#domain/economy/wallet-order.ts';
import {
  causeOf,
  done,
  enroll,
  expectConserved,
  mandateOf,
  produce,
  stateText,
  TAO,
  testGenesis,
} from '#test/ledger-state.ts';
import {
  DISPUTE,
  doubleSigning,
  order,
  ownStake,
  passEpoch,
  pooled,
  posted,
  report,
  slashingGenesis,
  slashingMarket,
  slashingTerms,
  slashOf,
  UNBONDING,
  V1,
  V2,
} from '#test/slashing-market.ts';
import { OPEN_SLASHES_MAX } from './report.ts';

const add = (amount: bigint, place = V1): WalletOrder => ({ type: 'AddStake', ...place, amount });
const remove = (amount?: bigint, place = V1): WalletOrder => ({ type: 'RemoveStake', ...place, amount });
const end = (ledger: Ledger, hotkey = 'v1') =>
  done(
    ledger.decide((state) =>
      deregister(state, { netuid: 1, hotkey, mandate: mandateOf('desk'), cause: causeOf(hotkey) }),
    ),
  );
const kinds = (ledger: Ledger) => ledger.journal.takeEntries().map(({ kind }) => kind);

/** 100 tokens of the owner, 60 of ann and 40 of bob on v1. */
function delegated(ledger = slashingMarket()): Ledger {
  done(order(ledger, 'ann', add(60n * TAO)));
  done(order(ledger, 'bob', add(40n * TAO)));
  passEpoch(ledger);
  return ledger;
}

describe('a report', () => {
  test('takes nothing yet, and is carried out when its window is over: from each in proportion', () => {
    const ledger = delegated();
    const { slash } = done(report(ledger));
    expect(slash).toMatchObject({ ppm: 100_000, base: 200n * TAO, amount: 20n * TAO, status: 'Pending' });
    expect([ownStake(ledger, 'v1'), posted(ledger, 'eve'), posted(ledger, SLASH_DEPOSITS)]).toEqual([
      100n * TAO,
      498n * TAO,
      2n * TAO,
    ]);
    produce(ledger, DISPUTE);
    expect(slashOf(ledger, slash.id).status).toBe('Pending');
    const burned = posted(ledger, BURNED);
    ledger.journal.takeEntries();
    produce(ledger, 1);
    expect(slashOf(ledger, slash.id)).toMatchObject({ status: 'Executed', taken: 20n * TAO });
    expect([ownStake(ledger, 'v1'), pooled(ledger, 'v1')]).toEqual([90n * TAO, 90n * TAO]);
    expect(['ann', 'bob'].map((wallet) => delegationsOf(ledger, wallet)[0]?.worth)).toEqual([54n * TAO, 36n * TAO]);
    // Half burned, a fifth to the reporter with the deposit, the rest insured.
    expect(posted(ledger, BURNED) - burned).toBe(10n * TAO);
    expect([posted(ledger, 'eve'), posted(ledger, INSURANCE)]).toEqual([504n * TAO, 6n * TAO]);
    expect(posted(ledger, SLASH_DEPOSITS)).toBe(0n);
    expect(kinds(ledger)).toEqual(expect.arrayContaining(['SlashExecuted', 'StakeChanged']));
    expectConserved(ledger);
  });

  test('touches no other neuron, and not the same hotkey in another subnet', () => {
    const ledger = delegated();
    done(report(ledger));
    produce(ledger, DISPUTE + 1);
    expect([ownStake(ledger, 'v2'), ownStake(ledger, 'v3'), ownStake(ledger, 'v1', 2)]).toEqual([
      100n * TAO,
      50n * TAO,
      100n * TAO,
    ]);
  });

  test('of what was reported before is refused for ever; another sequence is another offence, within the bound', () => {
    const ledger = slashingMarket();
    done(report(ledger));
    expect(report(ledger)).toMatchObject({ ok: false, code: 'OFFENCE_KNOWN' });
    produce(ledger, DISPUTE + 1);
    expect(report(ledger)).toMatchObject({ ok: false, code: 'OFFENCE_KNOWN' });
    expect(done(report(ledger, { sequence: '8' })).slash.ppm).toBe(100_000);
    expect(done(report(ledger, { sequence: '9' })).slash.ppm).toBe(50_000);
    expect(report(ledger, { sequence: '10' })).toMatchObject({ ok: false, code: 'SLASH_BOUND' });
  });

  test.for<readonly [string, object, string]>([
    ['of a registration that never was', { registrationId: 'f'.repeat(64) }, 'NOT_REGISTERED'],
    ['of nobody', { hotkey: 'v9' }, 'NOT_REGISTERED'],
    ['of another subnet', { netuid: 2, registrationId: 'f'.repeat(64) }, 'NOT_REGISTERED'],
    ['of long ago', { expiresAtBlock: 50 }, 'EVIDENCE_TOO_OLD'],
  ])('%s is refused and costs nothing', ([, change, code]) => {
    const ledger = slashingMarket();
    produce(ledger, 100);
    const before = stateText(ledger);
    expect(report(ledger, change)).toMatchObject({ ok: false, code });
    expect(stateText(ledger)).toBe(before);
  });

  test('without the deposit, or where nothing answers for it, is refused', () => {
    const ledger = slashingMarket();
    expect(report(ledger, {}, 'poor')).toMatchObject({ ok: false, code: 'INSUFFICIENT_FUNDS' });
    const pair = doubleSigning(ledger);
    end(ledger);
    produce(ledger, UNBONDING);
    expect(report(ledger, { ...pair, expiresAtBlock: ledger.block })).toMatchObject({ code: 'NOTHING_AT_STAKE' });
  });

  test('is refused where the network does not slash for it', () => {
    const { slashing: _off, ...without } = slashingGenesis;
    expect(report(slashingMarket(without))).toMatchObject({ ok: false, code: 'SLASHING_OFF' });
    expect(report(slashingMarket(testGenesis))).toMatchObject({ ok: false, code: 'SLASHING_OFF' });
  });

  test('more than are looked into at once are refused', () => {
    const wide = { ...slashingTerms, windowPpm: 500_000, conditions: [{ type: 'DoubleSigning', ppm: 1000 } as const] };
    const ledger = slashingMarket({ ...slashingGenesis, slashing: wide });
    for (let at = 0; at < OPEN_SLASHES_MAX; at += 1) done(report(ledger, { sequence: String(at) }));
    expect(report(ledger, { sequence: '99' })).toMatchObject({ ok: false, code: 'SLASH_COUNT' });
  });
});

describe('who leaves', () => {
  test('before the report is still reached, as the owner, as a delegator, and by the end of the registration', () => {
    const ledger = delegated();
    const pair = doubleSigning(ledger);
    done(order(ledger, 'ann', remove()));
    end(ledger);
    const { slash } = done(report(ledger, pair));
    expect(slash.base).toBe(200n * TAO);
    produce(ledger, DISPUTE + 1);
    expect([posted(ledger, unbondingOf(1, 'v1')), pooled(ledger, 'v1')]).toEqual([144n * TAO, 36n * TAO]);
    const before = [posted(ledger, 'desk'), posted(ledger, 'ann')];
    produce(ledger, UNBONDING);
    expect([posted(ledger, 'desk') - (before[0] ?? 0n), posted(ledger, 'ann') - (before[1] ?? 0n)]).toEqual([
      90n * TAO,
      54n * TAO,
    ]);
    expectConserved(ledger);
  });

  test('waits for the decision where its own release would come first', () => {
    const ledger = slashingMarket();
    done(order(ledger, 'desk', remove(40n * TAO)));
    produce(ledger, UNBONDING - 5);
    const { slash } = done(report(ledger));
    produce(ledger, 6);
    expect(posted(ledger, unbondingOf(1, 'v1'))).toBe(40n * TAO);
    produce(ledger, DISPUTE - 5);
    expect(slashOf(ledger, slash.id)).toMatchObject({ status: 'Executed', taken: 10n * TAO });
    expect([posted(ledger, unbondingOf(1, 'v1')), ownStake(ledger, 'v1')]).toEqual([0n, 54n * TAO]);
    expectConserved(ledger);
  });

  test('to another neuron is followed there, and nobody else there loses a rao', () => {
    const ledger = delegated();
    done(order(ledger, 'bob', add(40n * TAO, V2)));
    done(order(ledger, 'ann', { type: 'MoveStake', ...V1, toNetuid: 1, toHotkey: 'v2', amount: undefined }));
    passEpoch(ledger);
    done(report(ledger));
    produce(ledger, DISPUTE + 1);
    expect(delegationsOf(ledger, 'ann').map(({ worth }) => worth)).toEqual([54n * TAO]);
    expect(delegationsOf(ledger, 'bob').map(({ worth }) => worth)).toEqual([36n * TAO, 40n * TAO]);
    expect(ownStake(ledger, 'v2')).toBe(100n * TAO);
    expectConserved(ledger);
  });

  test('to another neuron and off it is found among what is unbonding there', () => {
    const ledger = delegated();
    done(order(ledger, 'ann', { type: 'MoveStake', ...V1, toNetuid: 1, toHotkey: 'v2', amount: undefined }));
    done(order(ledger, 'ann', remove(undefined, V2)));
    done(report(ledger));
    produce(ledger, DISPUTE + 1);
    expect(posted(ledger, unbondingOf(1, 'v2'))).toBe(54n * TAO);
  });

  test('to another neuron and off it is not free there before the slash of where it was is decided', () => {
    const ledger = delegated();
    const pair = doubleSigning(ledger, { expiresAtBlock: ledger.block + 100 });
    done(order(ledger, 'ann', { type: 'MoveStake', ...V1, toNetuid: 1, toHotkey: 'v2', amount: undefined }));
    done(order(ledger, 'ann', remove(undefined, V2)));
    produce(ledger, UNBONDING - 3);
    const { slash } = done(report(ledger, pair));
    const free = posted(ledger, 'ann');
    produce(ledger, DISPUTE);
    expect([posted(ledger, unbondingOf(1, 'v2')), posted(ledger, 'ann')]).toEqual([60n * TAO, free]);
    produce(ledger, 1);
    expect(slashOf(ledger, slash.id)).toMatchObject({ status: 'Executed', taken: 20n * TAO });
    expect([posted(ledger, unbondingOf(1, 'v2')), posted(ledger, 'ann')]).toEqual([0n, free + 54n * TAO]);
    expectConserved(ledger);
  });

  test('and comes back to the same pool is hit once', () => {
    const ledger = delegated();
    done(order(ledger, 'ann', remove()));
    const [row] = ledger.unbondings.values();
    done(order(ledger, 'ann', { type: 'Rebond', unbondingId: row?.id ?? 0, amount: undefined }));
    done(report(ledger));
    produce(ledger, DISPUTE + 1);
    expect(delegationsOf(ledger, 'ann')[0]).toMatchObject({ worth: 0n, waiting: 54n * TAO });
    expect(ownStake(ledger, 'v1')).toBe(90n * TAO);
    expectConserved(ledger);
  });

  test('and registers anew has the new stake untouched', () => {
    const ledger = slashingMarket();
    const pair = doubleSigning(ledger);
    end(ledger);
    produce(ledger, 1);
    done(enroll(ledger, 'v1', { initialStake: 70n * TAO, attempt: 2 }));
    done(report(ledger, pair));
    produce(ledger, DISPUTE + 1);
    expect([ownStake(ledger, 'v1'), posted(ledger, unbondingOf(1, 'v1'))]).toEqual([70n * TAO, 90n * TAO]);
  });
});

describe('who comes while a slash is open', () => {
  test('is told to wait, and what waits already goes on waiting and can be taken back', () => {
    const ledger = delegated();
    done(order(ledger, 'eve', add(10n * TAO)));
    done(report(ledger));
    expect(order(ledger, 'eve', add(10n * TAO))).toMatchObject({ ok: false, code: 'SLASH_PENDING' });
    passEpoch(ledger);
    expect(delegationsOf(ledger, 'eve')).toEqual([{ ...V1, worth: 0n, waiting: 10n * TAO }]);
    const before = posted(ledger, 'eve');
    done(order(ledger, 'eve', remove(5n * TAO)));
    expect(posted(ledger, 'eve')).toBe(before + 5n * TAO);
    produce(ledger, 1);
    expect(delegationsOf(ledger, 'eve')[0]?.waiting).toBe(5n * TAO);
    done(order(ledger, 'eve', add(10n * TAO)));
  });
});
