import { produceBlock } from '#domain/economy/emission.ts';
import { submitTransfer, transferKey } from '#domain/economy/money-orders.ts';
import { openLedger } from '#application/open-ledger.ts';
import { type Batch, CommitUnknown, type JournalStore, StoreUnavailable } from '#application/ports.ts';
import type { Sequencer } from '#application/sequencer.ts';
import { testGenesis, testHashes } from './ledger-state.ts';

export interface Opened {
  readonly sequencer: Sequencer;
  readonly halts: unknown[];
}

export async function openSequencer(
  store: JournalStore,
  retryDelay: () => Promise<void> = async () => {},
  nextTurn?: () => Promise<void>,
): Promise<Opened> {
  const halts: unknown[] = [];
  const sequencer = await openLedger({
    store,
    genesis: testGenesis,
    hashes: testHashes,
    monotonicMs: () => 0,
    retryDelay,
    ...(nextTurn === undefined ? {} : { nextTurn }),
    onHalt: (cause) => halts.push(cause),
  });
  return { sequencer, halts };
}

export const transfer = (sequencer: Sequencer, id: string, amount = 1n) =>
  sequencer.submit({
    keys: [transferKey(id)],
    run: (ledger) => submitTransfer(ledger, { id, from: 'billing:shop', to: 'desk', amount, code: '' }),
  });

export const block = (sequencer: Sequencer) => sequencer.submit({ run: (ledger) => produceBlock(ledger, 0) });

/** A store that fails at the wanted append, before or after it was done. */
export function failing(
  inner: JournalStore,
  fail: (appends: number) => 'before' | 'after' | 'no',
): JournalStore & { readonly appends: () => number } {
  let appends = 0;
  const append = async (batch: Batch): Promise<void> => {
    appends += 1;
    const when = fail(appends);
    if (when === 'before') throw new StoreUnavailable('gone');
    await inner.append(batch);
    if (when === 'after') throw new CommitUnknown('no answer');
  };
  return { ...inner, append, appends: () => appends };
}

/** All that can happen without the store has happened. */
export const settled = () => new Promise((resolve) => setImmediate(resolve));
