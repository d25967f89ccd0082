import type { HoldPosting, HoldRequest, LedgerPort, LedgerResult, SubnetTerms } from '../src/application/ports.ts';

interface MemoryHold {
  readonly account: string;
  remaining: bigint;
  readonly expiresAtBlock: bigint;
}

/** The ledger's contract for holds in memory: idempotent by id, refuses what its book refuses, frees at expiry. */
export class MemoryLedger implements LedgerPort {
  block = 1n;
  readonly posted = new Map<string, bigint>();
  readonly holds = new Map<string, MemoryHold>();
  readonly postings = new Map<string, { readonly content: string; readonly sequence: bigint }>();
  readonly created = new Map<string, string>();
  terms: SubnetTerms[] = [];
  burns = false;
  /** Burned network fees by subnet. */
  readonly fees = new Map<number, bigint>();
  readonly hotkeys = new Map<string, string>();
  #sequence = 0n;

  fund(account: string, rao: bigint): void {
    this.posted.set(account, (this.posted.get(account) ?? 0n) + rao);
  }

  advance(blocks: bigint): void {
    this.block += blocks;
    for (const [id, hold] of this.holds) if (hold.expiresAtBlock <= this.block) this.holds.delete(id);
  }

  total(): bigint {
    return [...this.posted.values()].reduce((sum, rao) => sum + rao, 0n);
  }

  clock() {
    return Promise.resolve({ block: this.block, blockTimeMs: 1000 });
  }

  burnsNetworkFee() {
    return Promise.resolve(this.burns);
  }

  balance(account: string) {
    return Promise.resolve({ postedRao: this.posted.get(account) ?? 0n, heldRao: this.#held(account) });
  }

  createHold(hold: HoldRequest): Promise<LedgerResult> {
    const content = `${hold.account} ${hold.amountRao} ${hold.expiresAtBlock}`;
    const earlier = this.created.get(hold.holdId);
    if (earlier !== undefined) {
      return Promise.resolve(
        earlier === content ? { ok: true, sequence: this.#sequence } : refuse('EXISTS_WITH_DIFFERENT_CONTENT'),
      );
    }
    const spendable = (this.posted.get(hold.account) ?? 0n) - this.#held(hold.account);
    if (spendable < hold.amountRao) return Promise.resolve(refuse('INSUFFICIENT_FUNDS'));
    this.created.set(hold.holdId, content);
    this.holds.set(hold.holdId, {
      account: hold.account,
      remaining: hold.amountRao,
      expiresAtBlock: hold.expiresAtBlock,
    });
    return Promise.resolve(this.#done());
  }

  postHolds(posts: readonly HoldPosting[]): Promise<readonly LedgerResult[]> {
    return Promise.resolve(posts.map((post) => this.#post(post)));
  }

  voidHolds(holdIds: readonly string[]): Promise<readonly LedgerResult[]> {
    return Promise.resolve(
      holdIds.map((id) => {
        if (!this.created.has(id)) return refuse('HOLD_UNKNOWN');
        this.holds.delete(id);
        return this.#done();
      }),
    );
  }

  subnets() {
    return Promise.resolve(this.terms);
  }

  owners() {
    return Promise.resolve(new Map(this.hotkeys));
  }

  #post(post: HoldPosting): LedgerResult {
    const content = JSON.stringify({ ...post, parts: post.parts.map((part) => [part.to, part.amountRao.toString()]) });
    const earlier = this.postings.get(post.id);
    if (earlier !== undefined) {
      return earlier.content === content
        ? { ok: true, sequence: earlier.sequence }
        : refuse('EXISTS_WITH_DIFFERENT_CONTENT');
    }
    const hold = this.holds.get(post.holdId);
    if (hold === undefined) return refuse(this.created.has(post.holdId) ? 'HOLD_CLOSED' : 'HOLD_UNKNOWN');
    const total = post.parts.reduce((sum, part) => sum + part.amountRao, 0n);
    if (total > hold.remaining) return refuse('HOLD_EXCEEDED');
    hold.remaining -= total;
    if (hold.remaining === 0n) this.holds.delete(post.holdId);
    this.fund(hold.account, -total);
    for (const { to, amountRao, netuid } of post.parts) {
      this.fund(to, amountRao);
      if (netuid !== undefined) this.fees.set(netuid, (this.fees.get(netuid) ?? 0n) + amountRao);
    }
    const done = this.#done();
    this.postings.set(post.id, { content, sequence: done.sequence });
    return done;
  }

  #held(account: string): bigint {
    return [...this.holds.values()].reduce((sum, hold) => (hold.account === account ? sum + hold.remaining : sum), 0n);
  }

  #done(): { readonly ok: true; readonly sequence: bigint } {
    this.#sequence += 1n;
    return { ok: true, sequence: this.#sequence };
  }
}

function refuse(reason: string): LedgerResult {
  return { ok: false, reason, message: reason };
}
