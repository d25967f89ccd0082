import { expect, test } from 'vitest';
import { holdLease } from './hold-lease.ts';
import { Fenced, LedgerUnavailable, StoreUnavailable } from './ports.ts';

const at = (sequence: number, hash = 'a') => ({ sequence, hash });

/** What some beats come to; the last one ends the lease by the signal. */
async function beat(
  heads: readonly (() => Promise<{ sequence: number; hash: string }>)[],
  own = at(7),
  lastStored: (beat: number) => number = () => 0,
): Promise<number> {
  const stop = new AbortController();
  let beats = 0;
  await holdLease({
    signal: stop.signal,
    store: { readHead: () => (heads[beats] ?? (() => Promise.resolve(own)))() },
    readCommitted: async () => own,
    lastStored: () => lastStored(beats),
    sleep: async () => {
      beats += 1;
      if (beats === heads.length) stop.abort();
    },
  });
  return beats;
}

test('outages are waited out: the next beat asks again', async () => {
  const heads = [
    () => Promise.reject(new StoreUnavailable('away')),
    () => Promise.reject(new LedgerUnavailable('stalled')),
    () => Promise.resolve(at(7)),
  ];
  expect(await beat(heads)).toBe(3);
});

test.for([
  ['that goes on where this one does not know it', at(8)],
  ['with another entry at its end', at(7, 'b')],
] as const)('a journal %s ends the writer, though it holds the lock', async ([, stored]) => {
  await expect(beat([() => Promise.resolve(stored)])).rejects.toThrow(Fenced);
});

test('a batch that is in memory and not yet read back is no other writer', async () => {
  expect(await beat([() => Promise.resolve(at(6, 'z'))])).toBe(1);
});

test('while batches are stored nothing is asked, and after the last one it is', async () => {
  const asked: number[] = [];
  const heads = [0, 1, 2, 3].map((number) => async () => {
    asked.push(number);
    return at(7);
  });
  await beat(heads, at(7), (beats) => Math.min(beats + 5, 7));
  expect(asked).toEqual([3]);
});
