import { metrics } from '../metrics.ts';
import type { PanelSpec } from '../panel.ts';
import { CLUSTER, grownInRange } from '../selectors.ts';
import { series, tile } from './tiles.ts';

/** Requests of applications in the time shown. */
export const requestCount: PanelSpec = tile({
  title: 'Requests answered',
  description:
    'Requests that applications got a 2xx answer for in the time shown. Zero with applications running: look at the errors by class beside it and try a request with `curl -i`; its headers say why.',
  runbook: 'gateway-errors',
  unit: 'short',
  decimals: 0,
  queries: [
    {
      expr: `sum(${grownInRange(`${metrics.gatewayRequests}{${CLUSTER},code_class="2xx"}`)})`,
      legend: 'answered',
      expects: 'above-zero',
    },
  ],
});

/** What applications paid. */
export const charged: PanelSpec = tile({
  title: '$token charged',
  description:
    'What billing charged for answers in the time shown (operational figure; invoices and the ledger are exact). Zero while requests are answered: look at the age of usage events in billing and at its log for refused postings.',
  runbook: 'gateway-errors',
  unit: 'suffix: tokens',
  decimals: 9,
  queries: [
    { expr: `sum(${grownInRange(`${metrics.charged}{${CLUSTER}}`)})`, legend: 'charged', expects: 'above-zero' },
  ],
});

/** Endpoints that the gateway may route to. */
export const healthyEndpoints: PanelSpec = tile({
  title: 'Healthy miner endpoints',
  description:
    "Announced endpoints that pass the gateway's health check. Zero: no request can be answered. Look at the Available condition of the miners and at NetworkPolicies between gateway and miners.",
  runbook: 'gateway-errors',
  unit: 'short',
  decimals: 0,
  queries: [
    {
      expr: `sum(max by (cluster, subnet) (${metrics.healthyEndpoints}{${CLUSTER}}))`,
      legend: 'healthy',
      expects: 'above-zero',
    },
  ],
});

/** Requests by class of answer. */
export const requestRate: PanelSpec = series({
  title: 'Requests per second by class of answer',
  description:
    "2xx is good; 4xx is the caller's doing (key, budget, body); 5xx means that no eligible miner answered after all attempts. For 5xx look at the healthy endpoints and at the gateway's log by request id.",
  runbook: 'gateway-errors',
  unit: 'reqps',
  min: 0,
  stacked: true,
  queries: [
    {
      expr: `sum by (code_class) (rate(${metrics.gatewayRequests}{${CLUSTER}}[$__rate_interval]))`,
      legend: '{{code_class}}',
      expects: 'data',
    },
  ],
});

/** How long applications wait. */
export const requestDuration: PanelSpec = series({
  title: 'Time to answer',
  description:
    "From the request's first byte at the gateway to the answer's last, at three quantiles. A p99 that leaves p50 behind is one slow miner or a retry; `x-subnetes-attempts` in the answer tells which.",
  runbook: 'gateway-errors',
  unit: 's',
  min: 0,
  queries: [0.5, 0.95, 0.99].map((q) => ({
    expr: `histogram_quantile(${q}, sum by (le) (rate(${metrics.gatewayDuration}_bucket{${CLUSTER}}[$__rate_interval])))`,
    legend: `p${q * 100}`,
    expects: 'data' as const,
  })),
});
