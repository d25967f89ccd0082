import { describe, expect, test } from 'vitest';
import { decideCommit } from '#domain/commit.ts';
import { decideOpening } from '#domain/opening.ts';
import { decideReveal } from '#domain/reveal.ts';
import type { RefusalCode } from '#domain/refusal.ts';
import { decideSet } from '#domain/set-weights.ts';
import { rowOf } from '#domain/weights.ts';
import type { FuzzSubject } from './fuzz-run.ts';
import { fuzzWeights } from './fuzz-weights.ts';
import { STORED } from './judged.ts';

const NONE = { rows: 0, payloads: 0, locks: 0, envelopes: 0, openings: 0 };
const FEW = { rows: 3000, payloads: 3000, locks: 3000, envelopes: 200, openings: 20 };

test('nothing is judged wrongly', () => {
  const { findings, accepted } = fuzzWeights(1, FEW);
  expect(findings).toEqual([]);
  expect(accepted).toBeGreaterThan(1000);
});

describe('a hole is found', () => {
  const rowHoles: readonly RefusalCode[] = [
    'WRONG_VERSION',
    'LENGTH_MISMATCH',
    'TOO_MANY_WEIGHTS',
    'TOO_FEW_WEIGHTS',
    'NOT_AN_INTEGER',
    'UID_OUT_OF_RANGE',
    'WEIGHT_OUT_OF_RANGE',
    'SALT_TOO_LONG',
    'SALT_OUT_OF_RANGE',
    'UIDS_NOT_ASCENDING',
    'DUPLICATE_UID',
    'UNKNOWN_UID',
    'SELF_WEIGHT',
    'ZERO_WEIGHTS',
    'MAX_WEIGHT_EXCEEDED',
    'REPORT_MALFORMED',
    'REPORT_NOT_A_NUMBER',
  ];

  test.for(rowHoles)('no %s among rows', (code) => {
    const { findings } = fuzzWeights(1, { ...NONE, rows: 3000 }, without(code));
    expect(findings.map(({ what }) => what)).toContain('an invalid one was accepted');
  });

  const payloadHoles: readonly RefusalCode[] = [
    'UNKNOWN_SUBNET',
    'UNKNOWN_MECHANISM',
    'WRONG_INTERVAL',
    'NO_COMMIT',
    'COMMIT_HASH_MALFORMED',
    'TIMELOCK_MISMATCH',
  ];

  test.for(payloadHoles)('no %s among payloads', (code) => {
    const { findings } = fuzzWeights(1, { ...NONE, payloads: 3000 }, without(code));
    expect(findings.map(({ what }) => what)).toContain('an invalid one was accepted');
  });

  const lockHoles: readonly RefusalCode[] = [
    'TIMELOCK_MALFORMED',
    'TIMELOCK_WRONG_BEACON',
    'TIMELOCK_ROUND_PASSED',
    'TIMELOCK_ROUND_TOO_FAR',
  ];

  test.for(lockHoles)('no %s among locks', (code) => {
    const { findings } = fuzzWeights(1, { ...NONE, locks: 3000 }, without(code));
    expect(findings.map(({ what }) => what)).toContain('an invalid one was accepted');
  });

  test('a valid one that is refused, and one that makes the code throw', () => {
    const refusing: FuzzSubject['decideSet'] = () => ({ refusal: { code: 'QUEUE_FULL', message: '' } });
    const throwing: FuzzSubject['decideReveal'] = () => {
      throw new RangeError('a bug');
    };
    const refused = fuzzWeights(1, { ...NONE, rows: 50 }, { decideSet: refusing }).findings;
    expect(refused).toContainEqual(expect.objectContaining({ what: 'a valid one was refused: QUEUE_FULL' }));
    const thrown = fuzzWeights(1, { ...NONE, rows: 50 }, { decideReveal: throwing }).findings;
    expect(thrown).toContainEqual(expect.objectContaining({ layer: 'reveal', what: 'it threw RangeError: a bug' }));
  });
});

/** Decisions that take what one code would refuse. */
function without(code: RefusalCode): FuzzSubject {
  const isHole = (decision: object): boolean =>
    'refusal' in decision && (decision.refusal as { readonly code: RefusalCode }).code === code;
  return {
    decideCommit: (commit, sender, facts) => {
      const decision = decideCommit(commit, sender, facts);
      return isHole(decision) ? { accept: STORED, repeated: false } : decision;
    },
    decideReveal: (reveal, sender, facts) => {
      const decision = decideReveal(reveal, sender, facts);
      return isHole(decision) ? { accept: rowOf(STORED, 3, reveal), repeated: false } : decision;
    },
    decideSet: (set, sender, facts) => {
      const decision = decideSet(set, sender, facts);
      return isHole(decision) ? { accept: rowOf(STORED, 3, set), repeated: false } : decision;
    },
    decideOpening: (commit, opened, facts) => {
      const decision = decideOpening(commit, opened, facts);
      return isHole(decision) ? { accept: rowOf(commit, 3, opened) } : decision;
    },
  };
}
