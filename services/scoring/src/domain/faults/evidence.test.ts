import { expect, test } from 'vitest';
import { evidenceOf, faultyEpochFromText, faultyEpochToText, isProven, wholeEvidenceOf } from './evidence.ts';
import { type FaultyEpoch, faultRowNames, saidFaults } from './fault.ts';

const epoch = (index: number, count: number): FaultyEpoch => ({
  index,
  block: 20 * index,
  inputsSha256: 'a'.repeat(64),
  stake: 100n,
  kappaU16: 32_767,
  count,
  said: [
    {
      validatorUid: 3,
      registrationId: 'r3',
      stake: 60n,
      count,
      rows: [{ mechanismId: 0, source: 'Salted', interval: index - 1, sequence: '7', count }],
    },
  ],
});
const about = {
  networkId: 'bb'.repeat(32),
  netuid: 1,
  registrationId: 'r0',
  hotkey: 'h0',
  condition: { type: 'Unavailable', epochs: 3, atLeast: 5 },
} as const;

test.for<[readonly [epochs: number, total: number], boolean]>([
  [[3, 15], true],
  [[3, 14], false],
  [[2, 100], false],
  [[4, 20], true],
])('a run of %j is enough: %s', ([[epochs, total], expected]) => {
  expect(isProven({ epochs, total }, about.condition)).toBe(expected);
});

test('evidence names its epochs by their hashes, and the average, in one text', () => {
  const named = [5, 9, 3].map((count, at) => ({ index: 4 + at, count, sha256: `${at}`.repeat(64) }));
  const evidence = evidenceOf({ offenceBlock: 80, epochs: named }, about);
  expect(evidence).toMatchObject({ fromEpoch: 4, toEpoch: 6, offenceBlock: 80, measured: 5 });
  expect(JSON.parse(evidence.document)).toMatchObject({ format: 2, condition: about.condition, epochs: named });
});

test('a thousand epochs are a document of less than two hundred kilobytes', () => {
  const epochs = Array.from({ length: 1000 }, (_, at) => ({
    index: 9_000_000 + at,
    count: 99,
    sha256: 'f'.repeat(64),
  }));
  expect(evidenceOf({ offenceBlock: 80, epochs }, about).document.length).toBeLessThan(200_000);
});

test('evidence of before holds its epochs, and who said what', () => {
  const evidence = wholeEvidenceOf([epoch(4, 5), epoch(5, 9), epoch(6, 3)], about);
  expect(evidence).toMatchObject({
    type: 'Unavailable',
    fromEpoch: 4,
    toEpoch: 6,
    offenceBlock: 80,
    measured: 5,
  });
  const document = JSON.parse(evidence.document) as { epochs: readonly { index: number; stake: string }[] };
  expect(document).toMatchObject({ format: 1, condition: about.condition, networkId: about.networkId, measured: 5 });
  expect(document.epochs.map(({ index, stake }) => [index, stake])).toEqual([4, 5, 6].map((index) => [index, '100']));
  const again = [epoch(4, 5), epoch(5, 9), epoch(6, 3)].map(faultyEpochToText).map(faultyEpochFromText);
  expect(wholeEvidenceOf(again, about).document).toBe(evidence.document);
});

test('epochs of evidence follow each other', () => {
  expect(() => evidenceOf({ offenceBlock: 0, epochs: [] }, about)).toThrow(/needs an epoch/);
  const epochs = [4, 6].map((index) => ({ index, count: 5, sha256: '' }));
  expect(() => evidenceOf({ offenceBlock: 80, epochs }, about)).toThrow(/follow each other/);
});

const miner = {
  uid: 0,
  loss: 0,
  judged: 0,
  answers: 9,
  invalid: 9,
  invalidReason: '',
  copy: false,
  copyOfUid: 0,
  similarityPpm: 0,
};
const faults = { unanswered: 4, failedAudits: 0, auditsSha256: '' };

test('of a report its faults alone are kept, and of a miner that stands in it twice the first', () => {
  const twice = { ...miner, registrationId: 'r0', faults: { ...faults, unanswered: 9 } };
  const miners = [{ ...miner, registrationId: 'r1' }, { ...miner, registrationId: 'r0', faults }, twice];
  expect(saidFaults(miners)).toEqual([['r0', 4, 0, '']]);
});

test('a row of inputs that name no envelope says nothing', () => {
  const due = { neurons: [{ uid: 3, registrationId: 'r3' }] } as unknown as Parameters<typeof faultRowNames>[0]['due'];
  const row = { validatorUid: 3, mechanismId: 0, source: 'Salted', interval: 1 } as const;
  expect(faultRowNames({ due, reports: [row, { ...row, sequence: '5' }] })).toEqual([
    { ...row, sequence: '5', registrationId: 'r3' },
  ]);
  expect(faultRowNames({ due })).toEqual([]);
});
