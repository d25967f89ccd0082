import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { isWorthCollecting } from './collect-when-idle.ts';

const MODULE = new URL('collect-when-idle.ts', import.meta.url).href;

/** Makes garbage that has grown old, then waits until the heap is smaller or the deadline has passed; prints which. */
const PROGRAM = `
  import { collectWhenIdle } from ${JSON.stringify(MODULE)};
  let kept = Array.from({ length: 200_000 }, (_, i) => ({ i }));
  const full = process.memoryUsage().heapUsed;
  collectWhenIdle(50);
  kept = undefined;
  const deadline = performance.now() + 1500;
  const timer = setInterval(() => {
    const isSmaller = process.memoryUsage().heapUsed < full - 5e6;
    if (!isSmaller && performance.now() < deadline) return;
    clearInterval(timer);
    console.log(isSmaller ? 'collected' : 'kept');
  }, 20);
`;

describe('isWorthCollecting', () => {
  const minute = { elapsedMs: 60_000, cpuUs: 0, grownBytes: 10e6 };
  test.each([
    ['an idle process with garbage', minute, true],
    ['a busy one', { ...minute, cpuUs: 3_000_000 }, false],
    ['one whose heap has hardly grown', { ...minute, grownBytes: 1e6 }, false],
    ['one whose heap is smaller', { ...minute, grownBytes: -1 }, false],
  ])('%s', (_, check, expected) => {
    expect(isWorthCollecting(check)).toBe(expected);
  });
});

describe('collectWhenIdle', () => {
  test.each([
    ['collects where the collector is exposed', ['--expose-gc'], 'collected\n'],
    ['does nothing elsewhere', [], 'kept\n'],
  ])('%s', async (_, flags, expected) => {
    const { stdout } = await promisify(execFile)(process.execPath, [
      ...flags,
      '--input-type=module',
      '--eval',
      PROGRAM,
    ]);
    expect(stdout).toBe(expected);
  });
});
