import { runEpoch } from '../src/epoch.ts';
import { runKernelEpoch } from '../src/kernel.ts';
import { checkEpochCase } from './epoch-case.ts';
import { ITEM_CHECKERS } from './item-cases.ts';
import { checkSimulatorCase } from './simulator-case.ts';
import { CaseMalformed, type Checker, type VectorCase } from './vector-case.ts';

const CHECKERS: { readonly [kind: string]: Checker } = {
  ...ITEM_CHECKERS,
  epoch: checkBoth,
  simulator: checkSimulatorCase,
};

/** The reference, and when it passes the kernel: a case passes if both do. */
function checkBoth(vector: VectorCase): string[] {
  const found = checkEpochCase(vector, runEpoch);
  if (found.length > 0) return found;
  return checkEpochCase(vector, runKernelEpoch).map((difference) => `kernel: ${difference}`);
}

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
