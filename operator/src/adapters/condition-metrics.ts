import type { Metrics } from '@subnetes/telemetry/metrics';
import type { ClusterInformers } from './cluster-informers.ts';

/** Exports each resource's conditions at a scrape, as the stores have them; what was deleted is gone with the next. */
export function exportConditions(metrics: Metrics, informers: ClusterInformers): void {
  metrics.onScrape(() => {
    metrics.clear('subnetes_resource_status_condition');
    const { subnets, miners, validators } = informers;
    for (const { resource, store } of [subnets, miners, validators]) {
      for (const { metadata, status } of store.list()) {
        for (const { type, status: holds } of status?.conditions ?? []) {
          const { namespace = '', name } = metadata;
          const labels = { customresource_kind: resource.kind, namespace, name, type };
          metrics.set('subnetes_resource_status_condition', labels, holds === 'True' ? 1 : 0);
        }
      }
    }
  });
}
