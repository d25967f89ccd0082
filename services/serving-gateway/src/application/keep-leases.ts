import { Lease, type Reservation } from '../domain/lease.ts';
import { refuse, type Refusal } from '../domain/refusal.ts';
import type { Billing, GatewayObserver, UsageSpool } from './ports.ts';

export interface LeaseSettings {
  /** What a lease is asked for; billing grants at most what the account has. */
  readonly leaseRao: bigint;
  /** How long to go on asking while a lease of our own that has ended still holds the account's money. */
  readonly patienceMs: number;
}

export interface LeaseDeps {
  readonly billing: Billing;
  readonly spool: UsageSpool;
  readonly observer: GatewayObserver;
  readonly settings: LeaseSettings;
  readonly newLeaseId: () => string;
  readonly monotonicMs: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

const RETRY_MS = 100;
/** How long an account that has nothing left is not asked for again: a client that hammers costs billing nothing. */
const REFUSED_MS = 1000;
/** How long a question without an answer is repeated as it was; then its lease is closed, whether or not it stands. */
const UNANSWERED_MS = 60_000;

/** A lease that billing was asked for. Until it answers nobody knows whether it holds money. */
interface AskedLease {
  readonly leaseId: string;
  readonly account: string;
  readonly maxRao: bigint;
  readonly sinceMs: number;
}

/** One account's leases: the one that is spent from, and those that wait for their last requests. */
class AccountLeases {
  current: Lease | undefined;
  ttlMs = 0;
  readonly closing = new Set<Lease>();
  asking: Promise<Refusal | undefined> | undefined;
  unanswered: AskedLease | undefined;
  /** The last refusal for want of money, and until when it is repeated. */
  refused: { readonly refusal: Refusal; readonly untilMs: number } | undefined;
  /** Monotonic milliseconds until which a closed lease may still hold money at the ledger. */
  releasingUntilMs = 0;
}

/** Reserves money for requests out of leases; asks billing only when a lease is missing, ends or runs low. */
export class Leases {
  readonly #deps: LeaseDeps;
  readonly #accounts = new Map<string, AccountLeases>();
  /** Lease by id, until it is closed. */
  readonly #open = new Map<string, { readonly lease: Lease; readonly owner: AccountLeases; readonly netuid: number }>();

  constructor(deps: LeaseDeps) {
    this.#deps = deps;
  }

  get openCount(): number {
    return this.#open.size;
  }

  /** Reserves `maxRao` for one request. A refusal names what to do; outages of billing are refusals too. */
  async reserve(account: string, maxRao: bigint, netuid: number): Promise<Reservation | Refusal> {
    const known = this.#accounts.get(account) ?? new AccountLeases();
    this.#accounts.set(account, known);
    for (let tries = 0; tries < 3; tries += 1) {
      const nowMs = this.#deps.monotonicMs();
      const reservation = known.current?.reserve(maxRao, nowMs);
      if (reservation !== undefined) {
        if (known.current?.shouldRenew(nowMs, known.ttlMs) === true) void this.#ask(known, account, { maxRao, netuid });
        return reservation;
      }
      const refusal = await this.#ask(known, account, { maxRao, netuid });
      if (refusal !== undefined) return known.current?.reserve(maxRao, this.#deps.monotonicMs()) ?? refusal;
    }
    return budgetExhausted(account, maxRao);
  }

  /** Ends a reservation and, with the last one of a lease that is no longer spent from, the lease. */
  settle(reservation: Reservation, costRao: bigint): void {
    const open = this.#open.get(reservation.leaseId);
    if (open === undefined) throw new Error(`lease ${reservation.leaseId} is closed already`);
    open.lease.settle(reservation, costRao);
    if (open.owner.closing.has(open.lease)) this.#closeIfDone(open.owner, open.lease);
  }

  /** Closes leases that have ended without being renewed, and those that billing never told of. */
  sweep(): void {
    const nowMs = this.#deps.monotonicMs();
    for (const owner of this.#accounts.values()) {
      if (owner.asking === undefined && isStale(owner.unanswered, nowMs)) this.#giveUp(owner);
    }
    for (const { lease, owner } of this.#open.values()) {
      if (owner.current === lease && nowMs >= lease.grant.expiresAtMs) this.#retire(owner);
    }
  }

  /** Closes everything that has no request in flight; the last word before the process ends. */
  async closeAll(): Promise<void> {
    const owners = [...this.#accounts.values()];
    await Promise.all(owners.flatMap(({ asking }) => asking ?? []));
    for (const owner of owners) {
      this.#retire(owner);
      this.#giveUp(owner);
    }
  }

  /** One question at a time for each account: everybody who needs the answer waits for the same one. */
  #ask(
    known: AccountLeases,
    account: string,
    need: { readonly maxRao: bigint; readonly netuid: number },
  ): Promise<Refusal | undefined> {
    if (known.refused !== undefined && this.#deps.monotonicMs() < known.refused.untilMs) {
      return Promise.resolve(known.refused.refusal);
    }
    known.asking ??= this.#renew(known, account, need).finally(() => {
      known.asking = undefined;
    });
    return known.asking;
  }

