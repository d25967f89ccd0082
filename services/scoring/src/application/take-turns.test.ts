import { setTimeout as delay } from 'node:timers/promises';
import { OutageError } from '@subnetes/runtime/errors';
import { expect, test } from 'vitest';
import { takeTurns, type TurnParts } from './take-turns.ts';

/** Turns whose lock is always to be had, as where one process alone can open the database. */
function turnsOf(raiseTerm: TurnParts['raiseTerm']) {
  const told: string[] = [];
  const parts: TurnParts = {
    lock: { hold: async () => ({ lost: new AbortController().signal, async [Symbol.asyncDispose]() {} }) },
    raiseTerm,
    lead: async ({ term, signal }) => {
      told.push(`term ${term}`);
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    },
    standingBy: () => told.push('stands by'),
    failed: (error) => told.push(error.message),
    pause: (signal) => delay(1, undefined, { signal }),
  };
  return { parts, told };
}

test('while its database refuses at once, whatever else the process has to do gets its turn', async () => {
  const stop = new AbortController();
  const { parts, told } = turnsOf(() => Promise.reject(new OutageError('pglite', 'the disk is full')));
  setTimeout(() => stop.abort(new Error('SIGTERM')), 20);
  await takeTurns(parts, stop.signal);
  expect(told).toContain('the disk is full');
});

test('it leads once the outage is over, and ends with its signal', async () => {
  const stop = new AbortController();
  let outages = 2;
  const { parts, told } = turnsOf(async () => {
    outages -= 1;
    if (outages >= 0) throw new OutageError('pglite', 'away');
    return 7n;
  });
  const leading = {
    ...parts,
    lead: async (turn: Parameters<TurnParts['lead']>[0]) => {
      setImmediate(() => stop.abort(new Error('SIGTERM')));
      await parts.lead(turn);
    },
  };
  await takeTurns(leading, stop.signal);
  expect(told.filter((line) => line !== 'stands by')).toEqual(['away', 'away', 'term 7']);
});

test('a bug is not an outage', async () => {
  const { parts } = turnsOf(() => Promise.reject(new TypeError('a bug')));
  await expect(takeTurns(parts, new AbortController().signal)).rejects.toThrow('a bug');
});
