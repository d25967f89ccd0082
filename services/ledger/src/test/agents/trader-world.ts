import { BURNED, MINT, poolOf } from '#domain/book/account.ts';
import type { Entry } from '#domain/book/journal.ts';
import { produceBlock } from '#domain/economy/emission.ts';
import type { Ledger } from '#domain/economy/ledger.ts';
import { carryOut, orderKey, type WalletOrder } from '#domain/economy/wallet-order.ts';
import { findPool, type OpenPool } from '#domain/pools/pool.ts';
import { tokenOf } from '#domain/pools/token-terms.ts';

/** Of a payout, what a curve in floating point may differ from the ledger's own. */
const CURVE_ERROR = 1e-9;
const U16 = 65_535n;

/** A market of tokens beside an account book of its own, kept by nothing but what the rules give for each order. */
export class TraderWorld {
  readonly ledger: Ledger;
  readonly wallets: readonly string[];
  /** How often what was done or refused, by order or code. */
  readonly counts = new Map<string, number>();
  readonly #due = new Map<string, bigint>();
  /** Of subnets whose end has begun, before anybody was paid: units by holder, and rao and units of the pool. */
  readonly #ending = new Map<number, { readonly held: ReadonlyMap<string, bigint>; readonly pool: OpenPool }>();

  constructor(ledger: Ledger, wallets: readonly string[]) {
    this.ledger = ledger;
    this.wallets = wallets;
    for (const wallet of wallets) this.#due.set(`${ledger.asset} ${wallet}`, this.has(wallet));
    drain(ledger);
  }

  has(wallet: string, asset = this.ledger.asset): bigint {
    return this.ledger.book.posted(asset, wallet);
  }

  /** Subnets whose pools take swaps. */
  open(): readonly number[] {
    return [...this.ledger.subnets.values()]
      .filter(({ dissolution }) => dissolution === undefined || dissolution.phase === 'Announced')
      .map(({ netuid }) => netuid);
  }

  pool(netuid: number): OpenPool | undefined {
    return findPool(this.ledger, netuid);
  }

