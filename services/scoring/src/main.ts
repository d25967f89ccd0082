import { setPriority } from 'node:os';
import { isMainThread, workerData } from 'node:worker_threads';
import { BACKGROUND } from '#adapters/influence-thread.ts';

// Of the calling thread alone, on Linux: seconds of what nobody waits for would halve the processors that epochs have.
if (workerData === BACKGROUND && process.platform === 'linux') setPriority(0, 19);
// One entry for both, since an image holds one: worker threads start with the program that the service runs from.
await (isMainThread ? import('./service-main.ts') : import('./worker-main.ts'));
