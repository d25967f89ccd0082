import { expect, test } from 'vitest';
import { type OldestRange, reasonToKeep } from './archivable.ts';

const done: OldestRange = {
  number: 0,
  firstSequence: 1,
  endSequence: 101,
  headSequence: 101,
  signedSize: 100,
  untold: 0,
  unpaid: 0,
  incidents: 0,
};

test('a range that is full, signed, told and paid may go', () => {
  expect(reasonToKeep(done)).toBeUndefined();
});

test.for<readonly [string, Partial<OldestRange>, RegExp]>([
  ['is the last one', { headSequence: 100 }, /still written/],
  ['is not signed to its end', { signedSize: 99 }, /ends at entry 99/],
  ['has an event that nobody was told of', { untold: 1 }, /the bus/],
  ['has an epoch that waits for its payment', { unpaid: 1 }, /not paid/],
  ['may be wrong', { incidents: 1 }, /findings/],
])('one that %s stays', ([, change, reason]) => {
  expect(reasonToKeep({ ...done, ...change })).toMatch(reason);
});
