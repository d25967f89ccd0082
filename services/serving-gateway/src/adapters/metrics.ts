import type { Metrics } from '@subnetes/telemetry/metrics';
import type { GatewayObserver } from '../application/ports.ts';
import type { Leases } from '../application/keep-leases.ts';
import type { Admission } from '../domain/admission.ts';
import type { Market } from '../domain/market.ts';
import { statusOf } from '../domain/refusal.ts';
import type { MinerLinks } from './upstream.ts';
import type { DurableUsageSpool } from './usage-spool.ts';

/** Counts what happens, in the catalogue's names. */
export function gatewayObserver(metrics: Metrics): GatewayObserver {
  return {
    answered({ netuid, model, status }) {
      const labels = { subnet: String(netuid), model, code_class: `${Math.floor(status / 100)}xx` };
      metrics.inc('subnetes_gateway_requests_total', labels);
    },
    refused({ code }) {
      metrics.inc('subnetes_gateway_refusals_total', { reason: code });
      const code_class = `${Math.floor(statusOf(code) / 100)}xx`;
      // No names from outside among the labels: a refused model may not exist.
      metrics.inc('subnetes_gateway_requests_total', { subnet: '', model: '', code_class });
    },
    attempted(netuid, outcome) {
      metrics.inc('subnetes_gateway_upstream_attempts_total', { subnet: String(netuid), outcome });
      if (outcome === 'ok') metrics.inc('subnetes_gateway_receipts_total', { result: 'both' });
      if (outcome === 'receipt') metrics.inc('subnetes_gateway_receipts_total', { result: 'miner_missing' });
    },
    leased(result) {
      metrics.inc('subnetes_gateway_leases_total', { result });
    },
  };
}

/** Fills the gauges before each scrape. */
export function exportState(
  metrics: Metrics,
  state: {
    readonly admission: Admission;
    readonly leases: Leases;
    readonly links: MinerLinks;
    readonly market: Market;
    readonly spool: DurableUsageSpool;
  },
): void {
  metrics.zero('subnetes_gateway_leases_total', [{ result: 'granted' }, { result: 'refused' }]);
  metrics.onScrape(() => {
    metrics.set('subnetes_gateway_inflight_requests', {}, state.admission.inFlight);
    metrics.set('subnetes_gateway_leases_open', {}, state.leases.openCount);
    metrics.set('subnetes_gateway_usage_spooled', {}, state.spool.pending);
    for (const { netuid } of state.market.subnets()) {
      const labels = { subnet: String(netuid) };
      metrics.set('subnetes_gateway_registered_endpoints', labels, state.market.miners(netuid).length);
      metrics.set('subnetes_gateway_healthy_endpoints', labels, state.links.readyCount(netuid));
    }
  });
}