  count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }

  /** Orders and holds the outcome against the rules; answers what came out of a swap, undefined where it was refused. */
  order(wallet: string, order: WalletOrder): bigint | undefined {
    const pool = 'netuid' in order && order.netuid !== undefined ? this.pool(order.netuid) : undefined;
    const { head } = this.ledger.journal;
    const sequence = (this.ledger.sequences.get(orderKey(wallet)) ?? 0) + 1;
    const signed = { signer: wallet, sequence, expiresAtBlock: this.ledger.block + 1, order };
    const done = this.ledger.decide((state) => carryOut(state, signed));
    this.count(done.ok ? order.type : done.code);
    if (!done.ok) {
      if (this.ledger.journal.head !== head) throw new Error(`${order.type} of ${wallet} is refused and left an entry`);
      return undefined;
    }
    const out = this.#follow(wallet, order, { pool, entry: drain(this.ledger).at(-1) });
    this.checkWallet(wallet);
    return out;
  }

  /** The next block; `meddle` is called right after it, for tests of these checks. */
  block(meddle?: () => void): void {
    const before = this.open().map((netuid) => ({ netuid, pool: this.pool(netuid) }));
    const held = new Map(before.map(({ netuid }) => [netuid, this.#holders(netuid)]));
    const produced = this.ledger.decide((state) => produceBlock(state, 0));
    if (!produced.ok) throw new Error(`block: ${produced.code}`);
    const entries = drain(this.ledger);
    meddle?.();
    for (const { netuid, pool } of before) {
      if (pool === undefined) continue;
      this.#checkFill(netuid, pool, entries);
      const ending = this.open().includes(netuid) ? undefined : this.pool(netuid);
      if (ending !== undefined) this.#ending.set(netuid, { held: held.get(netuid) ?? new Map(), pool: ending });
    }
    for (const entry of entries) if (entry.kind === 'TokensBoughtOut') this.#buyOut(entry);
  }

  checkWallet(wallet: string): void {
    const { ledger } = this;
    for (const asset of [ledger.asset, ...[...ledger.subnets.values()].map(({ netuid }) => tokenOf(netuid))]) {
      const [has, due] = [this.has(wallet, asset), this.#due.get(`${asset} ${wallet}`) ?? 0n];
      if (has !== due) throw new Error(`${wallet} has ${has} of ${asset}, and the rules give it ${due}`);
    }
  }

  /** Throws unless each asset is conserved, nobody owes anything, and no supply is above its cap. */
  checkAll(): void {
    const sums = new Map<string, bigint>();
    for (const { id, asset, posted } of this.ledger.book.accounts.values()) {
      sums.set(asset, (sums.get(asset) ?? 0n) + posted);
      if (id !== MINT && posted < 0n) throw new Error(`${id} has ${posted} of ${asset}`);
      if (id === MINT && -posted > this.ledger.network.genesis.cap) throw new Error(`${asset} is above its cap`);
    }
    for (const [asset, sum] of sums) if (sum !== 0n) throw new Error(`all of ${asset} comes to ${sum}`);
    for (const wallet of this.wallets) this.checkWallet(wallet);
  }

  #give(wallet: string, asset: string, units: bigint): void {
    const key = `${asset} ${wallet}`;
    this.#due.set(key, (this.#due.get(key) ?? 0n) + units);
  }

  #holders(netuid: number): ReadonlyMap<string, bigint> {
    const held = this.wallets.map((wallet) => [wallet, this.has(wallet, tokenOf(netuid))] as const);
    return new Map(held.filter(([, units]) => units > 0n));
  }

  #follow(
    wallet: string,
    order: WalletOrder,
    { pool, entry }: { readonly pool: OpenPool | undefined; readonly entry: Entry | undefined },
  ): bigint | undefined {
    if (order.type === 'Transfer') {
      this.#give(wallet, this.ledger.asset, -order.amount);
      this.#give(order.to, this.ledger.asset, order.amount);
    }
    if (order.type === 'TransferAlpha') {
      this.#give(wallet, tokenOf(order.netuid), -order.amount);
      this.#give(order.to, tokenOf(order.netuid), order.amount);
    }
    if (order.type !== 'SwapBuy' && order.type !== 'SwapSell') return undefined;
    const told = JSON.parse(entry?.payloadText ?? '{}') as Record<'paid' | 'fee' | 'out', string>;
    const swap = { paid: BigInt(told.paid), fee: BigInt(told.fee), out: BigInt(told.out) };
    if (pool === undefined) throw new Error(`${wallet} has swapped where there is no pool`);
    const side = order.type === 'SwapBuy' ? 'buy' : 'sell';
    checkSwap(pool, { side, asked: order.amount, minOut: order.minOut, ...swap });
    const [given, taken] = [this.ledger.asset, tokenOf(order.netuid)];
    this.#give(wallet, side === 'buy' ? given : taken, -swap.paid);
    this.#give(wallet, side === 'buy' ? taken : given, swap.out);
    const kept = pool.terms.feeTo === 'Pool' ? swap.paid : swap.paid - swap.fee;
    const [tao, alpha] = side === 'buy' ? [kept, -swap.out] : [-swap.out, kept];
    const after = this.pool(order.netuid)?.curve;
    if (after?.tao !== pool.curve.tao + tao || after.alpha !== pool.curve.alpha + alpha) {
      throw new Error(`the pool of ${order.netuid} has ${after?.tao}/${after?.alpha} after ${JSON.stringify(told)}`);
    }
    return swap.out;
  }

  /** What a block puts into a pool is of the block's reward, and moves the price by nothing but what it buys. */
  #checkFill(netuid: number, { curve: before }: OpenPool, entries: readonly Entry[]): void {
    const block = JSON.parse(entries.find(({ kind }) => kind === 'Block')?.payloadText ?? '{}') as {
      readonly minted?: string;
      readonly pools?: readonly Readonly<Record<'netuid' | 'tao' | 'alpha' | 'spent' | 'bought', string>>[];
    };
    const fill = block.pools?.find((each) => Number(each.netuid) === netuid);
    const of = (name: 'tao' | 'alpha' | 'spent' | 'bought'): bigint => BigInt(fill?.[name] ?? '0');
    const after = this.pool(netuid)?.curve;
    const [tao, alpha] = [before.tao + of('tao') + of('spent'), before.alpha + of('alpha') - of('bought')];
    if (after?.tao !== tao || after.alpha !== alpha) {
      throw new Error(`the pool of ${netuid} has ${after?.tao}/${after?.alpha} after a block, not ${tao}/${alpha}`);
    }
    if (of('tao') + of('spent') > BigInt(block.minted ?? '0')) throw new Error(`a block put in more than it minted`);
    const moved = priceOf(after) / priceOf(before) - 1;
    if (moved < -1e-6 || (of('spent') === 0n && moved > 1e-6)) throw new Error(`a block moved a price by ${moved}`);
    this.count(fill === undefined ? 'NoFill' : 'Fill');
  }

  /** Holders share what the pool pays for all that is held, by what each has. */
  #buyOut({ payloadText }: Entry): void {
    const told = JSON.parse(payloadText) as {
      readonly netuid: number;
      readonly holders: readonly { readonly wallet: string; readonly tokens: string; readonly rao: string }[];
    };
    const { held, pool } = this.#ending.get(told.netuid) ?? {};
    if (held === undefined || pool === undefined) throw new Error(`${told.netuid} is bought out without an end`);
    const all = [...held.values()].reduce((sum, units) => sum + units, 0n);
    const pays = fairOut(pool.curve, 'sell', all);
    for (const { wallet, tokens, rao } of told.holders) {
      const due = (pays * Number(tokens)) / Number(all);
      const isDue = Math.abs(Number(rao) - due) <= 2 + Number(pool.curve.tao) * CURVE_ERROR;
      if (!isDue || held.get(wallet) !== BigInt(tokens)) {
        throw new Error(`${wallet} is paid ${rao} rao for ${tokens} of ${all}, which are worth ${due}`);
      }
      this.#give(wallet, tokenOf(told.netuid), -BigInt(tokens));
      this.#give(wallet, this.ledger.asset, BigInt(rao));
      this.count('BoughtOut');
    }
  }

  /** Rao that no key can move: of fees and of pools that were closed. */
  burned(): bigint {
    return this.has(BURNED);
  }

  /** Rao in a pool. */
  liquidity(netuid: number): bigint {
    return this.has(poolOf(netuid));
  }
}

