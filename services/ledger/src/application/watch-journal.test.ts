import fc from 'fast-check';
import { expect, test } from 'vitest';
import { produceBlock } from '#domain/economy/emission.ts';
import { memoryJournal } from '#adapters/memory-journal.ts';
import { openSequencer } from '#test/open-sequencer.ts';
import type { JournalStore } from './ports.ts';
import { WAITING_ENTRIES_MAX, watchJournal } from './watch-journal.ts';

async function open() {
  const store = memoryJournal();
  let reads = 0;
  const counted: Pick<JournalStore, 'readEntries'> = {
    readEntries: (query) => {
      reads += 1;
      return store.readEntries(query);
    },
  };
  const { sequencer } = await openSequencer(store);
  const produce = async (blocks: number): Promise<void> => {
    const commands = Array.from({ length: blocks }, () =>
      sequencer.submit({ run: (ledger) => produceBlock(ledger, 0) }),
    );
    await Promise.all(commands);
  };
  return { sequencer, store: counted, produce, reads: () => reads };
}

test('what is stored comes first, then what is written, each entry once', async () => {
  const ports = await open();
  await ports.produce(3);
  const stop = new AbortController();
  const pages = watchJournal(ports, 2, stop.signal);
  const sequences = async () => (await pages.next()).value?.entries.map(({ sequence }) => sequence);
  expect(await sequences()).toEqual([2, 3, 4]);
  const next = sequences();
  const readsBefore = ports.reads();
  await ports.produce(1);
  expect(await next).toEqual([5]);
  expect(ports.reads(), 'who keeps up is told from memory').toBe(readsBefore);
  stop.abort();
  expect((await pages.next()).done).toBe(true);
});

test('a reader of what is not written yet waits for it', async () => {
  const ports = await open();
  const stop = new AbortController();
  const pages = watchJournal(ports, 5, stop.signal);
  const next = pages.next();
  await ports.produce(2);
  await ports.produce(4);
  expect((await next).value?.entries.map(({ sequence }) => sequence)).toEqual([5, 6, 7]);
  stop.abort();
});

test('a reader that stopped reading holds no more than its limit, and misses nothing', async () => {
  const ports = await open();
  const pages = watchJournal(ports, 1, new AbortController().signal);
  await pages.next();
  const readsBefore = ports.reads();
  await ports.produce(WAITING_ENTRIES_MAX + 500);
  await ports.produce(10);
  let told = 1;
  while (told < WAITING_ENTRIES_MAX + 511) {
    const { value } = await pages.next();
    for (const { sequence } of value?.entries ?? []) {
      expect(sequence).toBe(told + 1);
      told = sequence;
    }
  }
  expect(ports.reads() - readsBefore, 'what did not wait in memory was read').toBeGreaterThanOrEqual(3);
  await pages.return(undefined);
});

test('whenever entries are written and whenever they are read, each is told once and in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(fc.integer({ min: 1, max: 700 }), fc.constant('read' as const)), { maxLength: 12 }),
      fc.integer({ min: 0, max: 40 }),
      async (steps, from) => {
        const ports = await open();
        const pages = watchJournal(ports, from, new AbortController().signal);
        const heard: number[] = [];
        let written = 1;
        const read = async (): Promise<void> => {
          const { value } = await pages.next();
          heard.push(...(value?.entries ?? []).map(({ sequence }) => sequence));
        };
        const isBehind = (): boolean => (heard.at(-1) ?? Math.max(0, from - 1)) < written;
        for (const step of steps) {
          if (step !== 'read') {
            await ports.produce(step);
            written += step;
          } else if (isBehind()) await read();
        }
        while (isBehind()) await read();
        const first = Math.max(1, from);
        expect(heard).toEqual(Array.from({ length: Math.max(0, written - first + 1) }, (_, at) => first + at));
        await pages.return(undefined);
      },
    ),
    { numRuns: 40 },
  );
});
