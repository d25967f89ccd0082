import type { FaultCondition } from '#domain/faults/fault.ts';
import { report } from './market.ts';

export const UNAVAILABLE: FaultCondition = { type: 'Unavailable', epochs: 3, atLeast: 5 };
/** Hash of what shows failed audits. */
export const SHOWN = 'd'.repeat(64);

/** What a validator says of miners: uid, unanswered, failed audits. */
export type Said = readonly (readonly [uid: number, unanswered: number, failedAudits?: number])[];

/** The report that says it. */
export const reportOf = (said: Said) =>
  report(
    said.map(([uid, unanswered, failedAudits = 0]) => ({
      uid,
      answers: 20,
      invalid: unanswered,
      ...(unanswered + failedAudits === 0
        ? {}
        : { faults: { unanswered, failedAudits, auditsSha256: failedAudits > 0 ? SHOWN : '' } }),
    })),
  );

/** The rule by itself: runs of epochs with the fault, the newest three of them five on average; what is proven is used up. */
export function expectedOf(counts: readonly number[]): (readonly [number, number])[] {
  const found: (readonly [number, number])[] = [];
  let run: number[] = [];
  for (const [at, count] of counts.entries()) {
    run = count === 0 ? [] : [...run, count].slice(-UNAVAILABLE.epochs);
    const total = run.reduce((sum, each) => sum + each, 0);
    if (run.length < UNAVAILABLE.epochs || Math.floor(total / run.length) < UNAVAILABLE.atLeast) continue;
    found.push([at + 2 - run.length + 1, at + 2]);
    run = [];
  }
  return found;
}
