import { expect, test } from 'vitest';
import { unbondingOf } from '#domain/book/account.ts';
import type { Ledger } from '#domain/economy/ledger.ts';
import { deregister } from '#domain/economy/stake.ts';
import { causeOf, done, enroll, expectConserved, mandateOf, produce, TAO } from '#test/ledger-state.ts';
import {
  DISPUTE,
  doubleSigning,
  order,
  ownStake,
  posted,
  report,
  slashingMarket,
  slashOf,
  UNBONDING,
} from '#test/slashing-market.ts';
import { ENDED_MAX, endedLately } from './ended-registrations.ts';

const V1 = { netuid: 1, hotkey: 'v1' };

function leave(ledger: Ledger, hotkey = 'v1'): void {
  const end = { netuid: 1, hotkey, mandate: mandateOf('desk'), cause: causeOf(hotkey) };
  done(ledger.decide((state) => deregister(state, end)));
}

test('who leaves, comes back and leaves again is still slashed for the first registration', () => {
  const ledger = slashingMarket();
  const pair = doubleSigning(ledger);
  leave(ledger);
  produce(ledger, 1);
  done(enroll(ledger, 'v1', { attempt: 2, initialStake: 30n * TAO }));
  leave(ledger);
  const { slash } = done(report(ledger, pair));
  produce(ledger, DISPUTE + 1);
  expect(slashOf(ledger, slash.id)).toMatchObject({ status: 'Executed', base: 100n * TAO, taken: 10n * TAO });
  expect(posted(ledger, unbondingOf(1, 'v1')), 'what was staked since is not touched').toBe(120n * TAO);
  expectConserved(ledger);
});

test('what begins in the block in which the one before began and ended is another registration', () => {
  const ledger = slashingMarket();
  leave(ledger);
  produce(ledger, 1);
  done(enroll(ledger, 'v1', { attempt: 2, initialStake: 30n * TAO }));
  const pair = doubleSigning(ledger);
  leave(ledger);
  done(enroll(ledger, 'v1', { attempt: 3, initialStake: 50n * TAO }));
  const later = doubleSigning(ledger);
  expect(later.registrationId).not.toBe(pair.registrationId);
  const { slash } = done(report(ledger, pair));
  produce(ledger, DISPUTE + 1);
  expect(slashOf(ledger, slash.id)).toMatchObject({ status: 'Executed', base: 30n * TAO, taken: 3n * TAO });
  expect(ownStake(ledger, 'v1'), 'of the one that stands now nothing is taken').toBe(50n * TAO);
  leave(ledger);
  done(enroll(ledger, 'v1', { attempt: 4 }));
  const ids = endedLately(ledger, V1).map(({ registrationId }) => registrationId);
  expect(new Set(ids).size, 'each is remembered by itself').toBe(ids.length);
  expectConserved(ledger);
});

test('nor does a hotkey between two others hide a registration', () => {
  const ledger = slashingMarket();
  const swap = (hotkey: string, newHotkey: string) =>
    done(order(ledger, 'desk', { type: 'SwapHotkey', hotkey, newHotkey, netuid: undefined }));
  swap('v1', 'n1');
  const pair = doubleSigning(ledger, { hotkey: 'n1' });
  leave(ledger, 'n1');
  done(enroll(ledger, 'n1', { attempt: 2 }));
  swap('n1', 'n2');
  const { slash } = done(report(ledger, pair));
  produce(ledger, DISPUTE + 1);
  expect(slashOf(ledger, slash.id)).toMatchObject({ status: 'Executed', taken: 10n * TAO });
});

test('a hotkey that has ended too many registrations waits, and the list is forgotten with the time', () => {
  const ledger = slashingMarket();
  leave(ledger);
  for (let attempt = 2; attempt <= ENDED_MAX; attempt += 1) {
    done(enroll(ledger, 'v1', { attempt }));
    leave(ledger);
    produce(ledger, 1);
  }
  expect(endedLately(ledger, V1)).toHaveLength(ENDED_MAX);
  const again = { attempt: ENDED_MAX + 1 };
  expect(enroll(ledger, 'v1', again)).toMatchObject({ ok: false, code: 'UNBONDING_COUNT' });
  while (ledger.block < UNBONDING) produce(ledger, 1);
  expect(enroll(ledger, 'v1', again)).toMatchObject({ ok: false, code: 'UNBONDING_COUNT' });
  produce(ledger, 1);
  done(enroll(ledger, 'v1', again));
  produce(ledger, 2 * UNBONDING);
  expect(endedLately(ledger, V1), 'the last one is known for good').toHaveLength(1);
});
