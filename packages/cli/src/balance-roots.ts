import { balanceTree } from '@subnetes/transparency/balance-tree';

/** Epochs whose root has not come yet at most; roots follow their payment within seconds. */
const EPOCHS_MAX = 64;

interface Followed {
  readonly sequence: bigint;
  readonly kind: string;
  readonly payloadJson: string;
}

/** Compares the roots of balances that a journal holds with the balances that its postings come to. */
export class BalanceRoots {
  /** Balances after payments of epochs, by the entry's sequence. */
  readonly #paid = new Map<string, ReadonlyMap<string, bigint>>();

  /** Takes the next entry, with the balances after it; answers what does not fit. */
  take(entry: Followed, balances: ReadonlyMap<string, bigint>): string | undefined {
    if (entry.kind === 'EpochPaid') {
      const [oldest] = this.#paid.keys();
      if (oldest !== undefined && this.#paid.size >= EPOCHS_MAX) this.#paid.delete(oldest);
      this.#paid.set(entry.sequence.toString(), new Map(balances));
    }
    return entry.kind === 'Balances' ? this.#compare(entry) : undefined;
  }

  #compare({ payloadJson }: Followed): string | undefined {
    const { sequence, root, accounts } = JSON.parse(payloadJson) as Record<string, unknown>;
    const found = this.#paid.get(String(sequence));
    // One that came long after its payment cannot be judged here; the proof of a balance stands by itself.
    if (found === undefined) return undefined;
    this.#paid.delete(String(sequence));
    const rows = [...found]
      .filter(([, balance]) => balance !== 0n)
      .map(([key, balance]) => {
        const split = key.indexOf('/');
        return { asset: key.slice(0, split), account: key.slice(split + 1), balance };
      });
    if (rows.length !== accounts) return `it counts ${String(accounts)} accounts, ${rows.length} had a balance`;
    const computed = rootOf(Number(sequence), rows);
    return computed === root ? undefined : `its root is ${String(root)}, the balances give ${computed}`;
  }
}

/** Balances that do not cancel out have no tree; the check of postings says why. */
function rootOf(sequence: number, rows: Parameters<typeof balanceTree>[1]): string {
  try {
    return Buffer.from(balanceTree(sequence, rows).root).toString('hex');
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}
