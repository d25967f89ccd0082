import fc from 'fast-check';
import { expect, test } from 'vitest';
import { submissionSteps } from './submission.ts';
import type { Submission } from './submission.ts';

const submission = (interval: number, state: Submission['state'], period = 1): Submission => ({
  interval,
  revealInterval: interval + period,
  commit: new Uint8Array(),
  reveal: new Uint8Array(),
  state,
});
const now = { interval: 5, block: 117, intervalStart: 100, tempo: 20, hasPermit: true };
const kinds = (submissions: readonly Submission[], more: Partial<typeof now> = {}) =>
  submissionSteps(submissions, { ...now, ...more }).map(({ kind }) => kind);

test.for([
  ['nothing is stored: weights are prepared', [], {}, ['prepare']],
  ['it is early in the interval: nothing', [], { block: 111 }, []],
  ['there is no permit: nothing', [], { hasPermit: false }, []],
  ['prepared before a crash: the same is committed', [submission(5, 'prepared')], {}, ['commit']],
  ['committed in this interval: wait', [submission(5, 'committed')], {}, []],
  ['due: revealed, and the next prepared', [submission(4, 'committed')], {}, ['reveal', 'prepare']],
  ['perhaps committed before a crash: revealed', [submission(4, 'prepared')], { block: 101 }, ['reveal']],
  ['revealed: done', [submission(4, 'revealed'), submission(5, 'committed')], {}, []],
  ['missed: forgotten', [submission(3, 'committed')], { block: 101 }, ['forget']],
  ['a longer period: waits', [submission(4, 'committed', 2)], { block: 101 }, []],
] as const)('%s', ([, submissions, more, expected]) => {
  expect(kinds(submissions, more)).toEqual(expected);
});

test('whatever is stored and whenever it is, an interval never gets a second commit', () => {
  const states = fc.constantFrom('prepared' as const, 'committed' as const, 'revealed' as const);
  const stored = fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 9 }), states), {
    selector: ([interval]) => interval,
  });
  fc.assert(
    fc.property(stored, fc.integer({ min: 1, max: 9 }), fc.integer({ min: 80, max: 140 }), (pairs, interval, block) => {
      const submissions = pairs.map(([at, state]) => submission(at, state));
      const steps = submissionSteps(submissions, { ...now, interval, block });
      const commits = steps.filter(({ kind }) => kind === 'commit' || kind === 'prepare');
      expect(commits.length).toBeLessThanOrEqual(1);
      const isStored = submissions.some((one) => one.interval === interval);
      expect(isStored && steps.some(({ kind }) => kind === 'prepare')).toBe(false);
    }),
  );
});
