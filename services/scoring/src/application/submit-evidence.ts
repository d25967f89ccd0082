import type { EvidenceOutcome, EvidenceStore, FaultTerms, StoredEvidence } from './evidence-store.ts';

/** The ledger's door for evidence. Outages are thrown as OutageError. */
export interface SlashReports {
  terms(signal: AbortSignal): Promise<FaultTerms>;
  /** The same evidence again is answered as before. */
  report(
    evidence: Pick<
      StoredEvidence,
      'type' | 'netuid' | 'hotkey' | 'registrationId' | 'offenceBlock' | 'fromEpoch' | 'toEpoch' | 'measured' | 'sha256'
    >,
    signal: AbortSignal,
  ): Promise<Exclude<EvidenceOutcome, { readonly kind: 'waiting' }>>;
}

/** Tells the ledger what waits, and returns how many. Throws at the first outage; nothing is skipped. */
export type SubmitEvidence = (signal: AbortSignal) => Promise<number>;

/** Read at once; each document is a hundred kilobytes or so for a thousand epochs. */
const BATCH = 4;
/** So much nearer than the oldest stake that can be reached: blocks pass while it is told. */
const REACH_BLOCKS = 100;

export function makeSubmitEvidence(ports: {
  readonly store: EvidenceStore & { position(): Promise<{ readonly block: number }> };
  readonly ledger: SlashReports;
  readonly told: (evidence: StoredEvidence, outcome: EvidenceOutcome) => void;
}): SubmitEvidence {
  const { store, ledger } = ports;
  return async (signal) => {
    // A proposal may have changed them; epochs go by what was known when they were scored.
    const terms = await ledger.terms(signal);
    await store.keepFaultTerms(terms);
    let submitted = 0;
    for (;;) {
      const waiting = await store.waitingEvidence(BATCH);
      for (const evidence of waiting) {
        const { block } = await store.position();
        const offenceBlock = reachedFrom(evidence.offenceBlock, terms, block);
        const outcome = await ledger.report({ ...evidence, offenceBlock }, signal);
        // After the ledger has it: a crash before says it again, which changes nothing there.
        await store.settleEvidence(evidence.sha256, outcome);
        ports.told(evidence, outcome);
        submitted += 1;
      }
      if (waiting.length < BATCH) return submitted;
    }
  };
}

/** What stood behind epochs that are longer ago than stake takes to leave answers as far as it is still there. */
function reachedFrom(offenceBlock: number, { unbondingBlocks }: FaultTerms, block: number): number {
  const oldest = block - unbondingBlocks + Math.min(REACH_BLOCKS, Math.floor(unbondingBlocks / 2));
  return Math.min(block, Math.max(offenceBlock, oldest));
}
