import { expect, test } from 'vitest';
import type { Ledger } from '#domain/economy/ledger.ts';
import { endRegistration } from '#domain/economy/registration.ts';
import { done, enroll, produce, stateText } from '#test/ledger-state.ts';
import {
  DISPUTE,
  doubleSigning,
  order,
  report,
  slashingGenesis,
  slashingMarket,
  slashingTerms,
  UNBONDING,
} from '#test/slashing-market.ts';
import { leftSlashes, listSlashes, placeInList } from './decide.ts';
import { FORGOTTEN_MAX } from './forget-slashes.ts';
import { reportEvidence } from './report.ts';
import { slashesOf, tracesOf } from './slash-table.ts';
import type { Slash } from './slash.ts';

const WINDOW = 60;
const V1 = { netuid: 1, hotkey: 'v1' };
const ALL = { netuid: undefined, hotkey: '', openOnly: false };

function market(change: Partial<typeof slashingTerms> = {}): Ledger {
  const slashing = { ...slashingTerms, windowBlocks: WINDOW, ...change };
  return slashingMarket({ ...slashingGenesis, slashing });
}

/** To the block in which what is decided has left, from a report in this one. */
const passKeeping = (ledger: Ledger): void => void produce(ledger, Math.max(WINDOW, UNBONDING) + 1);

function evidence(ledger: Ledger, change: { readonly fromEpoch?: number; readonly toEpoch?: number } = {}) {
  const { registrationId = '' } = ledger.neuronByHotkey(1, 'v1') ?? {};
  return {
    ...V1,
    registrationId,
    type: 'FailedAudits',
    offenceBlock: ledger.block,
    fromEpoch: 4,
    toEpoch: 4,
    measured: 9,
    evidenceSha256: '9'.repeat(64),
    ...change,
  } as const;
}

test('a decided slash is kept until its window is over, then a trace says that it was', () => {
  const ledger = market();
  const pair = doubleSigning(ledger);
  const { id } = done(report(ledger, pair)).slash;
  produce(ledger, WINDOW);
  expect(ledger.slashes.get(id)).toMatchObject({ status: 'Executed' });
  expect([ledger.slashesKeptFrom, leftSlashes(ledger, 1)]).toEqual([0, 0]);
  const reportedAt = (ledger.slashes.get(id) as Slash).reportedAtBlock;
  produce(ledger, 1);
  expect(ledger.slashes.get(id)).toBeUndefined();
  expect(slashesOf(ledger, V1)).toEqual([]);
  expect(tracesOf(ledger, V1)).toMatchObject([{ id, type: 'DoubleSigning' }]);
  expect([ledger.slashesKeptFrom, leftSlashes(ledger, 1), leftSlashes(ledger, 2)]).toEqual([reportedAt + 1, 1, 0]);
  expect(leftSlashes(ledger, undefined)).toBe(1);
});

test('what has left is not punished twice: neither the same signatures nor the same epochs', () => {
  const ledger = market();
  const pair = doubleSigning(ledger, { expiresAtBlock: 1_000_000 });
  done(report(ledger, pair));
  done(ledger.decide((state) => reportEvidence(state, evidence(state))));
  passKeeping(ledger);
  expect(ledger.slashes.size).toBe(0);
  expect(order(ledger, 'eve', { type: 'ReportDoubleSigning', ...pair })).toMatchObject({ code: 'OFFENCE_KNOWN' });
  const again = (change: Parameters<typeof evidence>[1]) =>
    ledger.decide((state) => reportEvidence(state, evidence(state, change)));
  expect(again({})).toMatchObject({ code: 'OFFENCE_KNOWN' });
  expect(again({ fromEpoch: 3, toEpoch: 5 })).toMatchObject({ code: 'OFFENCE_KNOWN' });
  expect(again({ fromEpoch: 5, toEpoch: 5 })).toMatchObject({ ok: true });
});

