import { checkEpochCase } from './epoch-case.ts';
import { ITEM_CHECKERS } from './item-cases.ts';
import { checkSimulatorCase } from './simulator-case.ts';
import { CaseMalformed, type Checker, type VectorCase } from './vector-case.ts';

const CHECKERS: { readonly [kind: string]: Checker } = {
  ...ITEM_CHECKERS,
  epoch: checkEpochCase,
  simulator: checkSimulatorCase,
};

/** Differences of a case; a kind without a checker and a case that cannot be read are differences too. */
export function checkCase(vector: VectorCase): string[] {
  const check = CHECKERS[vector.kind];
  if (check === undefined) return [`unknown kind ${vector.kind}`];
  try {
    return check(vector);
  } catch (error) {
    if (error instanceof CaseMalformed || error instanceof RangeError) return [error.message];
    throw error;
  }
}
