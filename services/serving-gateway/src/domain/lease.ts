/** What billing granted: one ledger hold, from which this gateway spends by itself. */
export interface LeaseGrant {
  readonly leaseId: string;
  readonly account: string;
  readonly maxRao: bigint;
  /** Monotonic milliseconds after which nothing new is spent from it. */
  readonly expiresAtMs: number;
}

/** A reservation for one request. Its counter is used up, whatever becomes of the request. */
export interface Reservation {
  readonly leaseId: string;
  readonly account: string;
  readonly counter: bigint;
  /** `<lease id>/<counter>` */
  readonly requestId: string;
  readonly maxRao: bigint;
}

/** Spends a lease: what is reserved and what was charged never exceed what was granted. */
export class Lease {
  readonly grant: LeaseGrant;
  #reservedRao = 0n;
  #chargedRao = 0n;
  #counter = 0n;
  #open = 0;

  constructor(grant: LeaseGrant) {
    this.grant = grant;
  }

  /** What can still be reserved. */
  get leftRao(): bigint {
    return this.grant.maxRao - this.#reservedRao - this.#chargedRao;
  }

  get lastCounter(): bigint {
    return this.#counter;
  }

  /** Reservations that are neither settled nor freed. */
  get open(): number {
    return this.#open;
  }

  /** Reserves the most that a request can cost; undefined when the lease has ended or has too little left. */
  reserve(maxRao: bigint, nowMs: number): Reservation | undefined {
    if (maxRao < 0n) throw new RangeError(`cannot reserve ${maxRao}`);
    if (nowMs >= this.grant.expiresAtMs || maxRao > this.leftRao) return undefined;
    this.#counter += 1n;
    this.#open += 1;
    this.#reservedRao += maxRao;
    const { leaseId, account } = this.grant;
    return { leaseId, account, counter: this.#counter, requestId: `${leaseId}/${this.#counter}`, maxRao };
  }

  /** Ends a reservation with what it cost: nothing when nothing was delivered. */
  settle(reservation: Reservation, costRao: bigint): void {
    if (costRao < 0n || costRao > reservation.maxRao) {
      throw new RangeError(`${reservation.requestId} cannot cost ${costRao} of ${reservation.maxRao} reserved`);
    }
    this.#open -= 1;
    this.#reservedRao -= reservation.maxRao;
    this.#chargedRao += costRao;
  }

  /** Whether it is time for the next lease: two thirds of the time or three quarters of the money are gone. */
  shouldRenew(nowMs: number, ttlMs: number): boolean {
    return this.grant.expiresAtMs - nowMs < ttlMs / 3 || this.leftRao * 4n < this.grant.maxRao;
  }
}
