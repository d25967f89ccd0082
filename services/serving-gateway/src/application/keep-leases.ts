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

/** One account's leases: the one that is spent from, and those that wait for their last requests. */
class AccountLeases {
  current: Lease | undefined;
  ttlMs = 0;
  readonly closing = new Set<Lease>();
  asking: Promise<Refusal | undefined> | undefined;
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

  /** Closes leases that have ended without being renewed. */
  sweep(): void {
    const nowMs = this.#deps.monotonicMs();
    for (const { lease, owner } of this.#open.values()) {
      if (owner.current === lease && nowMs >= lease.grant.expiresAtMs) this.#retire(owner);
    }
  }

  /** Closes everything that has no request in flight; the last word before the process ends. */
  closeAll(): void {
    for (const owner of this.#accounts.values()) this.#retire(owner);
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
    const { billing, settings, observer, monotonicMs, newLeaseId, sleep, spool } = this.#deps;
    const startedMs = monotonicMs();
    for (;;) {
      // An ended lease keeps money at the ledger: it is closed first, so that the next one can have it.
      if (known.current !== undefined && !isUsable(known.current, need.maxRao, monotonicMs())) this.#retire(known);
      const leaseId = newLeaseId();
      const askedAtMs = monotonicMs();
      const maxRao = need.maxRao > settings.leaseRao ? need.maxRao : settings.leaseRao;
      const granted = await billing.grantLease({ leaseId, account, maxRao });
      if (granted.ok) {
        const grant = { leaseId, account, maxRao: granted.maxRao, expiresAtMs: askedAtMs + granted.ttlMs };
        spool.leaseOpened(grant, need.netuid);
        this.#retire(known);
        known.current = new Lease(grant);
        known.ttlMs = granted.ttlMs;
        this.#open.set(leaseId, { lease: known.current, owner: known, netuid: need.netuid });
        observer.leased('granted');
        return undefined;
      }
      observer.leased(granted.code === 'budget_exhausted' ? 'refused' : 'failed');
      const mayBeFreed = known.closing.size > 0 || monotonicMs() < known.releasingUntilMs;
      if (granted.code !== 'budget_exhausted') return granted;
      if (!mayBeFreed || monotonicMs() - startedMs > settings.patienceMs) {
        known.refused = { refusal: granted, untilMs: monotonicMs() + REFUSED_MS };
        return granted;
      }
      await sleep(RETRY_MS);
    }
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

function isUsable(lease: Lease, maxRao: bigint, nowMs: number): boolean {
  return nowMs < lease.grant.expiresAtMs && lease.leftRao >= maxRao;
}

function budgetExhausted(account: string, maxRao: bigint): Refusal {
  return refuse(
    'budget_exhausted',
    `billing account '${account}' has less than the ${maxRao} rao that a request needs`,
  );
}
