import { expect, test } from 'vitest';
import { produceBlock } from '#domain/economy/emission.ts';
import { memoryJournal } from '#adapters/memory-journal.ts';
import { openSequencer } from '#test/open-sequencer.ts';
import { Fenced, type JournalStore } from './ports.ts';
import { type EventBus, relayOutbox } from './relay-outbox.ts';

/** A stream that may refuse, or lose all that it had. */
class FlakyStream implements EventBus {
  told: number[] = [];
  isThere = false;
  refuses = false;
  /** Of the process, by a steady clock; each message takes so long. */
  nowMs = 0;
  publishMs = 0;

  async open(): Promise<boolean> {
    const isNew = !this.isThere;
    this.isThere = true;
    return isNew;
  }

  async publish({ sequence }: { readonly sequence: number }): Promise<void> {
    if (!this.isThere || this.refuses) throw new Error('no answer');
    this.told.push(sequence);
    this.nowMs += this.publishMs;
  }

  async storeEndpoints(): Promise<void> {}
}

async function relayed(shown = (store: JournalStore): JournalStore => store) {
  const store = shown(memoryJournal());
  const { sequencer } = await openSequencer(store);
  const stream = new FlakyStream();
  const stop = new AbortController();
  const progress = new EventTarget();
  const told = (sequence: number) =>
    new Promise<void>((resolve) => {
      const look = (): void => {
        if (stream.told.includes(sequence)) resolve();
        else progress.addEventListener('change', look, { once: true });
      };
      look();
    });
  const failed = Promise.withResolvers<void>();
  const relay = relayOutbox({
    store,
    sequencer,
    bus: stream,
    monotonicMs: () => stream.nowMs,
    sleep: async () => void (await new Promise((resolve) => setImmediate(resolve))),
    signal: stop.signal,
    onProgress: () => progress.dispatchEvent(new Event('change')),
    onFailure: () => failed.resolve(),
  });
  const block = () => sequencer.submit({ run: (ledger) => produceBlock(ledger, 0) });
  const end = async (): Promise<void> => {
    stop.abort();
    await relay;
  };
  return { store, stream, block, told, failed: failed.promise, end };
}

test('events are told in order, and how far is kept', async () => {
  const { store, stream, block, told, end } = await relayed();
  for (let at = 0; at < 3; at += 1) await block();
  await told(4);
  expect(stream.told).toEqual([2, 3, 4]);
  await end();
  expect(await store.readOutboxCursor()).toBe(4);
});

test('an outage delays events and leaves none out', async () => {
  const { stream, block, told, failed, end } = await relayed();
  await block();
  await told(2);
  stream.refuses = true;
  await block();
  await failed;
  await block();
  stream.refuses = false;
  await told(4);
  expect(stream.told).toEqual([2, 3, 4]);
  await end();
});

test('a stream that was lost is told everything again', async () => {
  const { stream, block, told, failed, end } = await relayed();
  await block();
  await block();
  await told(3);
  stream.isThere = false;
  stream.told = [];
  await block();
  await failed;
  await told(4);
  expect(stream.told).toEqual([2, 3, 4]);
  await end();
});

test('what the database shows and nobody stored yet, as after a crash, is not told', async () => {
  const { stream, block, told, end } = await relayed((store) => ({
    ...store,
    async readEntries(query) {
      const entries = await store.readEntries(query);
      const last = entries.at(-1);
      return last === undefined ? [] : [...entries, { ...last, sequence: last.sequence + 90 }];
    },
  }));
  await block();
  await told(2);
  await block();
  await told(3);
  await end();
  expect(stream.told).toEqual([2, 3]);
});

test('a ledger that stood still between two messages asks whether it still writes, and tells no more if not', async () => {
  let standsStill = (): boolean => false;
  const { stream, block, told, failed, end } = await relayed((store) => ({
    ...store,
    async readHead() {
      if (standsStill()) throw new Fenced('another ledger took over');
      return store.readHead();
    },
  }));
  standsStill = () => stream.nowMs > 0;
  await block();
  await told(2);
  stream.refuses = true;
  await block();
  await block();
  await failed;
  // Both wait in one page, and it stands still for a minute with the first of them; another one takes over then.
  stream.publishMs = 60_000;
  stream.refuses = false;
  while (!stream.told.includes(3)) await new Promise((resolve) => setImmediate(resolve));
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  await end();
  expect(stream.told).toEqual([2, 3]);
});
