import { expect, test } from 'vitest';
import { replayWindow } from './replay-window.ts';

test('a key counts once while it is remembered', () => {
  const window = replayWindow({ keepMs: 10, keysMax: 5 });
  expect([window.admit('a', 0), window.admit('a', 10), window.admit('b', 10), window.admit('a', 11)]).toEqual([
    'new',
    'seen',
    'new',
    'new',
  ]);
});

test('a full memory says so until the oldest is forgotten', () => {
  const window = replayWindow({ keepMs: 10, keysMax: 2 });
  expect([window.admit('a', 0), window.admit('b', 5), window.admit('c', 9), window.admit('c', 11)]).toEqual([
    'new',
    'new',
    'full',
    'new',
  ]);
});
