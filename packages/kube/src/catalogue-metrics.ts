import type { Metrics } from '@subnetes/telemetry/metrics';
import type { KubeMetrics, ReconcileResult } from './metrics.ts';

const RESULTS: readonly ReconcileResult[] = ['success', 'error', 'requeue', 'requeue_after'];

/** Maps what the runtime counts to the catalogue, where the names are controller-runtime's. */
export function catalogueMetrics(metrics: Metrics): KubeMetrics {
  return {
    request: (labels) => metrics.inc('rest_client_requests_total', labels),
    reconcile({ controller, result, seconds }) {
      metrics.inc('controller_runtime_reconcile_total', { controller, result });
      metrics.observe('controller_runtime_reconcile_time_seconds', { controller }, seconds);
      if (result === 'error') metrics.inc('controller_runtime_reconcile_errors_total', { controller });
    },
    reconcileTimeout: (controller) => metrics.inc('controller_runtime_reconcile_timeouts_total', { controller }),
    activeWorkers: (controller, count) => metrics.set('controller_runtime_active_workers', { controller }, count),
    maxConcurrentReconciles(controller, count) {
      metrics.set('controller_runtime_max_concurrent_reconciles', { controller }, count);
      metrics.zero(
        'controller_runtime_reconcile_total',
        RESULTS.map((result) => ({ controller, result })),
      );
      metrics.zero('controller_runtime_reconcile_errors_total', [{ controller }]);
      metrics.zero('controller_runtime_reconcile_timeouts_total', [{ controller }]);
      metrics.zero('controller_runtime_active_workers', [{ controller }]);
    },
    queueDepth: (name, depth) => metrics.set('workqueue_depth', { name }, depth),
    queueAdd: (name) => metrics.inc('workqueue_adds_total', { name }),
    queueRetry: (name) => metrics.inc('workqueue_retries_total', { name }),
    queueWait: (name, seconds) => metrics.observe('workqueue_queue_duration_seconds', { name }, seconds),
    queueWork: (name, seconds) => metrics.observe('workqueue_work_duration_seconds', { name }, seconds),
    watchRestart: (labels) => metrics.inc('subnetes_operator_watch_restarts_total', labels),
    cacheObjects: (gvk, count) => metrics.set('subnetes_operator_cache_objects', { gvk }, count),
    apply: (labels) => metrics.inc('subnetes_operator_applies_total', labels),
  };
}
