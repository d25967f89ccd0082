import { expect, test } from 'vitest';
import { UnwitnessedEpochs } from './unwitnessed-epochs.ts';

test('an epoch waits from the block at which it was first told, and counts the most signatures that came', () => {
  const waiting = new UnwitnessedEpochs();
  waiting.note({ netuid: 2, index: 5, signed: 0 }, 100);
  waiting.note({ netuid: 1, index: 3, signed: 1 }, 101);
  waiting.note({ netuid: 2, index: 5, signed: 2 }, 120);
  waiting.note({ netuid: 2, index: 5, signed: 1 }, 130);
  expect(waiting.list()).toEqual([
    { netuid: 1, index: 3, sinceBlock: 101, signed: 1 },
    { netuid: 2, index: 5, sinceBlock: 100, signed: 2 },
  ]);
});

test('an older epoch that is told again changes nothing, a newer one takes its place, and a paid one is gone', () => {
  const waiting = new UnwitnessedEpochs();
  waiting.note({ netuid: 1, index: 5, signed: 2 }, 100);
  waiting.note({ netuid: 1, index: 4, signed: 0 }, 110);
  waiting.paid({ netuid: 1, index: 4 });
  expect(waiting.list()).toEqual([{ netuid: 1, index: 5, sinceBlock: 100, signed: 2 }]);
  waiting.note({ netuid: 1, index: 6, signed: 0 }, 120);
  expect(waiting.list()).toEqual([{ netuid: 1, index: 6, sinceBlock: 120, signed: 0 }]);
  waiting.paid({ netuid: 1, index: 6 });
  waiting.paid({ netuid: 9, index: 1 });
  expect(waiting.list()).toEqual([]);
});
