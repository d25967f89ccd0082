import { getHeapStatistics } from 'node:v8';

const CHECK_MS = 20_000;

/** Share of one core below which a process counts as idle. */
const IDLE_SHARE = 0.05;

/** Growth from which a collection is worth its 20 ms. Bytes. */
const GROWN_BYTES = 2 * 2 ** 20;

/** Growth from which pages are given back as well, which takes a tenth of a second: after the start, or after a burst. Bytes. */
const BURST_BYTES = 6 * 2 ** 20;

/** What a check of the heap saw. */
export interface HeapCheck {
  /** Microseconds of CPU since the check before, on all cores. */
  readonly cpuUs: number;
  readonly elapsedMs: number;
  /** Bytes that the heap has grown by since it was last collected here. */
  readonly grownBytes: number;
}

/** How to collect the garbage of a process that idles; undefined where it does not, or has little. */
export function collectionFor({ cpuUs, elapsedMs, grownBytes }: HeapCheck): 'regular' | 'last-resort' | undefined {
  if (cpuUs >= IDLE_SHARE * elapsedMs * 1000 || grownBytes < GROWN_BYTES) return undefined;
  return grownBytes < BURST_BYTES ? 'regular' : 'last-resort';
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
    const flavor = collectionFor({ cpuUs: user + system, elapsedMs, grownBytes });
    if (flavor !== undefined) {
      collect({ type: 'major', execution: 'sync', flavor });
      afterBytes = getHeapStatistics().used_heap_size;
    }
    cpu = process.cpuUsage();
    checkedMs = performance.now();
  }, checkMs).unref();
}
