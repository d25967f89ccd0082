import type { decideCommit } from '#domain/commit.ts';
import type { decideOpening } from '#domain/opening.ts';
import type { decideReveal } from '#domain/reveal.ts';
import type { decideSet } from '#domain/set-weights.ts';
import { STORED, subnetWith } from './judged.ts';

/** What is fuzzed; a test puts one with a hole in its place. */
export interface FuzzSubject {
  readonly decideCommit: typeof decideCommit;
  readonly decideReveal: typeof decideReveal;
  readonly decideSet: typeof decideSet;
  readonly decideOpening: typeof decideOpening;
}

export interface FuzzFinding {
  readonly layer: string;
  readonly what: string;
  /** What shows it: a row as JSON, or bytes in hex. */
  readonly input: string;
}

const FINDINGS_MAX = 20;

export const OFF = subnetWith({ commitReveal: { type: 'Off' } });
/** In the interval in which the commit has to be revealed. */
export const WINDOW = subnetWith({}, 7);
export const LOCKED = { ...STORED, kind: 'Timelock' as const };

/** Counts what was decided, and keeps what was decided wrongly. */
export class FuzzRun {
  readonly findings: FuzzFinding[] = [];
  readonly refused: Record<string, number> = {};
  accepted = 0;

  /** Compares what was decided with what the rules say; whatever is thrown is a finding. */
  judge(layer: string, input: () => string, expected: boolean, decide: () => string | undefined): void {
    let code: string | undefined;
    try {
      code = decide();
    } catch (error) {
      this.#find(layer, `it threw ${String(error)}`, input);
      return;
    }
    if (code === undefined) this.accepted += 1;
    else this.refused[code] = (this.refused[code] ?? 0) + 1;
    if ((code === undefined) !== expected) {
      this.#find(layer, expected ? `a valid one was refused: ${code}` : 'an invalid one was accepted', input);
    }
  }

  #find(layer: string, what: string, input: () => string): void {
    if (this.findings.length < FINDINGS_MAX) this.findings.push({ layer, what, input: input() });
  }
}

/** The code of a refusal; undefined for what was taken. */
export function codeOf(decision: object): string | undefined {
  return 'refusal' in decision ? (decision.refusal as { readonly code: string }).code : undefined;
}
