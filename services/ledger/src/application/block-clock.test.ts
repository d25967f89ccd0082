import { expect, test } from 'vitest';
import { memoryJournal } from '#adapters/memory-journal.ts';
import { changeNetwork } from '#domain/governance/network-change.ts';
import { testTerms } from '#test/governed.ts';
import { put, testGenesis, testHashes } from '#test/ledger-state.ts';
import { type BlockTime, runBlockClock } from './block-clock.ts';
import { openLedger } from './open-ledger.ts';
import { type Batch, LedgerUnavailable, StoreUnavailable } from './ports.ts';

const BLOCK_MS = 1000;

/** Runs the clock for a while of virtual time; `append` may let time pass, or fail. */
async function run(until: number, onAppend: (nowMs: number, advance: (ms: number) => void) => void) {
  let nowMs = 5_000_000;
  const began = nowMs;
  const stop = new AbortController();
  const inner = memoryJournal();
  const append = async (batch: Batch): Promise<void> => {
    onAppend(nowMs - began, (ms) => {
      nowMs += ms;
    });
    await inner.append(batch);
  };
  const sequencer = await openLedger({
    store: { ...inner, append },
    genesis: testGenesis,
    hashes: testHashes,
    monotonicMs: () => nowMs,
    retryDelay: async () => {
      nowMs += 100;
    },
    onHalt: () => {},
  });
  await sequencer.submit({ run: (ledger) => put(ledger, 'sp500') });
  const made: number[] = [];
  const time: BlockTime = {
    monotonicMs: () => nowMs,
    unixMs: () => -1, // A wall clock that stands still or jumps decides nothing.
    sleep: async (ms) => {
      nowMs += ms;
      if (nowMs - began > until) stop.abort();
    },
  };
  const onBlock = (): void => {
    made.push(nowMs - began);
  };
  await runBlockClock({ sequencer, time, blockTimeMs: BLOCK_MS, signal: stop.signal, onBlock });
  const minted = await sequencer.read((ledger) => ledger.network.rewards);
  return { made, minted, blocks: await sequencer.read((ledger) => ledger.block) };
}

test('a block comes each block time', async () => {
  const { made } = await run(5000, () => {});
  expect(made).toEqual([1000, 2000, 3000, 4000, 5000]);
});

test('a slow commit does not shift the blocks that follow', async () => {
  const { made } = await run(5000, (_now, advance) => advance(200));
  expect(made.map((at) => at % BLOCK_MS)).toEqual(made.map(() => made[0]! % BLOCK_MS));
});

test('a pause makes no blocks up and mints nothing for it', async () => {
  let paused = false;
  const { made, minted, blocks } = await run(9000, (now, advance) => {
    if (now === 2000 && !paused) {
      paused = true;
      advance(5500);
    }
  });
  expect(made).toEqual([1000, 7500, 7500, 8500]);
  expect([blocks, minted]).toEqual([4, 4_000_000_000n]);
});

test('a database that is away stops the blocks, not the clock', async () => {
  let failures = 0;
  const { made } = await run(6000, (now) => {
    if (now >= 2000 && failures < 15) {
      failures += 1;
      throw new StoreUnavailable('gone');
    }
  });
  expect(made).toEqual([1000, 3500, 3500, 4500, 5500]);
});

test('a clock of a ledger that has stopped goes on without a block', async () => {
  const stop = new AbortController();
  let slept = 0;
  const sequencer = await openLedger({
    store: memoryJournal(),
    genesis: testGenesis,
    hashes: testHashes,
    monotonicMs: () => 0,
    retryDelay: async () => {},
    onHalt: () => {},
  });
  await sequencer.close();
  const sleep = async (): Promise<void> => {
    slept += 1;
    if (slept > 3) stop.abort();
  };
  const time = { monotonicMs: () => slept, unixMs: () => 0, sleep };
  const blocks: unknown[] = [];
  await runBlockClock({ sequencer, time, blockTimeMs: 1, signal: stop.signal, onBlock: (block) => blocks.push(block) });
  expect(blocks).toEqual([]);
  await expect(sequencer.read((ledger) => ledger.block)).rejects.toThrow(LedgerUnavailable);
});

test('blocks keep the time that a block before them said, from the next one on', async () => {
  const stop = new AbortController();
  let nowMs = 0;
  const sequencer = await openLedger({
    store: memoryJournal(),
    genesis: { ...testGenesis, governance: testTerms },
    hashes: testHashes,
    monotonicMs: () => nowMs,
    retryDelay: async () => {},
    onHalt: () => {},
  });
  const made: number[] = [];
  const time: BlockTime = {
    monotonicMs: () => nowMs,
    unixMs: () => 0,
    sleep: async (ms) => {
      nowMs += ms;
      const blockTimeMs = { 2: 250, 6: 2000 }[made.length];
      if (blockTimeMs !== undefined) {
        await sequencer.submit({ run: (ledger) => changeNetwork(ledger, { blockTimeMs }) });
      }
      if (made.length === 8) stop.abort();
    },
  };
  const onBlock = (): void => {
    made.push(nowMs);
  };
  await runBlockClock({ sequencer, time, blockTimeMs: BLOCK_MS, signal: stop.signal, onBlock });
  // The third block was due by the old time, and said the new one.
  expect(made).toEqual([1000, 2000, 3000, 3250, 3500, 3750, 4000, 6000]);
});
