import { expect, test } from 'vitest';
import { standingOf } from './standing.ts';

const commit = (interval: number, revealInterval: number, revealed: boolean, failure?: string) => ({
  interval,
  revealInterval,
  revealed,
  failure,
});
const open = [{ source: 'Open' as const }];

test.for([
  ['none', '', [], []],
  ['committed', '', [commit(7, 9, false)], []],
  ['revealed', '', [commit(5, 7, true), commit(7, 9, false)], []],
  ['missed', 'NOT_REVEALED', [commit(5, 7, false)], []],
  ['missed', 'TIMELOCK_DECRYPT_FAILED', [commit(5, 7, false, 'TIMELOCK_DECRYPT_FAILED')], []],
  ['missed', 'NOT_REVEALED', [commit(5, 7, true), commit(5, 7, false)], open],
  ['none', '', [commit(6, 8, false)], []],
  ['set', '', [], open],
  ['set', '', [commit(6, 8, false)], open],
  ['committed', '', [commit(7, 8, false)], open],
  ['none', '', [], [{ source: 'Salted' as const }]],
] as const)('weights are %s at the end of interval 7 %s', ([state, reason, commits, rows]) => {
  expect(standingOf(commits, rows, 7)).toEqual({ state, reason });
});
