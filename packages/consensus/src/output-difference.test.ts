import { expect, test } from 'vitest';
import { EXAMPLE } from './test/worked-example.ts';
import { toStored } from './epoch-json.ts';
import { runEpoch } from './epoch.ts';
import { firstDifferences } from './output-difference.ts';

const outputs = (
  neurons: readonly { readonly uid: number; readonly incentive: number }[] = [{ uid: 7, incentive: 5 }],
) => ({
  format: 1,
  mechanisms: [{ id: 0, output: toStored(runEpoch(EXAMPLE)), payout: { incentive: ['1', '2'], unattributed: '3' } }],
  neurons,
  unattributed: '3',
});
const changed = (path: readonly (string | number)[], value: unknown): unknown => {
  const copy = structuredClone(outputs()) as unknown as Record<string | number, unknown>;
  const holder = path.slice(0, -1).reduce((at, part) => at[part] as Record<string | number, unknown>, copy);
  holder[path.at(-1) ?? ''] = value;
  return copy;
};

test('equal documents do not differ', () => {
  expect(firstDifferences(outputs(), structuredClone(outputs()), 20)).toEqual([]);
});

test.for<[readonly (string | number)[], unknown, object]>([
  [['mechanisms', 0, 'output', 'incentive', 4], '9', { field: 'mechanisms[0].output.incentive', uid: 4, place: '' }],
  [
    ['mechanisms', 0, 'output', 'u16', 'rank', 5],
    9,
    { field: 'mechanisms[0].output.u16.rank', uid: 5, recomputed: '9' },
  ],
  [
    ['mechanisms', 0, 'output', 'weights', 1, 0, 1],
    '9',
    { field: 'mechanisms[0].output.weights', uid: 1, place: 'entry 0' },
  ],
  [
    ['mechanisms', 0, 'payout', 'incentive', 1],
    '9',
    { field: 'mechanisms[0].payout.incentive', uid: 1, stored: '"2"' },
  ],
  [['mechanisms', 0, 'payout', 'unattributed'], '9', { field: 'mechanisms[0].payout.unattributed', uid: undefined }],
  [['neurons', 0, 'incentive'], 6, { field: 'neurons.incentive', uid: 7, stored: '5', recomputed: '6' }],
  [['unattributed'], undefined, { field: 'unattributed', uid: undefined, stored: '"3"', recomputed: undefined }],
  [['mechanisms', 0, 'id'], 'x'.repeat(500), { field: 'mechanisms[0].id', stored: '0' }],
])('a difference at %j is told by field and uid', ([path, value, expected]) => {
  const [difference, ...others] = firstDifferences(outputs(), changed(path, value), 20);
  expect(difference).toMatchObject(expected);
  expect(others).toEqual([]);
  expect((difference?.recomputed ?? '').length).toBeLessThan(100);
});

test('a missing neuron is one difference, and many are cut at the limit', () => {
  expect(firstDifferences(outputs(), outputs([]), 20)).toMatchObject([
    { field: 'neurons', uid: 7, recomputed: undefined },
  ]);
  const other = { ...outputs(), mechanisms: [{ id: 0, output: toStored(runEpoch({ ...EXAMPLE, ownerUid: 4 })) }] };
  expect(firstDifferences(outputs(), other, 3)).toHaveLength(3);
  expect(firstDifferences({ a: 1 }, [1], 20)).toMatchObject([{ field: '', stored: '{"a":1}', recomputed: '[1]' }]);
});
