import { isConflict } from './errors.ts';
import type { KubeLog, KubeMetrics, ReconcileResult } from './metrics.ts';
import type { Key } from './resource.ts';
import type { WorkQueue } from './work-queue.ts';

/** What a pass over one key came to. A thrown error counts as `error`: the key comes back with back-off. */
export type Outcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'requeue'; readonly afterMs: number }
  | { readonly kind: 'error'; readonly error: Error };

export type Reconcile = (key: Key, signal: AbortSignal) => Promise<Outcome>;

export interface ControllerOptions {
  readonly name: string;
  readonly queue: WorkQueue;
  readonly reconcile: Reconcile;
  readonly workers: number;
  readonly timeoutMs: number;
  readonly metrics: KubeMetrics;
  readonly log: KubeLog;
  readonly nowMs: () => number;
}

/** A running controller; disposing it finishes the passes under way and takes no new key. */
export type Controller = AsyncDisposable;

/** Works on the queue's keys with a fixed number of workers, one at a time for each key. */
export function startController(options: ControllerOptions): Controller {
  const { name, metrics, queue } = options;
  metrics.maxConcurrentReconciles(name, options.workers);
  let active = 0;
  const worker = async (): Promise<void> => {
    for (;;) {
      const key = await queue.take();
      if (key === undefined) return;
      active += 1;
      metrics.activeWorkers(name, active);
      try {
        await runPass(options, key);
      } finally {
        active -= 1;
        metrics.activeWorkers(name, active);
        queue.done(key);
      }
    }
  };
  const workers = Array.from({ length: options.workers }, worker);
  return {
    async [Symbol.asyncDispose]() {
      queue.close();
      await Promise.all(workers);
    },
  };
}

async function runPass(options: ControllerOptions, key: Key): Promise<void> {
  const { name, metrics, queue, log } = options;
  const startedMs = options.nowMs();
  const signal = AbortSignal.timeout(options.timeoutMs);
  const outcome = await options.reconcile(key, signal).catch((error: unknown): Outcome => ({
    kind: 'error',
    error: error instanceof Error ? error : new Error(String(error)),
  }));
  const finish = (result: ReconcileResult): void => {
    metrics.reconcile({ controller: name, result, seconds: (options.nowMs() - startedMs) / 1000 });
  };
  switch (outcome.kind) {
    case 'done':
      queue.forget(key);
      finish('success');
      return;
    case 'requeue':
      queue.forget(key);
      queue.addAfter(key, outcome.afterMs);
      finish('requeue_after');
      return;
    case 'error': {
      const retryMs = queue.addRateLimited(key);
      if (signal.aborted) metrics.reconcileTimeout(name);
      // Somebody else wrote first: common, harmless, and settled by the next pass.
      if (isConflict(outcome.error)) {
        finish('requeue');
        return;
      }
      finish('error');
      log.error({ controller: name, key, err: outcome.error, retryMs: Math.round(retryMs) }, 'reconcile failed');
      return;
    }
  }
}
