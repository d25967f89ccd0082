import { expect, test } from 'vitest';
import { epochDigest, FROZEN_DIGESTS } from '../test/frozen-epochs.ts';
import { REFERENCE_CHECKS } from '../test/reference-checks.ts';

test.for(REFERENCE_CHECKS.map((check) => [check.name, check] as const))('%s', ([, { run, expected }]) => {
  expect(run()).toEqual(expected);
});

test('no epoch gives anything else than it gave', () => {
  expect(FROZEN_DIGESTS).toHaveLength(300);
  expect(FROZEN_DIGESTS.map((_, index) => epochDigest(index + 1))).toEqual(FROZEN_DIGESTS);
});
