import type { Finding } from '#domain/audit/finding.ts';

/** Findings of the audit from outside, kept beside the journal until a person clears them. */
export interface Incidents {
  /** How many are open. Throws StoreUnavailable when nobody knows. */
  countOpen(): Promise<number>;
  /** Opens one for each check that is broken; one that is open already stays as it was found first. */
  report(findings: readonly Finding[]): Promise<void>;
  /** Closes the open one of a check, or of all; answers how many. */
  clear(check: string | undefined, because: string): Promise<number>;
}

/** Where nobody audits from outside. */
export const NO_INCIDENTS: Pick<Incidents, 'countOpen'> = { countOpen: async () => 0 };
