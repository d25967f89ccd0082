/** Fractions of a rao are kept, so that the shadow rounds nothing that matters. */
const SCALE = 1n << 48n;

/** Below this a fraction is nobody's: what flooring 2^-48 rao a payment adds up to. */
const NOTHING = SCALE / 1_000_000n;

interface Holding {
  /** Scaled rao that count. */
  counted: bigint;
  /** Rao that count from the next seal on. */
  waiting: bigint;
  /** Times that this wallet took something off: each may floor a rao away from it. */
  exits: number;
}

/**
 * What everybody has in everybody's pool, kept the plain way: an amount a wallet, and each payment divided among all of them. It knows
 * neither shares nor rounds, so it cannot have their faults.
 */
export class ShadowPools {
  readonly #pools = new Map<string, Map<string, Holding>>();
  /** Times that anybody left a pool: each may leave up to a rao to those who stay. */
  readonly #exits = new Map<string, number>();

  places(): readonly string[] {
    return [...this.#pools.keys()];
  }

  holders(place: string): readonly string[] {
    return [...(this.#pools.get(place)?.keys() ?? [])];
  }

  add(place: string, wallet: string, rao: bigint): void {
    const pool = this.#pools.get(place) ?? new Map<string, Holding>();
    const holding = pool.get(wallet) ?? { counted: 0n, waiting: 0n, exits: 0 };
    holding.waiting += rao;
    pool.set(wallet, holding);
    this.#pools.set(place, pool);
  }

  /** First what waits. */
  take(place: string, wallet: string, rao: bigint, isAll: boolean): void {
    const pool = this.#pools.get(place);
    const holding = pool?.get(wallet);
    if (pool === undefined || holding === undefined) throw new Error(`${wallet} has nothing at ${place}`);
    const unused = rao < holding.waiting ? rao : holding.waiting;
    holding.waiting -= unused;
    holding.counted -= (rao - unused) * SCALE;
    holding.exits += 1;
    this.#exits.set(place, (this.#exits.get(place) ?? 0) + 1);
    if (!isAll) return;
    // The fraction that flooring left stays with the others.
    pool.delete(wallet);
    this.#divide(pool, holding.counted);
  }

  seal(place: string): void {
    for (const holding of this.#pools.get(place)?.values() ?? []) {
      holding.counted += holding.waiting * SCALE;
      holding.waiting = 0n;
    }
  }

  /** Divides a payment among those whose stake counts; false where there is nobody. */
  pay(place: string, rao: bigint): boolean {
    return this.#divide(this.#pools.get(place) ?? new Map<string, Holding>(), rao * SCALE);
  }

  /** Rao that count, rounded to the nearest. */
  total(place: string): bigint {
    let sum = 0n;
    for (const { counted } of this.#pools.get(place)?.values() ?? []) sum += counted;
    return (sum + SCALE / 2n) / SCALE;
  }

  waiting(place: string): bigint {
    let sum = 0n;
    for (const { waiting } of this.#pools.get(place)?.values() ?? []) sum += waiting;
    return sum;
  }

  /** What a wallet has; floored. */
  of(place: string, wallet: string): { readonly worth: bigint; readonly waiting: bigint } {
    const { counted, waiting } = this.#pools.get(place)?.get(wallet) ?? { counted: 0n, waiting: 0n };
    return { worth: counted < 0n ? 0n : counted / SCALE, waiting };
  }

  /** How far the ledger may be from the shadow: below, by what the wallet's own leaving floored; above, by that of others. */
  tolerance(place: string, wallet: string): { readonly below: bigint; readonly above: bigint } {
    const own = this.#pools.get(place)?.get(wallet)?.exits ?? 0;
    const all = this.#exits.get(place) ?? 0;
    return { below: 2n + BigInt(own), above: 2n + BigInt(all - own) };
  }

  #divide(pool: ReadonlyMap<string, Holding>, scaled: bigint): boolean {
    let sum = 0n;
    for (const { counted } of pool.values()) if (counted > NOTHING) sum += counted;
    if (sum === 0n) return false;
    for (const holding of pool.values()) {
      if (holding.counted > NOTHING) holding.counted += (scaled * holding.counted) / sum;
    }
    return true;
  }
}
