import { CHECKS } from '#domain/audit/finding.ts';
import type { OutsideAuditResult } from '#application/outside-audit.ts';
import type { FinishedAudit } from '#application/run-outside-audits.ts';
import type { Metrics } from '@subnetes/telemetry/metrics';

/** One audit as a line of JSON, for programs. */
export function auditJson({ findings, entries, headHash, accounts, checkpoint }: OutsideAuditResult): string {
  const signed = checkpoint === undefined ? null : { entries: checkpoint.size };
  return JSON.stringify({ ok: findings.length === 0, entries, headHash, accounts, checkpoint: signed, findings });
}

/** One audit in words. */
export function auditText({ findings, entries, headHash, accounts, checkpoint }: OutsideAuditResult): string {
  const signed = checkpoint === undefined ? 'none is signed' : `the tree of ${checkpoint.size} entries`;
  const facts = [
    `entries     ${entries}, followed from the first; head sha256:${headHash.slice(0, 16)}…`,
    `accounts    ${accounts}, each balance recomputed`,
    `checkpoint  ${signed}`,
  ];
  const verdict =
    findings.length === 0
      ? ['✔ The books hold.']
      : findings.map(
          ({ check, sequence, message }) => `✘ ${check}${sequence === 0 ? '' : ` at ${sequence}`}: ${message}`,
        );
  return [...facts, ...verdict].join('\n');
}

/** Turns audits into the catalogue's metrics. */
export function tellAudit(metrics: Metrics, { result, isFull }: FinishedAudit, timeMs: number): void {
  for (const check of CHECKS) {
    const found = result.findings.filter((finding) => finding.check === check).length;
    metrics.set('subnetes_audit_findings', { check }, found);
  }
  metrics.set('subnetes_audit_entries', {}, result.entries);
  metrics.set('subnetes_audit_timestamp_seconds', {}, timeMs / 1000);
  if (isFull) metrics.set('subnetes_audit_full_timestamp_seconds', {}, timeMs / 1000);
}
