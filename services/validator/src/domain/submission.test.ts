import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  afterRevealing,
  afterSending,
  type CommitReveal,
  opensAtMs,
  type Submission,
  submissionSteps,
} from './submission.ts';

const submission = (
  interval: number,
  state: Submission['state'],
  period = 1,
  more: Partial<Submission> = {},
): Submission => ({
  kind: 'Salted',
  interval,
  revealInterval: interval + period,
  commit: new Uint8Array(),
  reveal: new Uint8Array(),
  state,
  block: 0,
  ...more,
});
const open = (interval: number, state: Submission['state'], block: number) =>
  submission(interval, state, 0, { kind: 'Open', block });
const locked = (interval: number, state: Submission['state']) => submission(interval, state, 1, { kind: 'Timelock' });

const SALTED: CommitReveal = { type: 'Salted', revealPeriodEpochs: 1 };
const OFF: CommitReveal = { type: 'Off', rateLimitBlocks: 30 };
type Now = Parameters<typeof submissionSteps>[1];
const now: Now = {
  interval: 5,
  block: 117,
  intervalStart: 100,
  tempo: 20,
  hasPermit: true,
  commitReveal: SALTED,
};
const kinds = (submissions: readonly Submission[], more: Partial<Now> = {}) =>
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
  ['time-locked and due: opens by itself', [locked(4, 'committed')], {}, ['prepare']],
  ['time-locked and over: forgotten', [locked(3, 'committed')], { block: 101 }, ['forget']],
  ['in the open and prepared: sent', [open(5, 'prepared', 0)], {}, ['commit']],
  ['in the open, and told to wait: not yet', [open(5, 'prepared', 118)], {}, []],
  ['in the open, and told to wait: now', [open(5, 'prepared', 117)], {}, ['commit']],
  ['in the open and taken in this interval: done', [open(5, 'revealed', 101)], { commitReveal: OFF }, []],
  ['in the open and taken too lately: wait', [open(4, 'revealed', 88)], { commitReveal: OFF }, []],
  ['in the open and taken long ago: again', [open(3, 'revealed', 87)], { commitReveal: OFF }, ['prepare']],
  ['in the open before the policy changed: no limit', [open(4, 'revealed', 99)], {}, ['prepare']],
] as const)('%s', ([, submissions, more, expected]) => {
  expect(kinds(submissions, more)).toEqual(expected);
});

test('whatever is stored and whenever it is, an interval never gets a second submission', () => {
  const states = fc.constantFrom('prepared' as const, 'committed' as const, 'revealed' as const);
  const ways = fc.constantFrom('Salted' as const, 'Timelock' as const, 'Open' as const);
  const stored = fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 9 }), states, ways), {
    selector: ([interval]) => interval,
  });
  const policies = fc.constantFrom(SALTED, OFF);
  const at = fc.record({ interval: fc.integer({ min: 1, max: 9 }), block: fc.integer({ min: 80, max: 140 }) });
  fc.assert(
    fc.property(stored, at, policies, (entries, { interval, block }, commitReveal) => {
      const submissions = entries.map(([each, state, kind]) => submission(each, state, 1, { kind }));
      const steps = submissionSteps(submissions, { ...now, interval, block, commitReveal });
      const sent = steps.filter(({ kind }) => kind === 'commit' || kind === 'prepare');
      expect(sent.length).toBeLessThanOrEqual(1);
      const isStored = submissions.some((one) => one.interval === interval);
      expect(isStored && steps.some(({ kind }) => kind === 'prepare')).toBe(false);
    }),
  );
});

test('time-locked weights open a quarter into the interval of their reveal', () => {
  const at = { nowMs: 1_000_000, block: 116, intervalStart: 100, tempo: 20, blockTimeMs: 2000 };
  expect(opensAtMs({ ...at, revealPeriodEpochs: 1 })).toBe(1_000_000 + (125 - 116) * 2000);
  expect(opensAtMs({ ...at, revealPeriodEpochs: 3 })).toBe(1_000_000 + (165 - 116) * 2000);
  // An interval that is longer than it should be: never in the past.
  expect(opensAtMs({ ...at, block: 500, revealPeriodEpochs: 1 })).toBe(1_000_000 + 2000);
});

const refused = (reason: string, retryAtBlock = 0) => ({ kind: 'refused' as const, reason, message: '', retryAtBlock });

test('what was taken is committed, or known to everybody', () => {
  const taken = { kind: 'taken' as const, block: 117 };
  expect(afterSending(submission(5, 'prepared'), taken)).toMatchObject({ state: 'committed' });
  expect(afterSending(locked(5, 'prepared'), taken)).toMatchObject({ state: 'committed' });
  expect(afterSending(open(5, 'prepared', 0), taken)).toMatchObject({ state: 'revealed', block: 117 });
});

test('what was refused is made anew, repeated, or given up for the interval', () => {
  const prepared = submission(5, 'prepared');
  for (const reason of ['NO_PERMIT', 'WRONG_INTERVAL', 'WRONG_COMMIT_REVEAL_TYPE', 'TIMELOCK_ROUND_PASSED']) {
    expect(afterSending(prepared, refused(reason))).toBeUndefined();
  }
  expect(afterSending(prepared, refused('QUEUE_FULL'))).toBe(prepared);
  expect(afterSending(open(5, 'prepared', 0), refused('TOO_FREQUENT', 131))).toMatchObject({
    state: 'prepared',
    block: 131,
  });
  expect(afterSending(prepared, refused('COMMIT_EXISTS'))).toMatchObject({ state: 'committed' });
  expect(afterRevealing(prepared, refused('QUEUE_FULL'))).toBe(prepared);
  expect(afterRevealing(prepared, refused('REVEAL_MISMATCH'))).toMatchObject({ state: 'revealed' });
});
