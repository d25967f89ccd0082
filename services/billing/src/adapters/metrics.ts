import { RAO_PER_TOKEN } from '@subnetes/money/amount';
import type { Logger } from '@subnetes/telemetry/logger';
import type { Metrics } from '@subnetes/telemetry/metrics';
import type { BillingObserver, BillingStore } from '../application/ports.ts';

/** Counts what happens, in the catalogue's names. */
export function billingObserver(metrics: Metrics, log: Logger): BillingObserver {
  metrics.zero('subnetes_billing_written_off_rao_total', [{}]);
  return {
    usageTaken: (result) => metrics.inc('subnetes_billing_usage_events_total', { result }),
    charged(netuid, amountRao) {
      const labels = { subnet: String(netuid) };
      metrics.inc('subnetes_billing_rated_rao_total', labels, Number(amountRao));
      metrics.inc('subnetes_billing_charged_tokens_total', labels, Number(amountRao) / Number(RAO_PER_TOKEN));
    },
    writtenOff(requestId, reason, quotedRao) {
      metrics.inc('subnetes_billing_written_off_rao_total', {}, Number(quotedRao));
      log.warn({ requestId, reason, quotedRao: quotedRao.toString() }, 'usage was written off');
    },
    conflict: (requestId) => log.error({ requestId }, 'a request id came again with other content'),
  };
}

/** Fills the gauges before each scrape. */
export function exportState(metrics: Metrics, store: BillingStore): void {
  metrics.onScrape(async () => {
    const { openLeases, unsettled } = await store.counts();
    metrics.set('subnetes_billing_leases_open', {}, openLeases);
    metrics.set('subnetes_billing_unsettled_events', {}, unsettled);
  });
}
