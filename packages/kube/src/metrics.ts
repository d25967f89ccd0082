/**
 * What the runtime counts. `prom-metrics.ts` maps it to controller-runtime's names, so that
 * dashboards made for those work unchanged.
 */
export interface KubeMetrics {
  request(labels: { code: string; method: string; host: string }): void;
  reconcile(labels: { controller: string; result: ReconcileResult; seconds: number }): void;
  reconcileTimeout(controller: string): void;
  activeWorkers(controller: string, count: number): void;
  maxConcurrentReconciles(controller: string, count: number): void;
  queueDepth(queue: string, depth: number): void;
  queueAdd(queue: string): void;
  queueRetry(queue: string): void;
  queueWait(queue: string, seconds: number): void;
  queueWork(queue: string, seconds: number): void;
  watchRestart(labels: { gvk: string; reason: string }): void;
  cacheObjects(gvk: string, count: number): void;
  apply(labels: { kind: string; result: 'created' | 'updated' | 'unchanged' | 'refused' }): void;
}

/** The values that controller-runtime gives its `result` label. */
export type ReconcileResult = 'success' | 'error' | 'requeue' | 'requeue_after';

const nothing = (): void => undefined;

/** Counts nothing: for tests and tools. */
export const NO_METRICS: KubeMetrics = {
  request: nothing,
  reconcile: nothing,
  reconcileTimeout: nothing,
  activeWorkers: nothing,
  maxConcurrentReconciles: nothing,
  queueDepth: nothing,
  queueAdd: nothing,
  queueRetry: nothing,
  queueWait: nothing,
  queueWork: nothing,
  watchRestart: nothing,
  cacheObjects: nothing,
  apply: nothing,
};

/** What the runtime says about its work: structured fields first, then words. pino's loggers fit. */
export interface KubeLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Says nothing: for tests and tools. */
export const NO_LOG: KubeLog = { debug: nothing, info: nothing, warn: nothing, error: nothing };
