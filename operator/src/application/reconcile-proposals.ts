import { proposalName, proposalStatus, type ProposalView } from '#domain/proposal-status.ts';
import type { Outcome } from './ports.ts';

/** Proposals that stand in the cluster: the newest of them. */
export const PROPOSALS_KEPT = 50;
/** Objects that one pass makes or takes away at most; the next one follows at once. */
const CHANGES_PER_PASS = 20;
/** How long a status may be behind the ledger. */
const FRESH_MS = 15_000;
/** Between two looks where the network has no governance. */
const IDLE_MS = 600_000;

/** What the operator asks the ledger's governance. */
export interface ProposalsPort {
  /** The newest ones; undefined where the network has no governance. Throws LedgerUnavailableError. */
  newest(limit: number, signal: AbortSignal): Promise<readonly ProposalView[] | undefined>;
}

/** The Proposal objects of the cluster. */
export interface ProposalObjects {
  names(): readonly string[];
  make(name: string, signal: AbortSignal): Promise<void>;
  /** Writes nothing where the object says so already. */
  writeStatus(name: string, status: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<boolean>;
  remove(name: string, signal: AbortSignal): Promise<void>;
}

/** Keeps one object for each of the newest proposals, and writes what the ledger says of them. */
export function makeReconcileProposals(
  ledger: ProposalsPort,
  objects: ProposalObjects,
): (key: string, signal: AbortSignal) => Promise<Outcome> {
  return async (_key, signal) => {
    const proposals = await ledger.newest(PROPOSALS_KEPT, signal);
    const wanted = new Map((proposals ?? []).map((proposal) => [proposalName(proposal.id), proposal]));
    const there = new Set(objects.names());
    const missing = [...wanted.keys()].filter((name) => !there.has(name)).slice(0, CHANGES_PER_PASS);
    const stale = [...there].filter((name) => !wanted.has(name)).slice(0, CHANGES_PER_PASS - missing.length);
    for (const name of missing) await objects.make(name, signal);
    for (const name of stale) await objects.remove(name, signal);
    for (const [name, proposal] of wanted) {
      if (there.has(name) || missing.includes(name)) await objects.writeStatus(name, proposalStatus(proposal), signal);
    }
    if (missing.length + stale.length === CHANGES_PER_PASS) return { kind: 'requeue', afterMs: 0 };
    return { kind: 'requeue', afterMs: proposals === undefined ? IDLE_MS : FRESH_MS };
  };
}
