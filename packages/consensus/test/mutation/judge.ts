import { isDeepStrictEqual } from 'node:util';
import { canonicalJson, toStored } from '../../src/epoch-json.ts';
import type { EpochOutput } from '../../src/epoch-types.ts';
import { runEpoch } from '../../src/epoch.ts';
import { checkCase } from '../check-case.ts';
import { randomNetwork } from '../random-network.ts';
import { REFERENCE_CHECKS } from '../reference-checks.ts';
import type { VectorCase } from '../vector-case.ts';
import type { Finding } from './worker.ts';

/** What an implementation is held against. All of it stands in the project's tests as well. */
export interface Evidence {
  /** Whether the reference checks count. */
  readonly checks: boolean;
  readonly cases: readonly VectorCase[];
  /** Outputs of the unchanged kernel for the random networks of seed 1, 2, …, as text. */
  readonly kernel: readonly string[];
}

/** Which kind of evidence finds a fault first, and by what; undefined when nothing does. Cheap evidence first. */
export function verdictOn(evidence: Evidence): Finding | undefined {
  for (const { name, run, expected } of evidence.checks ? REFERENCE_CHECKS : []) {
    if (!isDeepStrictEqual(run(), expected)) return { by: 'checks', found: name };
  }
  for (const vector of evidence.cases) {
    if (checkCase(vector).length > 0) return { by: 'vectors', found: vector.name };
  }
  for (const [index, output] of evidence.kernel.entries()) {
    if (textOf(runEpoch(randomNetwork(index + 1).first)) !== output)
      return { by: 'kernel', found: `seed ${index + 1}` };
  }
  return undefined;
}

export function textOf(output: EpochOutput): string {
  return canonicalJson(toStored(output));
}
