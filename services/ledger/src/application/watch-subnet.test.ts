import { expect, test } from 'vitest';
import { memoryJournal } from '#adapters/memory-journal.ts';
import { produceBlock } from '#domain/economy/emission.ts';
import { put, testGenesis, testHashes } from '#test/ledger-state.ts';
import { openLedger } from './open-ledger.ts';
import { StoreUnavailable } from './ports.ts';
import { watchSubnet } from './watch-subnet.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a watcher that asks while the database is away waits, and is told all of it afterwards', async () => {
  const store = memoryJournal();
  let isAway = false;
  const back = Promise.withResolvers<void>();
  const sequencer = await openLedger({
    store: {
      ...store,
      append: (batch) => (isAway ? Promise.reject(new StoreUnavailable('gone')) : store.append(batch)),
    },
    genesis: testGenesis,
    hashes: testHashes,
    monotonicMs: () => 0,
    retryDelay: () => back.promise,
    onHalt: (cause) => {
      throw cause;
    },
  });
  const block = () => sequencer.submit({ run: (ledger) => produceBlock(ledger, 0) });
  await sequencer.submit({ run: (ledger) => put(ledger, 'sp500') });
  const stop = new AbortController();
  const watched = watchSubnet(sequencer, 1, stop.signal);
  expect((await watched.next()).value).toMatchObject({ snapshot: true, block: 0 });
  await block();
  isAway = true;
  const stored = block();
  while (sequencer.isServing) await turn();
  // It has been woken by the first block.
  const next = watched.next();
  for (let turns = 0; turns < 5; turns += 1) await turn();
  isAway = false;
  back.resolve();
  await stored;
  expect((await next).value).toMatchObject({ snapshot: false, block: 2 });
  stop.abort();
  expect(await watched.next()).toMatchObject({ done: true });
});
