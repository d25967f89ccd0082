import { expect, test } from 'vitest';
import { type PolicyState, stateAfter, stateByUid } from './policy-state.ts';

const STATE: PolicyState = {
  format: 1,
  neurons: {
    validator: {
      uid: 0,
      firewall: {
        row: [
          [1, 10],
          [2, 20],
          [3, 30],
        ],
        sameEpochs: 2,
        isTurned: true,
      },
    },
    stays: { uid: 1 },
    moves: { uid: 2, standingPpm: 5 },
    leaves: { uid: 3 },
  },
};

test('remembered rows follow their miners to new uids, and forget who left or was replaced', () => {
  const [moved, validator, replaced, stays] = stateByUid(STATE, ['moves', 'validator', 'newcomer', 'stays']);
  expect(validator?.firewall).toEqual({
    row: [
      [0, 20],
      [3, 10],
    ],
    sameEpochs: 2,
    isTurned: true,
  });
  expect(moved?.standingPpm).toBe(5);
  expect(stays).toEqual({ uid: 1 });
  expect(replaced).toBeUndefined();
});

test('a vacant slot has no state, and names of the language are names like others', () => {
  const { neurons } = stateAfter(['__proto__', null, 'constructor'], [{ standingPpm: 1 }, { standingPpm: 2 }, {}]);
  expect(Object.entries(neurons)).toEqual([['__proto__', { uid: 0, standingPpm: 1 }]]);
  const stored = JSON.parse(JSON.stringify({ format: 1, neurons })) as PolicyState;
  expect(stateByUid(stored, ['constructor', '__proto__', null])).toEqual([
    undefined,
    { uid: 0, standingPpm: 1 },
    undefined,
  ]);
});

test('a state that is too large is refused', () => {
  const neurons = Object.fromEntries(Array.from({ length: 4097 }, (_, uid) => [`r${uid}`, { uid }]));
  expect(() => stateByUid({ format: 1, neurons }, [])).toThrow(RangeError);
});
