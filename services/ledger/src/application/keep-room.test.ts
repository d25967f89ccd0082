import { expect, test } from 'vitest';
import { keepRoom } from './keep-room.ts';
import { type Batch, StoreUnavailable } from './ports.ts';

test('room is asked for from where the journal has come to, also after an outage', async () => {
  const stop = new AbortController();
  const asked: number[] = [];
  const failures: unknown[] = [];
  let listener: (batch: Batch) => void = () => {};
  let looks = 0;
  await keepRoom({
    store: {
      makeRoom: async (head) => {
        asked.push(head);
        if (asked.length === 2) throw new StoreUnavailable('away');
      },
    },
    sequencer: {
      subscribe(told) {
        listener = told;
        return () => {
          listener = () => asked.push(-1);
          return true;
        };
      },
    },
    sleep: async () => {
      looks += 1;
      const entry = { sequence: looks * 100 } as Batch['entries'][number];
      listener({ previous: { sequence: 0, hash: '' }, entries: [entry], accounts: [], holds: [], documents: [] });
      if (looks === 3) stop.abort();
    },
    signal: stop.signal,
    onFailure: (error) => failures.push(error),
  });
  expect(asked).toEqual([0, 100, 200]);
  expect(failures).toEqual([expect.any(StoreUnavailable)]);
});