test('where a page of the list ended is found again when that slash has left', () => {
  const ledger = market({ windowPpm: 400_000 });
  for (const sequence of ['1', '2']) done(report(ledger, doubleSigning(ledger, { sequence })));
  produce(ledger, 5);
  done(report(ledger, doubleSigning(ledger, { sequence: '3' })));
  const all = listSlashes(ledger, ALL);
  const places = all.map(placeInList);
  expect(all.map(({ instance }) => instance)[0]).toBe('Commit/3');
  expect(places.toSorted()).toEqual(places);
  produce(ledger, WINDOW + 1 - 5);
  expect(listSlashes(ledger, ALL).map(placeInList)).toEqual(places.slice(0, 1));
});

test('open slashes stay however long they take, and what is decided late is kept no longer than a block', () => {
  const ledger = market({ windowBlocks: 1 });
  const { id } = done(report(ledger, doubleSigning(ledger))).slash;
  done(order(ledger, 'desk', { type: 'DisputeSlash', slashId: id, statement: '' }));
  produce(ledger, DISPUTE);
  expect(ledger.slashes.get(id)).toMatchObject({ status: 'Disputed' });
  produce(ledger, UNBONDING + 1 - DISPUTE);
  expect(ledger.slashes.get(id)).toBeUndefined();
  expect(ledger.leftSlashes(1, 'Dropped')).toBe(1);
});

test('traces go with the last registration that could be reported', () => {
  const ledger = market();
  done(report(ledger, doubleSigning(ledger)));
  const end = (): void => {
    const neuron = ledger.neuronByHotkey(1, 'v1');
    if (neuron === undefined) throw new Error('v1 is not registered');
    done(ledger.decide((state) => endRegistration(state, neuron, { reason: 'Deregistered', cause: null })));
  };
  passKeeping(ledger);
  end();
  done(enroll(ledger, 'v1', { attempt: 2 }));
  expect(tracesOf(ledger, V1)).toHaveLength(1); // the last one that is over can still be reported
  produce(ledger, UNBONDING + 1);
  end();
  expect(tracesOf(ledger, V1)).toHaveLength(1); // it was the last one until now
  done(enroll(ledger, 'v1', { attempt: 3 }));
  produce(ledger, UNBONDING + 1);
  end();
  expect(tracesOf(ledger, V1)).toEqual([]);
});

test('a block takes out so many; the others follow, and what it took comes back where the batch is undone', () => {
  const ledger = market();
  const { id } = done(report(ledger, doubleSigning(ledger))).slash;
  produce(ledger, DISPUTE + 1);
  const decided = ledger.slashes.get(id) as Slash;
  ledger.decide((state) => {
    for (let count = 1; count <= FORGOTTEN_MAX; count += 1) {
      state.slashes.put(`other-${count}`, { ...decided, id: `other-${count}`, instance: `Commit/${count}` });
    }
    return { ok: true, value: undefined };
  });
  expect(listSlashes(ledger, ALL)).toHaveLength(FORGOTTEN_MAX + 1);
  produce(ledger, WINDOW + 1 - DISPUTE - 2);
  const before = stateText(ledger);
  expect(ledger.slashes.size).toBe(FORGOTTEN_MAX + 1);
  const refused = ledger.decide((state) => {
    state.network = { ...state.network, block: state.block + 1 };
    for (const row of state.slashes.values()) state.countLeftSlash(row);
    for (const key of [...state.slashes.values()].map((row) => row.id)) state.slashes.remove(key);
    return { ok: false, code: 'INVALID_ARGUMENT', message: 'no' } as const;
  });
  expect(refused.ok).toBe(false);
  expect(stateText(ledger)).toBe(before);
  produce(ledger, 1);
  expect([ledger.slashes.size, leftSlashes(ledger, 1)]).toEqual([1, FORGOTTEN_MAX]);
  produce(ledger, 1);
  expect([ledger.slashes.size, leftSlashes(ledger, 1)]).toEqual([0, FORGOTTEN_MAX + 1]);
});
