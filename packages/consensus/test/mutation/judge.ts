import { isDeepStrictEqual } from 'node:util';
import { checkCase } from '../check-case.ts';
import { epochDigest } from '../frozen-epochs.ts';
import { REFERENCE_CHECKS } from '../reference-checks.ts';
import type { VectorCase } from '../vector-case.ts';
import type { Finding } from './worker.ts';

/** What an implementation is held against. All of it stands in the project's tests as well. */
export interface Evidence {
  /** Whether the reference checks count. */
  readonly checks: boolean;
  readonly cases: readonly VectorCase[];
  /** Digest of the epoch of seed 1, 2, … */
  readonly frozen: readonly string[];
}

/** Which kind of evidence finds a fault first, and by what; undefined when nothing does. Cheap evidence first. */
export function verdictOn(evidence: Evidence): Finding | undefined {
  for (const { name, run, expected } of evidence.checks ? REFERENCE_CHECKS : []) {
    if (!isDeepStrictEqual(run(), expected)) return { by: 'checks', found: name };
  }
  for (const vector of evidence.cases) {
    if (checkCase(vector).length > 0) return { by: 'vectors', found: vector.name };
  }
  for (const [index, digest] of evidence.frozen.entries()) {
    if (epochDigest(index + 1) !== digest) return { by: 'frozen', found: `seed ${index + 1}` };
  }
  return undefined;
}
