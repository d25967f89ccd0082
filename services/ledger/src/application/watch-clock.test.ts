import { expect, test } from 'vitest';
import { databaseAheadMs, JUMP_MS_MIN, JumpMeter, watchClock } from './watch-clock.ts';
import { StoreUnavailable } from './ports.ts';

const HOUR_MS = 3_600_000;

test.for<readonly [string, number, number]>([
  ['an hour ahead', HOUR_MS, HOUR_MS],
  ['an hour back', -HOUR_MS, -HOUR_MS],
  ['a leap second', -1000, -1000],
  ['the least that counts', JUMP_MS_MIN, JUMP_MS_MIN],
  ['less than that', JUMP_MS_MIN - 1, 0],
  ['less than that, back', 1 - JUMP_MS_MIN, 0],
])('wall time that jumps by %s is told once', ([, jumpMs, told]) => {
  const meter = new JumpMeter();
  expect(meter.look({ monotonicMs: 0, unixMs: 1_000_000 })).toBe(0);
  expect(meter.look({ monotonicMs: 1000, unixMs: 1_001_000 + jumpMs })).toBe(told);
  expect(meter.look({ monotonicMs: 2000, unixMs: 1_002_000 + jumpMs })).toBe(0);
});

test('a pause of the process is no jump', () => {
  const meter = new JumpMeter();
  meter.look({ monotonicMs: 0, unixMs: 1_000_000 });
  expect(meter.look({ monotonicMs: 90_000, unixMs: 1_090_000 })).toBe(0);
});

test.for<readonly [string, number, number, number]>([
  ['as late as this one', 0, 5, 0],
  ['two seconds ahead', 2000, 4, 1998],
  ['two seconds behind', -2000, 4, -1998],
  ['a little ahead of a slow answer', 300, 1000, 0],
  ['a little behind a slow answer', -300, 1000, 0],
])('a database whose clock is %s', async ([, aheadMs, tripMs, expected]) => {
  let nowMs = 1_000_000;
  const time = {
    monotonicMs: () => nowMs,
    unixMs: () => nowMs,
    databaseMs: async () => {
      nowMs += tripMs;
      return nowMs - tripMs / 2 + aheadMs;
    },
  };
  expect(await databaseAheadMs(time)).toBe(expected);
});

test('jumps are told while the database is away, and the offset once it answers', async () => {
  let [steadyMs, wallMs, looks] = [0, 1_000_000, 0];
  const told: string[] = [];
  const stop = new AbortController();
  await watchClock({
    time: {
      monotonicMs: () => steadyMs,
      unixMs: () => wallMs,
      databaseMs: async () => {
        if (looks === 0) throw new StoreUnavailable('away');
        return wallMs;
      },
    },
    sleep: async (ms) => {
      looks += 1;
      steadyMs += ms;
      wallMs += looks === 3 ? ms - HOUR_MS : ms;
      if (looks === 20) stop.abort();
    },
    signal: stop.signal,
    onJump: (jumpedMs) => told.push(`jump ${jumpedMs}`),
    onOffset: (aheadMs) => told.push(`offset ${aheadMs}`),
  });
  expect(told).toEqual([`jump -${HOUR_MS}`, 'offset 0']);
});
