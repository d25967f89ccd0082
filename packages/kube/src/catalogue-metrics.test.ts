import { createMetrics } from '@subnetes/telemetry/metrics';
import { expect, test } from 'vitest';
import { catalogueMetrics } from './catalogue-metrics.ts';

test('what the runtime counts is exported under the names of controller-runtime', async () => {
  const metrics = createMetrics({ service: 'test', version: '0', processMetrics: false });
  const kube = catalogueMetrics(metrics);
  kube.maxConcurrentReconciles('miner', 2);
  kube.reconcile({ controller: 'miner', result: 'error', seconds: 0.2 });
  kube.queueDepth('miner', 3);
  kube.apply({ kind: 'Service', result: 'created' });
  const text = await metrics.text();
  for (const line of [
    'controller_runtime_reconcile_total{controller="miner",result="error"} 1',
    'controller_runtime_reconcile_total{controller="miner",result="success"} 0',
    'controller_runtime_reconcile_errors_total{controller="miner"} 1',
    'workqueue_depth{name="miner"} 3',
    'subnetes_operator_applies_total{kind="Service",result="created"} 1',
  ]) {
    expect(text).toContain(line);
  }
});
