import { EMISSION_CHECKS } from './emission-checks.ts';
import { FIXED_CHECKS } from './fixed-checks.ts';
import { REFUSAL_CHECKS } from './refusal-checks.ts';
import { STEP_CHECKS } from './step-checks.ts';

/** One fact about the implementation, as data: the unit tests and the mutation run hold the same ones. */
export interface ReferenceCheck {
  readonly name: string;
  readonly run: () => unknown;
  readonly expected: unknown;
}

export const REFERENCE_CHECKS: readonly ReferenceCheck[] = [
  ...FIXED_CHECKS,
  ...STEP_CHECKS,
  ...EMISSION_CHECKS,
  ...REFUSAL_CHECKS,
];
