import type { Incidents } from './incidents.ts';
import type { OutsideAudit, OutsideAuditResult } from './outside-audit.ts';
import { StoreUnavailable } from './ports.ts';
import type { StoredCheckpoint } from './tree-store.ts';

/** One finished audit. */
export interface FinishedAudit {
  readonly result: OutsideAuditResult;
  /** It began at the first entry. */
  readonly isFull: boolean;
}

/**
 * Audits from outside until the signal is aborted: what is new each time, and everything from the first entry in longer
 * intervals and after a finding. What is found is reported where the ledger looks.
 */
export async function runOutsideAudits(options: {
  /** @param kept a checkpoint that the journal has to hold */
  readonly begin: (kept: StoredCheckpoint | undefined) => OutsideAudit;
  /** Undefined: findings are told by metrics and log alone. */
  readonly incidents: Pick<Incidents, 'report'> | undefined;
  readonly everyMs: number;
  readonly fullEveryMs: number;
  readonly monotonicMs: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
  readonly onAudit: (finished: FinishedAudit) => void;
  readonly onFailure: (error: unknown) => void;
}): Promise<void> {
  const { begin, signal, monotonicMs } = options;
  let kept: StoredCheckpoint | undefined;
  let current: { readonly audit: OutsideAudit; readonly begunMs: number } | undefined;
  while (!signal.aborted) {
    if (current !== undefined && isOver(current, monotonicMs(), options.fullEveryMs)) current = undefined;
    const isFull = current === undefined;
    current ??= { audit: begin(kept), begunMs: monotonicMs() };
    try {
      const result = await current.audit.audit();
      options.onAudit({ result, isFull });
      if (result.findings.length > 0) {
        // What is broken in entries that have been followed is told once: only from the first one it shows again.
        current = undefined;
        await options.incidents?.report(result.findings);
      } else {
        kept = result.checkpoint ?? kept;
      }
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      current = undefined; // nobody knows how far it came
      options.onFailure(error);
    }
    await options.sleep(options.everyMs, signal);
  }
}

function isOver(
  { audit, begunMs }: { readonly audit: OutsideAudit; readonly begunMs: number },
  nowMs: number,
  fullEveryMs: number,
): boolean {
  return audit.isStale || nowMs - begunMs >= fullEveryMs;
}
