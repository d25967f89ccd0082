import { expect, test } from 'vitest';
import type { NeuronView } from '../domain/views.ts';
import { orDash, tokensText } from './number-text.ts';
import { hashOf, routeOf } from './route.ts';
import { nextSorting, searchNeurons, sortNeurons } from './sort-neurons.ts';

const money = (rao: string) => ({ rao, text: `${rao} rao` });

function neuron(uid: number, change: Partial<NeuronView> = {}): NeuronView {
  return { uid, name: `n${uid}`, namespace: 'finance', hotkey: `5Hot${uid}`, coldkey: '5Cold', role: 'Miner', stake: money('0'), delegated: money('0'), take: 0, permit: false, immune: false, notice: null, registeredAtBlock: 1, incentive: 0, dividends: 0, validatorTrust: 0, earnedLastEpoch: money('0'), earnedTotal: money('0'), loss: null, judged: 0, invalidShare: null, weights: null, why: '', reason: 'Earning', urls: [], ...change }; // prettier-ignore
}

const uids = (neurons: readonly NeuronView[]) => neurons.map(({ uid }) => uid);

test('money is compared exactly, beyond what a float can hold', () => {
  const rows = [neuron(0, { stake: money('9007199254740993') }), neuron(1, { stake: money('9007199254740992') })];
  expect(uids(sortNeurons(rows, { key: 'stake', direction: 'ascending' }))).toEqual([1, 0]);
});

test('a loss that is not known stands last in both directions', () => {
  const rows = [neuron(0), neuron(1, { loss: 0.2 }), neuron(2, { loss: 0.1 })];
  expect(uids(sortNeurons(rows, { key: 'loss', direction: 'ascending' }))).toEqual([2, 1, 0]);
  expect(uids(sortNeurons(rows, { key: 'loss', direction: 'descending' }))).toEqual([1, 2, 0]);
});

test('a click on the sorted column turns it, on another one starts at its better end', () => {
  expect(nextSorting({ key: 'uid', direction: 'ascending' }, 'uid').direction).toBe('descending');
  expect(nextSorting({ key: 'uid', direction: 'ascending' }, 'stake').direction).toBe('descending');
  expect(nextSorting({ key: 'uid', direction: 'ascending' }, 'loss').direction).toBe('ascending');
});

test('the search looks at names, keys, numbers and reasons', () => {
  const rows = [neuron(0, { name: 'garch' }), neuron(1, { reason: 'CopyDetected' }), neuron(12)];
  expect(uids(searchNeurons(rows, ' GARCH '))).toEqual([0]);
  expect(uids(searchNeurons(rows, 'copy'))).toEqual([1]);
  expect(uids(searchNeurons(rows, '5hot12'))).toEqual([12]);
  expect(uids(searchNeurons(rows, ''))).toEqual([0, 1, 12]);
});

test.for([
  ['0', 3, '0.000'],
  ['1', 9, '0.000000001'],
  ['7405999999', 3, '7.405'],
  ['21000000000000000', 0, '21 000 000'],
  ['-1500000000', 1, '−1.5'],
] as const)('%s rao with %d decimals is %s', ([rao, decimals, text]) => {
  expect(tokensText(rao, decimals)).toBe(text);
});

test('null is a dash', () => {
  expect(orDash(null, String)).toBe('–');
  expect(orDash(0, String)).toBe('0');
});

test('routes and links are each other’s inverse, and an unknown hash is the list', () => {
  for (const route of [
    { page: 'subnets' },
    { page: 'subnet', netuid: 1 },
    { page: 'neuron', netuid: 1, uid: 3 },
  ] as const) {
    expect(routeOf(hashOf(route))).toEqual(route);
  }
  expect(routeOf('#/subnets/1/neurons/9999')).toEqual({ page: 'subnets' });
});
