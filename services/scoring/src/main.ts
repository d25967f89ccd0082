import { isMainThread } from 'node:worker_threads';

// One entry for both, since an image holds one: worker threads start with the program that the service runs from.
await (isMainThread ? import('./service-main.ts') : import('./worker-main.ts'));
