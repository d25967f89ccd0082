import { expect, test } from 'vitest';
import { Fenced, StoreUnavailable } from './ports.ts';
import { type SeenWriter, standBy } from './stand-by.ts';

const held: SeenWriter = { isHeld: true, address: 'one:1' };
const free: SeenWriter = { isHeld: false, address: 'one:1' };

/** Stands by while it sees one thing after the other; answers what came of it. */
async function wait(looks: readonly (SeenWriter | Error)[], takeOver: () => Promise<string>) {
  const stop = new AbortController();
  const seen: SeenWriter[] = [];
  const failures: Error[] = [];
  let look = 0;
  const turn = await standBy({
    takeOver,
    signal: stop.signal,
    seat: {
      look: async () => {
        const next = looks[look];
        look += 1;
        if (look === looks.length) stop.abort();
        if (next === undefined || next instanceof Error) throw next ?? new Error('nobody looks any more');
        return next;
      },
    },
    sleep: async () => {},
    onSeen: (writer) => seen.push(writer),
    onFailure: (error) => failures.push(error),
  });
  return { turn, seen, failures };
}

test('while a writer lives nobody takes over; once its session is gone the next look does', async () => {
  const { turn, seen } = await wait([held, held, free], async () => 'taken');
  expect(turn).toEqual({ taken: 'taken' });
  expect(seen).toEqual([held, held, free]);
});

test('one that was not quick enough goes on standing by', async () => {
  let tries = 0;
  const { turn } = await wait([free, held, free], async () => {
    tries += 1;
    if (tries === 1) throw new Fenced('another ledger writes to this database');
    return 'taken';
  });
  expect([turn, tries]).toEqual([{ taken: 'taken' }, 2]);
});

test('a database that is away is told of and asked again', async () => {
  const { turn, failures } = await wait([new StoreUnavailable('away'), free], async () => 'taken');
  expect([turn, failures.length]).toEqual([{ taken: 'taken' }, 1]);
});

test('the signal ends the wait, and a bug ends everything', async () => {
  expect((await wait([held, held], async () => 'taken')).turn).toBeUndefined();
  await expect(wait([free], () => Promise.reject(new TypeError('bug')))).rejects.toThrow(TypeError);
});
