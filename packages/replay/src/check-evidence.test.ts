import { expect, test } from 'vitest';
import { documentFaults, epochFaults, openNamedEpoch } from './check-evidence.ts';
import { type EvidenceDocument, type EvidenceEpoch, readEvidence } from './evidence-document.ts';
import { sha256Hex } from './recompute-epoch.ts';

type Whole = Extract<EvidenceDocument, { format: 1 }>;

const id = (letter: string): string => letter.repeat(64);
const said = (validatorUid: number, stake: string, count: number): EvidenceEpoch['said'][number] => ({
  validatorUid,
  registrationId: id('a'),
  stake,
  count,
  rows: [{ mechanismId: 0, source: 'Open', interval: 4, sequence: '7', count }],
});
const epoch = (index: number, change: Partial<EvidenceEpoch> = {}): EvidenceEpoch => ({
  index,
  block: 20 * index,
  inputsSha256: id('b'),
  stake: '100',
  kappaU16: 32_767,
  count: 6,
  said: [said(1, '45', 8), said(2, '20', 6), said(3, '5', 1)],
  ...change,
});
const document = (change: Partial<Whole> = {}): Whole => ({
  format: 1,
  networkId: id('c'),
  netuid: 1,
  registrationId: id('d'),
  hotkey: 'hotkey',
  fromEpoch: 4,
  toEpoch: 5,
  measured: 6,
  condition: { type: 'Unavailable', epochs: 2, atLeast: 5 },
  epochs: [epoch(4), epoch(5)],
  ...change,
});

test('a document that follows from its epochs has no fault, and is read from its text', () => {
  expect(documentFaults(document())).toEqual([]);
  expect(readEvidence(JSON.stringify(document()))).toEqual(document());
});

test.for<[string, Partial<Whole>, RegExp]>([
  ['a missing epoch', { epochs: [epoch(4), epoch(6)], toEpoch: 6 }, /epoch 6 stands out of order/],
  ['another end', { toEpoch: 9 }, /ends with another epoch than 9/],
  ['another average', { measured: 7 }, /are not 7 on average/],
  ['too few epochs', { condition: { type: 'Unavailable', epochs: 3, atLeast: 5 } }, /less than its condition/],
  ['too little in them', { condition: { type: 'Unavailable', epochs: 2, atLeast: 7 } }, /less than its condition/],
  ['more than its stake says', { epochs: [epoch(4, { count: 8 }), epoch(5)], measured: 7 }, /does not say 8/],
  ['less than its stake says', { epochs: [epoch(4, { count: 5 }), epoch(5)], measured: 5 }, /does not say 5/],
  ['a minority', { epochs: [epoch(4, { stake: '140' }), epoch(5)] }, /epoch 4: its stake does not say 6/],
  ['less than kappa', { epochs: [epoch(4, { kappaU16: 45_000 }), epoch(5)] }, /epoch 4: its stake does not say 6/],
  ['a voter twice', { epochs: [epoch(4, { said: [said(1, '45', 6), said(1, '45', 6)] }), epoch(5)] }, /counted twice/],
  [
    'rows that do not add up',
    { epochs: [epoch(4, { said: [{ ...said(1, '60', 6), rows: [] }] }), epoch(5)] },
    /do not add up/,
  ],
])('%s is named', ([, change, fault]) => {
  expect(documentFaults(document(change)).join('\n')).toMatch(fault);
});

const named = (one: EvidenceEpoch) => ({
  index: one.index,
  count: one.count,
  sha256: sha256Hex(JSON.stringify(one)),
});
const byHash = (...epochs: readonly EvidenceEpoch[]): EvidenceDocument => ({
  ...document(),
  format: 2,
  epochs: epochs.map(named),
});

test('a document that names its epochs by hash follows from their counts, and each epoch from its text', () => {
  expect(documentFaults(byHash(epoch(4), epoch(5)))).toEqual([]);
  expect(documentFaults(byHash(epoch(4), epoch(6))).join()).toMatch(/epoch 6 stands out of order/);
  expect(documentFaults(byHash(epoch(4), epoch(5, { count: 9 }))).join()).toMatch(/not 6 on average/);
  expect(readEvidence(JSON.stringify(byHash(epoch(4), epoch(5))))).toEqual(byHash(epoch(4), epoch(5)));
  const many = Array.from({ length: 1001 }, (_, at) => epoch(at));
  expect(readEvidence(JSON.stringify(byHash(...many.slice(1))))).toBeDefined();
  expect(readEvidence(JSON.stringify(byHash(...many))), 'more than a condition may ask for').toBeUndefined();
  expect(openNamedEpoch(named(epoch(4)), JSON.stringify(epoch(4)))).toEqual({ epoch: epoch(4), faults: [] });
});

test.for<[string, EvidenceEpoch, string, RegExp]>([
  ['another text', epoch(4), JSON.stringify(epoch(5)), /epoch 4: another text/],
  ['a minority', epoch(4, { stake: '140' }), JSON.stringify(epoch(4, { stake: '140' })), /does not say 6/],
])('%s under a hash is named', ([, one, text, fault]) => {
  expect(openNamedEpoch(named(one), text).faults.join()).toMatch(fault);
});

test('the text under a hash has to be of the epoch and the count that the document names', () => {
  const text = JSON.stringify(epoch(4));
  const lied = { ...named(epoch(4)), count: 7 };
  expect(openNamedEpoch(lied, text).faults.join()).toMatch(/epoch 4 of 7: its text is of epoch 4 with 6/);
  expect(openNamedEpoch({ ...lied, sha256: sha256Hex('{}') }, '{}').faults.join()).toMatch(/no epoch of evidence/);
});

test('inputs of another hash prove nothing', () => {
  const shown = { inputsJson: '{}', rows: new Map(), beacon: undefined };
  expect(epochFaults(document(), epoch(4), shown)).toEqual(['epoch 4: its inputs are other ones']);
});

test.for(['no JSON', '{}', '[]', JSON.stringify({ ...document(), format: 2 })])('%s is no evidence', (text) => {
  expect(readEvidence(text)).toBeUndefined();
});
