import { expect, test } from 'vitest';
import { REFERENCE_CHECKS } from '../test/reference-checks.ts';

test.for(REFERENCE_CHECKS.map((check) => [check.name, check] as const))('%s', ([, { run, expected }]) => {
  expect(run()).toEqual(expected);
});
