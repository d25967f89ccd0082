import type { Balance } from '@subnetes/transparency/balance-leaf';
import { type BalanceProof, type BalanceTree, balanceTreeSteps } from '@subnetes/transparency/balance-tree';
import { accept, type Decision, refuse } from '#domain/book/refusal.ts';
import { epochKey } from '#domain/economy/payout.ts';
import { balancesKey, recordBalances } from '#domain/economy/record-balances.ts';
import type { AccountHistory } from './account-history.ts';
import type { JournalStore } from './ports.ts';
import type { Sequencer } from './sequencer.ts';

/** Accounts whose balances are read at once. */
const PAGE_ACCOUNTS = 500;
/** Trees that are kept for proofs, the newest last; each has some 200 bytes an account. */
const TREES_MAX = 2;
/** Questions for proofs that wait for a tree. */
const WAITING_MAX = 16;

export interface EpochBalancesPorts {
  readonly sequencer: Sequencer;
  readonly history: AccountHistory;
  readonly store: Pick<JournalStore, 'findClaims' | 'readArchive'>;
  /** Lets everything else go on between two steps of hashing. */
  readonly pause: () => Promise<void>;
}

/** Where the root of an epoch's balances stands, and the proof of one of them. */
export interface ProvenBalance {
  /** Of the entry that holds the root. */
  readonly rootSequence: number;
  readonly proof: BalanceProof;
}

/**
 * The balances of all accounts as they were when epochs were paid. They are read from the postings, so that an epoch can be
 * done at any time after its payment, the root is that of one exact entry, and no command waits for it.
 */
export class EpochBalances {
  readonly #ports: EpochBalancesPorts;
  readonly #trees = new Map<number, Promise<{ readonly tree: BalanceTree; readonly accounts: number }>>();
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(ports: EpochBalancesPorts) {
    this.#ports = ports;
  }

  /** Writes the root of a paid epoch into the journal; answers its entry. One that stands there is answered again. */
  async record(netuid: number, index: number): Promise<Decision<number>> {
    const keys = [epochKey(netuid, index), balancesKey(netuid, index)];
    const claims = await this.#ports.store.findClaims(keys);
    const [paid, recorded] = keys.map((key) => claims.get(key)?.sequence);
    if (recorded !== undefined) return accept(recorded);
    if (paid === undefined) return unpaid(netuid, index);
    if (await this.#isArchived(paid)) return archived(netuid, index);
    const { tree, accounts } = await this.#treeAt(paid);
    const root = Buffer.from(tree.root).toString('hex');
    return this.#ports.sequencer.submit({
      keys,
      run: (ledger) => recordBalances(ledger, { netuid, index, sequence: paid, root, accounts }),
    });
  }

  /** What an account had when an epoch was paid. */
  async prove(account: string, { netuid, index }: { readonly netuid: number; readonly index: number }) {
    const keys = [epochKey(netuid, index), balancesKey(netuid, index)];
    const claims = await this.#ports.store.findClaims(keys);
    const [paid, rootSequence] = keys.map((key) => claims.get(key)?.sequence);
    if (paid === undefined) return unpaid(netuid, index);
    if (rootSequence === undefined) {
      return refuse('ENTRY_UNKNOWN', `the balances of epoch ${index} are not in the journal yet: try again later`);
    }
    if (await this.#isArchived(paid)) return archived(netuid, index);
    if (this.#waiting >= WAITING_MAX) return refuse('PROOFS_BUSY', 'too many proofs are asked for: try again later');
    this.#waiting += 1;
    try {
      const { tree } = await this.#treeAt(paid);
      const asset = await this.#ports.sequencer.read((ledger) => ledger.asset);
      return accept<ProvenBalance>({ rootSequence, proof: await tree.prove(asset, account) });
    } finally {
      this.#waiting -= 1;
    }
  }

  async #isArchived(sequence: number): Promise<boolean> {
    return sequence < (await this.#ports.store.readArchive()).sequence;
  }

  /** One tree is made at a time. */
  #treeAt(sequence: number): Promise<{ readonly tree: BalanceTree; readonly accounts: number }> {
    const kept = this.#trees.get(sequence);
    if (kept !== undefined) return kept;
    const made = this.#last.then(() => this.#make(sequence));
    this.#last = made.catch(() => {}); // the caller has the error; the next one only waits for its end
    this.#trees.set(sequence, made);
    made.catch(() => this.#trees.delete(sequence)); // not kept: the next question tries again
    for (const old of [...this.#trees.keys()].slice(0, -TREES_MAX)) this.#trees.delete(old);
    return made;
  }

  async #make(sequence: number) {
    const balances = await this.#balancesAt(sequence);
    const steps = balanceTreeSteps(sequence, balances);
    for (let step = steps.next(); ; step = steps.next()) {
      if (step.done === true) return { tree: step.value, accounts: balances.length };
      await this.#ports.pause();
    }
  }

  /** An account with nothing is not in the tree: its neighbours show so. */
  async #balancesAt(sequence: number): Promise<readonly Balance[]> {
    const { history, sequencer } = this.#ports;
    const asset = await sequencer.read((ledger) => ledger.asset);
    const balances: Balance[] = [];
    let after: string | undefined;
    for (;;) {
      const names = await history.accountNames({ asset, prefix: '', after, limit: PAGE_ACCOUNTS });
      const found = await history.balancesAt({ asset, accounts: names, sequence });
      for (const [account, balance] of found) if (balance !== 0n) balances.push({ asset, account, balance });
      if (names.length < PAGE_ACCOUNTS) return balances;
      after = names.at(-1);
    }
  }
}

function archived(netuid: number, index: number): Decision<never> {
  return refuse(
    'ARCHIVED',
    `epoch ${index} of subnet ${netuid} was paid in an entry that is archived: the balances then follow from its file`,
  );
}

function unpaid(netuid: number, index: number): Decision<never> {
  return refuse('EPOCH_UNKNOWN', `epoch ${index} of subnet ${netuid} was not paid`);
}
