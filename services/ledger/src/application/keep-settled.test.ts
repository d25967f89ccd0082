import { expect, test } from 'vitest';
import { keepSettled } from './keep-settled.ts';
import { type Batch, StoreUnavailable } from './ports.ts';

/** Runs turns of the loop; in each so many entries are stored first, and so many milliseconds pass. */
async function run(turns: readonly { readonly entries: number; readonly ms: number }[], fails: readonly number[] = []) {
  const stop = new AbortController();
  const settledAt: number[] = [];
  const failures: unknown[] = [];
  let [head, nowMs, turn] = [0, 0, 0];
  let tell: (batch: Batch) => void = () => {};
  const pass = (): void => {
    const { entries = 0, ms = 0 } = turns[turn] ?? {};
    turn += 1;
    nowMs += ms;
    head += entries;
    if (entries > 0) tell({ entries: [{ sequence: head }] } as unknown as Batch);
    if (turn > turns.length) stop.abort();
  };
  await keepSettled({
    store: {
      settle: async () => {
        if (fails.includes(turn)) throw new StoreUnavailable('away');
        settledAt.push(head);
        return head;
      },
    },
    sequencer: {
      subscribe: (listener) => {
        tell = listener;
        return () => {};
      },
    },
    sleep: async () => pass(),
    monotonicMs: () => nowMs,
    signal: stop.signal,
    onFailure: (error) => failures.push(error),
  });
  return { settledAt, failures };
}

test('many entries are settled at once, few after a while, none never', async () => {
  const turns = [
    { entries: 99_999, ms: 100 },
    { entries: 1, ms: 100 },
    { entries: 0, ms: 60_000 },
    { entries: 3, ms: 4999 },
    { entries: 0, ms: 5000 },
  ];
  expect((await run(turns)).settledAt).toEqual([100_000, 100_003]);
});

test('an outage is told and tried again', async () => {
  const turns = [
    { entries: 100_000, ms: 100 },
    { entries: 5, ms: 100 },
  ];
  const { settledAt, failures } = await run(turns, [1]);
  expect(settledAt).toEqual([100_005]);
  expect(failures).toHaveLength(1);
});
