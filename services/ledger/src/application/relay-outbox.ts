import { LEASE_MS } from './hold-lease.ts';
import { type NeuronView, neuronView } from '#domain/economy/views.ts';
import type { JournalStore, StoredEntry } from './ports.ts';
import type { Sequencer } from './sequencer.ts';

/** Events that are read at once. */
const PAGE_EVENTS = 500;
/** After so long a pause another ledger may write, and have told the bus more than this one has in its hand. */
const PAUSE_MS_MAX = LEASE_MS / 2;
/** Between two tries while the bus or the database is away. */
const RETRY_MS = 500;

/** The bus as the journal's relay needs it. Each call rejects when it was not surely done. */
export interface EventBus {
  /** Makes the stream if it is not there; true if it was made now, empty. */
  open(): Promise<boolean>;
  /** Tells an entry that has an event. Repeats are harmless. */
  publish(entry: StoredEntry): Promise<void>;
  /** Stores where a subnet's neurons can be reached. */
  storeEndpoints(endpoints: {
    readonly netuid: number;
    readonly block: number;
    readonly neurons: readonly NeuronView[];
  }): Promise<void>;
}

/** Events after which a subnet's neurons stand otherwise than before. */
const NEURON_EVENTS = /^(registration|endpoint|epoch-paid)\.([0-9]+)$/;

/**
 * Tells the bus every event of the journal in order until the signal is aborted. The journal is the outbox: how far the
 * bus has been told is stored after the fact, so an event may be told twice and is never left out. An empty stream is
 * told everything again that the journal still keeps.
 */
export async function relayOutbox(options: {
  readonly store: JournalStore;
  readonly sequencer: Sequencer;
  readonly bus: EventBus;
  readonly monotonicMs: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
  /** Told after each page: how many events it had, up to which sequence, and whether that is the journal's end. */
  readonly onProgress: (page: { readonly events: number; readonly sequence: number; readonly isLast: boolean }) => void;
  readonly onFailure: (error: unknown) => void;
}): Promise<void> {
  const { signal, sequencer, sleep } = options;
  let wake = Promise.withResolvers<void>();
  const wakeUp = (): void => wake.resolve();
  let stored = 0;
  const unsubscribe = sequencer.subscribe(({ entries }) => {
    stored = entries.at(-1)?.sequence ?? stored;
    // Transfers have no event: to look after each batch of them would be half as much reading as writing.
    if (entries.some(({ event }) => event !== undefined)) wakeUp();
  });
  signal.addEventListener('abort', wakeUp, { once: true });
  let cursor: number | undefined;
  try {
    while (!signal.aborted) {
      try {
        if (cursor === undefined) {
          cursor = await openStream(options);
          stored = Math.max(stored, await sequencer.read((ledger) => ledger.journal.head.sequence));
        }
        cursor = await relayPages(options, cursor, stored);
        await wake.promise;
        wake = Promise.withResolvers<void>();
      } catch (error) {
        // The next try asks again where the bus stands: its stream may be gone.
        cursor = undefined;
        if (signal.aborted) return;
        options.onFailure(error);
        await sleep(RETRY_MS, signal);
      }
    }
  } finally {
    unsubscribe();
    signal.removeEventListener('abort', wakeUp);
  }
}

type RelayOptions = Parameters<typeof relayOutbox>[0];

async function openStream({ bus, store }: RelayOptions): Promise<number> {
  await store.readHead(); // as before a message after a pause
  const isNew = await bus.open();
  // What was archived had been told long before: whoever lost that as well has it from the files.
  return isNew ? (await store.readArchive()).sequence : store.readOutboxCursor();
}

/**
 * Relays all up to the last entry that is known to be stored; answers the sequence up to which everything is told. A database
 * that has crashed may show more, which it alone has, and which is gone if it is lost.
 */
async function relayPages(options: RelayOptions, from: number, stored: number): Promise<number> {
  const { store, bus, signal, monotonicMs } = options;
  let cursor = from;
  while (!signal.aborted) {
    const read = await store.readEntries({ afterSequence: cursor, limit: PAGE_EVENTS, eventsOnly: true });
    const page = read.filter(({ sequence }) => sequence <= stored);
    let lookedMs = monotonicMs();
    for (const entry of page) {
      if (monotonicMs() - lookedMs > PAUSE_MS_MAX) {
        await store.readHead(); // a ledger that was replaced is told so
        lookedMs = monotonicMs();
      }
      await bus.publish(entry);
      cursor = entry.sequence;
    }
    if (page.length > 0) {
      await storeEndpoints(options, page);
      await store.writeOutboxCursor(cursor);
    }
    const isLast = page.length < PAGE_EVENTS;
    options.onProgress({ events: page.length, sequence: cursor, isLast });
    if (isLast) break;
  }
  return cursor;
}

async function storeEndpoints({ bus, sequencer }: RelayOptions, page: readonly StoredEntry[]): Promise<void> {
  const netuids = new Set(page.map((entry) => NEURON_EVENTS.exec(entry.eventAddress ?? '')?.[2]));
  for (const netuid of netuids) {
    if (netuid === undefined) continue;
    const endpoints = await sequencer.read((ledger) => ({
      netuid: Number(netuid),
      block: ledger.block,
      neurons: ledger.neuronsOf(Number(netuid)).map((neuron) => neuronView(ledger, neuron)),
    }));
    await bus.storeEndpoints(endpoints);
  }
}
