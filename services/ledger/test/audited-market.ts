import path from 'node:path';
import { JournalTree } from '../src/application/journal-tree.ts';
import { ledgerHashes, openLedger } from '../src/application/open-ledger.ts';
import { openStore } from '../src/adapters/open-store.ts';
import { ledgerOrigin } from '@subnetes/transparency/ledger-origin';
import { noteSigner } from '@subnetes/transparency/note-signer';
import type { Decision } from '../src/domain/book/refusal.ts';
import type { AccountHistory } from '../src/application/account-history.ts';
import type { JournalStore } from '../src/application/ports.ts';
import type { Sequencer } from '../src/application/sequencer.ts';
import { produceBlock } from '../src/domain/economy/emission.ts';
import type { Ledger } from '../src/domain/economy/ledger.ts';
import { createHold, submitTransfer } from '../src/domain/economy/money-orders.ts';
import { testGenesis, testHashes } from '../src/test/ledger-state.ts';

const MIGRATIONS = path.join(import.meta.dirname, '../migrations');

/** Of the network that is played. */
export const auditedMoney = testGenesis;

export const hashes = ledgerHashes(testHashes.registrationId);

/** Writes entries into a ledger's store and signs what it has, without a process around it. */
export interface LedgerAtWork extends AsyncDisposable {
  /** Fails on a refusal. */
  run<T>(command: (ledger: Ledger) => Decision<T>): Promise<T>;
  readonly submit: Sequencer['submit'];
  readonly sequencer: Sequencer;
  readonly store: JournalStore;
  readonly history: AccountHistory;
  readonly tree: JournalTree;
  /** Sells something so many times. */
  sell(count: number): Promise<void>;
  /** Indexes the journal and signs it, and settles its balances, as the service does all the time; answers the note. */
  sign(): Promise<{ readonly size: number; readonly note: string }>;
}

/** Opens a ledger with a block, a hold and some sales; a store that has them goes on. */
export async function openAtWork(url: string, rangeEntries?: number): Promise<LedgerAtWork> {
  await using opening = new AsyncDisposableStack();
  const opened = opening.use(
    await openStore({ url, migrations: MIGRATIONS, ...(rangeEntries === undefined ? {} : { rangeEntries }) }),
  );
  const { store, treeStore, history } = opened;
  const sequencer = await openLedger({
    store,
    hashes,
    genesis: testGenesis,
    monotonicMs: () => performance.now(),
    retryDelay: () => new Promise((resolve) => setImmediate(resolve)),
    onHalt: () => {},
  });
  opening.defer(() => sequencer.close());
  // As the service does, which looks each second.
  sequencer.subscribe(({ entries }) => void store.makeRoom(entries.at(-1)?.sequence ?? 0).catch(() => {}));
  const origin = ledgerOrigin(testGenesis.networkId);
  const signer = noteSigner(origin, new Uint8Array(32).fill(5));
  if (!signer.ok) throw new Error(signer.message);
  const tree = new JournalTree({ store: treeStore, origin, signer: signer.value, pause: async () => {} });
  const run: LedgerAtWork['run'] = async (command) => {
    const decided = await sequencer.submit({ run: command });
    if (!decided.ok) throw new Error(`${decided.code}: ${decided.message}`);
    return decided.value;
  };
  const kept = opening.move();
  return {
    run,
    store,
    history,
    tree,
    sequencer,
    submit: (command) => sequencer.submit(command),
    sell: sellerOf(run, sequencer),
    async sign() {
      while ((await tree.index()) > 0);
      await tree.sign();
      await store.settle();
      const checkpoint = await tree.checkpoint();
      if (checkpoint === undefined) throw new Error('nothing was signed');
      return checkpoint;
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** Sells something so many times; each sale is named after the entry before the first. */
function sellerOf(run: LedgerAtWork['run'], sequencer: Sequencer): LedgerAtWork['sell'] {
  let sold = 0;
  return async (count) => {
    const first = sold;
    sold += count;
    const name = await sequencer.read((ledger) => ledger.journal.head.sequence);
    const sales = Array.from({ length: count }, (_, index) => ({
      id: `s${name}-${first + index}`,
      from: 'billing:shop',
      to: 'network',
      amount: 1n,
      code: '',
    }));
    await Promise.all(sales.map((sale) => run((ledger) => submitTransfer(ledger, sale))));
  };
}

/** A block, a hold and twenty sales. */
export async function play(ledger: LedgerAtWork): Promise<void> {
  await ledger.run((state) => produceBlock(state, 0));
  await ledger.run((state) => createHold(state, { id: 'h', account: 'billing:shop', amount: 9n, expiresAtBlock: 99 }));
  await ledger.sell(20);
}
