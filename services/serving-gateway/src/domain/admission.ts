import { refuse, type Refusal } from './refusal.ts';

export interface AdmissionLimits {
  /** Requests in flight over all accounts. */
  readonly inFlightMax: number;
  /** Requests in flight of one account. */
  readonly accountInFlightMax: number;
}

/** Counts what is in flight; a request is admitted before anything is spent on it, and leaves exactly once. */
export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #byAccount = new Map<string, number>();
  #inFlight = 0;
  #isDraining = false;

  constructor(limits: AdmissionLimits) {
    this.#limits = limits;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** From now on nobody is admitted. */
  drain(): void {
    this.#isDraining = true;
  }

  get isDraining(): boolean {
    return this.#isDraining;
  }

  /** Refused, or a ticket whose `leave` is called when the request has ended. */
  enter(account: string): Refusal | { readonly ok: true; readonly leave: () => void } {
    if (this.#isDraining) return refuse('draining', 'this gateway is going down, try again', { retryAfterSeconds: 1 });
    if (this.#inFlight >= this.#limits.inFlightMax) {
      return refuse('overloaded', `${this.#inFlight} requests are in flight, try again`, { retryAfterSeconds: 1 });
    }
    const own = this.#byAccount.get(account) ?? 0;
    if (own >= this.#limits.accountInFlightMax) {
      const message = `account '${account}' has ${own} of ${this.#limits.accountInFlightMax} requests in flight`;
      return refuse('too_many_requests', message, { retryAfterSeconds: 1 });
    }
    this.#inFlight += 1;
    this.#byAccount.set(account, own + 1);
    let hasLeft = false;
    const leave = (): void => {
      if (hasLeft) return;
      hasLeft = true;
      this.#inFlight -= 1;
      const left = (this.#byAccount.get(account) ?? 1) - 1;
      if (left === 0) this.#byAccount.delete(account);
      else this.#byAccount.set(account, left);
    };
    return { ok: true, leave };
  }
}
