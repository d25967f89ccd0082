import type { RefusalCode } from '../src/domain/book/refusal.ts';

/** Something that is asked of the ledger. Amounts in rao. */
export type Operation =
  | {
      readonly kind: 'transfer';
      readonly id: string;
      readonly from: string;
      readonly to: string;
      readonly amount: bigint;
    }
  | {
      readonly kind: 'hold';
      readonly id: string;
      readonly account: string;
      readonly amount: bigint;
      readonly expiresAtBlock: number;
    }
  | {
      readonly kind: 'post';
      readonly id: string;
      readonly holdId: string;
      readonly parts: readonly { readonly to: string; readonly amount: bigint }[];
      readonly close: boolean;
    }
  | { readonly kind: 'void'; readonly id: string }
  | { readonly kind: 'block' };

/** What it comes to: what remains (of the hold, or spendable for the payer), or why not. */
export type Outcome =
  | { readonly ok: true; readonly remaining: bigint; readonly repeated: boolean }
  | { readonly ok: false; readonly code: RefusalCode };

interface OpenHold {
  readonly account: string;
  left: bigint;
  readonly ends: number;
}

const refused = (code: RefusalCode): Outcome => ({ ok: false, code });
const done = (remaining: bigint, repeated = false): Outcome => ({ ok: true, remaining, repeated });

/** The ledger as one would explain it on a napkin: no journal, no batches, no store. */
export class Model {
  readonly balances: Map<string, bigint>;
  readonly holds = new Map<string, OpenHold>();
  /** What was asked under each id, ever. */
  readonly #asked = new Map<string, string>();
  block = 0;

  constructor(balances: Iterable<readonly [string, bigint]>) {
    this.balances = new Map(balances);
  }

  held(account: string): bigint {
    return [...this.holds.values()].reduce((sum, hold) => (hold.account === account ? sum + hold.left : sum), 0n);
  }

  spendable(account: string): bigint {
    return (this.balances.get(account) ?? 0n) - this.held(account);
  }

  apply(operation: Operation): Outcome {
    if (operation.kind === 'block') return this.#nextBlock();
    if (operation.kind === 'void') return this.#void(operation.id);
    const key = `${operation.kind}:${operation.id}`;
    const content = JSON.stringify(operation, (_name, value: unknown) =>
      typeof value === 'bigint' ? `${value}` : value,
    );
    const earlier = this.#asked.get(key);
    if (earlier !== undefined) {
      return earlier === content ? done(this.#remaining(operation), true) : refused('EXISTS_WITH_DIFFERENT_CONTENT');
    }
    const code = this.#run(operation);
    if (code !== undefined) return refused(code);
    this.#asked.set(key, content);
    return done(this.#remaining(operation));
  }

  #remaining(operation: Exclude<Operation, { readonly kind: 'block' | 'void' }>): bigint {
    if (operation.kind === 'transfer') return this.spendable(operation.from);
    return this.holds.get(operation.kind === 'hold' ? operation.id : operation.holdId)?.left ?? 0n;
  }

  #run(operation: Exclude<Operation, { readonly kind: 'block' | 'void' }>): RefusalCode | undefined {
    if (operation.kind === 'transfer') return this.#pay(operation.from, [operation], this.spendable(operation.from));
    if (operation.kind === 'hold') {
      if (operation.amount <= 0n) return 'INVALID_ARGUMENT';
      if (operation.expiresAtBlock <= this.block) return 'HOLD_EXPIRY_PAST';
      if (this.spendable(operation.account) < operation.amount) return 'INSUFFICIENT_FUNDS';
      const { account, amount, expiresAtBlock } = operation;
      this.holds.set(operation.id, { account, left: amount, ends: expiresAtBlock });
      return undefined;
    }
    return this.#post(operation);
  }

  #post({ holdId, parts, close }: Extract<Operation, { readonly kind: 'post' }>): RefusalCode | undefined {
    const hold = this.holds.get(holdId);
    if (hold === undefined) return this.#asked.has(`hold:${holdId}`) ? 'HOLD_CLOSED' : 'HOLD_UNKNOWN';
    const paid = parts.filter(({ amount }) => amount !== 0n);
    const total = paid.reduce((sum, { amount }) => sum + amount, 0n);
    if (total > hold.left) return 'HOLD_EXCEEDED';
    const code = paid.length === 0 ? undefined : this.#pay(hold.account, paid, total);
    if (code !== undefined) return code;
    hold.left = close ? 0n : hold.left - total;
    if (hold.left === 0n) this.holds.delete(holdId);
    return undefined;
  }

  #pay(
    from: string,
    parts: readonly { readonly to: string; readonly amount: bigint }[],
    spendable: bigint,
  ): RefusalCode | undefined {
    if (parts.some(({ to, amount }) => amount <= 0n || to === from)) return 'INVALID_ARGUMENT';
    if (parts.reduce((sum, { amount }) => sum + amount, 0n) > spendable) return 'INSUFFICIENT_FUNDS';
    for (const { to, amount } of parts) {
      this.balances.set(from, (this.balances.get(from) ?? 0n) - amount);
      this.balances.set(to, (this.balances.get(to) ?? 0n) + amount);
    }
    return undefined;
  }

  #void(id: string): Outcome {
    if (this.holds.delete(id)) return done(0n);
    return this.#asked.has(`hold:${id}`) ? done(0n, true) : refused('HOLD_UNKNOWN');
  }

  #nextBlock(): Outcome {
    this.block += 1;
    for (const [id, { ends }] of this.holds) if (ends <= this.block) this.holds.delete(id);
    return done(0n);
  }
}
