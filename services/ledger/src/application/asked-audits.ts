import { accept, type Decision, refuse } from '#domain/book/refusal.ts';
import type { Hashes } from '#domain/economy/ledger.ts';
import { type Auditor, type AuditResult, type ChainResult, verifyJournal } from './audit.ts';
import type { JournalStore } from './ports.ts';
import type { LaneTime } from './signature-lane.ts';

export interface AskedAuditPorts {
  readonly auditor: Pick<Auditor, 'audit'>;
  readonly store: JournalStore;
  readonly hashes: Pick<Hashes, 'chain'>;
  readonly time: LaneTime;
}

export interface AskedAudit {
  readonly result: AuditResult;
  /** Absent unless it was asked for. */
  readonly chain: ChainResult | undefined;
}

/** Audits that are under way or wait, at most. */
export const ASKED_MAX = 16;

/**
 * Audits that anybody may ask for. One goes after the other, and between two pages of the journal as much time is left to other work
 * as the one before took: a pass over ten million entries takes minutes of the one thread, and whoever asks pays nothing.
 */
export class AskedAudits {
  readonly #ports: AskedAuditPorts;
  #asked = 0;
  #last: Promise<unknown> = Promise.resolve();
  #resumedMs = 0;

  constructor(ports: AskedAuditPorts) {
    this.#ports = ports;
  }

  /** @param verifyChain whether each entry's hash and each balance are recomputed as well. */
  async audit(verifyChain: boolean): Promise<Decision<AskedAudit>> {
    if (this.#asked >= ASKED_MAX) return refuse('PROOFS_BUSY', 'too many audits are asked for: try again later');
    this.#asked += 1;
    const audited = this.#last.then(() => this.#run(verifyChain));
    this.#last = audited.catch(() => {}).then(() => this.#pause()); // the caller has the error
    try {
      return accept(await audited);
    } finally {
      this.#asked -= 1;
    }
  }

  async #run(verifyChain: boolean): Promise<AskedAudit> {
    const { auditor, store, hashes, time } = this.#ports;
    this.#resumedMs = time.monotonicMs();
    const result = await auditor.audit();
    const chain = verifyChain ? await verifyJournal(store, hashes, () => this.#pause()) : undefined;
    return { result, chain };
  }

  /** For as long as it worked since the last one. */
  async #pause(): Promise<void> {
    const { time } = this.#ports;
    await time.sleep(time.monotonicMs() - this.#resumedMs);
    this.#resumedMs = time.monotonicMs();
  }
}
