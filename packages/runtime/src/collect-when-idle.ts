import { getHeapStatistics } from 'node:v8';

const CHECK_MS = 20_000;

/** Share of one core below which a process counts as idle: a collection stops it for a tenth of a second. */
const IDLE_SHARE = 0.05;

/** Growth that is worth a collection. Bytes. */
const WORTH_BYTES = 3 * 2 ** 20;

/** What a check of the heap saw. */
export interface HeapCheck {
  /** Microseconds of CPU since the check before, on all cores. */
  readonly cpuUs: number;
  readonly elapsedMs: number;
  /** Bytes that the heap has grown by since it was last collected here. */
  readonly grownBytes: number;
}

/** Whether the process idles and has garbage enough. */
export function isWorthCollecting({ cpuUs, elapsedMs, grownBytes }: HeapCheck): boolean {
  return cpuUs < IDLE_SHARE * elapsedMs * 1000 && grownBytes >= WORTH_BYTES;
}

/**
 * V8 looks for garbage once the heap has grown by some share of itself, so a process that idles keeps for hours what its
 * start or a burst left. This looks while the process has nothing else to do, where the collector is exposed
 * (`NODE_OPTIONS=--expose-gc`); elsewhere it does nothing. It does not keep the process alive.
 */
export function collectWhenIdle(checkMs: number = CHECK_MS): void {
  const collect = globalThis.gc;
  if (collect === undefined) return;
  let cpu = process.cpuUsage();
  let checkedMs = performance.now();
  let afterBytes = 0;
  setInterval(() => {
    const { user, system } = process.cpuUsage(cpu);
    const elapsedMs = performance.now() - checkedMs;
    const grownBytes = getHeapStatistics().used_heap_size - afterBytes;
    if (isWorthCollecting({ cpuUs: user + system, elapsedMs, grownBytes })) {
      // The regular flavour keeps pages that are half empty.
      collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
      afterBytes = getHeapStatistics().used_heap_size;
    }
    cpu = process.cpuUsage();
    checkedMs = performance.now();
  }, checkMs).unref();
}
