import { expect, test } from 'vitest';
import { mergeConditions, transitions, type Condition, type Judgement } from './conditions.ts';
import { withoutAbsent } from './status.ts';

const judgement = (status: Judgement['status'], reason: string): Judgement => ({
  type: 'Ready',
  status,
  reason,
  message: reason,
});

const merge = (previous: readonly Condition[], next: Judgement, second: number): readonly Condition[] =>
  mergeConditions({ previous, judgements: [next], generation: 3, now: new Date(Date.UTC(2026, 0, 1, 0, 0, second)) });

test('lastTransitionTime moves when the status does, and not with the reason', () => {
  const first = merge([], judgement('False', 'PodsStarting'), 1);
  const second = merge(first, judgement('False', 'PodsFailing'), 2);
  const third = merge(second, judgement('True', 'Ready'), 3);
  expect([first, second, third].map((list) => list[0]?.lastTransitionTime)).toEqual([
    '2026-01-01T00:00:01Z',
    '2026-01-01T00:00:01Z',
    '2026-01-01T00:00:03Z',
  ]);
});

test('the same judgement gives the same conditions', () => {
  const first = merge([], judgement('True', 'Ready'), 1);
  expect(merge(first, judgement('True', 'Ready'), 9)).toEqual(first);
});

test('a transition is a change of status or reason', () => {
  const before = merge([], judgement('False', 'PodsStarting'), 1);
  expect(transitions(before, [judgement('False', 'PodsStarting')])).toEqual([]);
  expect(transitions(before, [judgement('False', 'PodsFailing')])).toHaveLength(1);
});

test('a status may leave out, but never carry null', () => {
  expect(withoutAbsent({ a: undefined, b: [{ c: undefined, d: 0 }] })).toEqual({ b: [{ d: 0 }] });
  expect(() => withoutAbsent({ a: { b: null } })).toThrow('status.a.b is null');
});