interface Swapped {
  readonly side: 'buy' | 'sell';
  readonly asked: bigint | undefined;
  readonly minOut: bigint | undefined;
  readonly paid: bigint;
  readonly fee: bigint;
  readonly out: bigint;
}

/** Throws unless a swap took no more than was asked, its fee, and gave what the curve gives: no more, and hardly less. */
function checkSwap({ curve, terms }: OpenPool, { side, asked, minOut, paid, fee, out }: Swapped): void {
  if (asked !== undefined && paid > asked) throw new Error(`${paid} were taken of ${asked}`);
  if (minOut !== undefined && out < minOut) throw new Error(`${out} came out, and at least ${minOut} were asked for`);
  const due = (paid * BigInt(terms.feeU16)) / U16;
  if (fee < due - 1n || fee > due + 1n) throw new Error(`a fee of ${fee} on ${paid}, not ${due}`);
  const fair = fairOut(curve, side, paid - fee);
  const tolerance = 1 + Number(side === 'buy' ? curve.alpha : curve.tao) * CURVE_ERROR;
  if (Number(out) > fair + tolerance || Number(out) < fair - tolerance) {
    throw new Error(`${out} came out for ${paid} with a fee of ${fee}, and the curve gives ${fair}`);
  }
}

type Reserves = OpenPool['curve'];

/** Both weights are in 10^-18. */
function weightsOf({ quoteWeight }: Reserves): readonly [tao: number, alpha: number] {
  const tao = Number(quoteWeight) / 1e18;
  return [tao, 1 - tao];
}

/** The curve as a formula in floating point: what is left of one reserve keeps tao^w · alpha^(1 − w). */
function fairOut(curve: Reserves, side: 'buy' | 'sell', input: bigint): number {
  const [taoWeight, alphaWeight] = weightsOf(curve);
  const [tao, alpha] = [Number(curve.tao), Number(curve.alpha)];
  const [from, to, power] =
    side === 'buy' ? [tao, alpha, taoWeight / alphaWeight] : [alpha, tao, alphaWeight / taoWeight];
  return to * -Math.expm1(-power * Math.log1p(Number(input) / from));
}

/** Rao for a unit of the token. */
export function priceOf(curve: Reserves): number {
  const [taoWeight, alphaWeight] = weightsOf(curve);
  return (Number(curve.tao) * alphaWeight) / (Number(curve.alpha) * taoWeight);
}

function drain({ journal, book, documents }: Ledger): readonly Entry[] {
  book.accounts.takeChanges();
  book.holds.takeChanges();
  for (const table of documents) table.takeChanges();
  return journal.takeEntries();
}