  async #renew(
    known: AccountLeases,
    account: string,
    need: { readonly maxRao: bigint; readonly netuid: number },
  ): Promise<Refusal | undefined> {
    const { billing, settings, observer, monotonicMs, sleep, spool } = this.#deps;
    const startedMs = monotonicMs();
    for (;;) {
      // An ended lease keeps money at the ledger: it is closed first, so that the next one can have it.
      if (known.current !== undefined && !isUsable(known.current, need.maxRao, monotonicMs())) this.#retire(known);
      const asked = this.#asked(known, account, need);
      const askedAtMs = monotonicMs();
      const granted = await billing.grantLease(asked);
      if (granted.ok) {
        known.unanswered = undefined;
        this.#retire(known);
        const { leaseId } = asked;
        const expiresAtMs = askedAtMs + granted.ttlMs;
        known.current = new Lease({ leaseId, account, maxRao: granted.maxRao, expiresAtMs });
        known.ttlMs = granted.ttlMs;
        this.#open.set(leaseId, { lease: known.current, owner: known, netuid: need.netuid });
        observer.leased('granted');
        return undefined;
      }
      observer.leased(granted.code === 'budget_exhausted' ? 'refused' : 'failed');
      if (granted.mayStand === true) return granted; // the next question is the same one
      known.unanswered = undefined;
      spool.leaseRefused(asked.leaseId);
      const mayBeFreed = known.closing.size > 0 || monotonicMs() < known.releasingUntilMs;
      if (granted.code !== 'budget_exhausted') return granted;
      if (!mayBeFreed || monotonicMs() - startedMs > settings.patienceMs) {
        known.refused = { refusal: granted, untilMs: monotonicMs() + REFUSED_MS };
        return granted;
      }
      await sleep(RETRY_MS);
    }
  }

  /** What billing is asked for: again the lease of a question without an answer, which may hold the money already. */
  #asked(
    known: AccountLeases,
    account: string,
    { maxRao: neededRao, netuid }: { readonly maxRao: bigint; readonly netuid: number },
  ): AskedLease {
    const { settings, newLeaseId, monotonicMs, spool } = this.#deps;
    const maxRao = neededRao > settings.leaseRao ? neededRao : settings.leaseRao;
    const earlier = known.unanswered;
    if (earlier !== undefined && earlier.maxRao >= maxRao && !isStale(earlier, monotonicMs())) return earlier;
    this.#giveUp(known);
    known.unanswered = { leaseId: newLeaseId(), account, maxRao, sinceMs: monotonicMs() };
    // Before billing hears of it: who is killed in between closes it when it comes back.
    spool.leaseOpened(known.unanswered, netuid);
    return known.unanswered;
  }

  #giveUp(known: AccountLeases): void {
    const asked = known.unanswered;
    if (asked === undefined) return;
    known.unanswered = undefined;
    known.releasingUntilMs = this.#deps.monotonicMs() + this.#deps.settings.patienceMs;
    this.#deps.spool.leaseClosed(asked, 0n);
  }

  #retire(known: AccountLeases): void {
    const lease = known.current;
    if (lease === undefined) return;
    known.current = undefined;
    known.closing.add(lease);
    this.#closeIfDone(known, lease);
  }

  #closeIfDone(known: AccountLeases, lease: Lease): void {
    if (lease.open > 0) return;
    known.closing.delete(lease);
    this.#open.delete(lease.grant.leaseId);
    known.releasingUntilMs = this.#deps.monotonicMs() + this.#deps.settings.patienceMs;
    this.#deps.spool.leaseClosed(lease.grant, lease.lastCounter);
  }
}

function isStale(asked: AskedLease | undefined, nowMs: number): boolean {
  return asked !== undefined && nowMs - asked.sinceMs >= UNANSWERED_MS;
}

function isUsable(lease: Lease, maxRao: bigint, nowMs: number): boolean {
  return nowMs < lease.grant.expiresAtMs && lease.leftRao >= maxRao;
}

function budgetExhausted(account: string, maxRao: bigint): Refusal {
  return refuse(
    'budget_exhausted',
    `billing account '${account}' has less than the ${maxRao} rao that a request needs`,
  );
}
