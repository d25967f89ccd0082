import { metrics } from '../metrics.ts';
import type { PanelSpec } from '../panel.ts';
import { CLUSTER, PARTS } from '../selectors.ts';
import { series, tile } from './tiles.ts';

/** Which parts run. */
export const services: PanelSpec = tile({
  title: 'Parts that report',
  description:
    'Running parts of the system that Prometheus can read, without the neurons. One missing: look at its pod, then at the targets page of Prometheus.',
  runbook: 'service-resources',
  unit: 'short',
  decimals: 0,
  queries: [{ expr: `count(${metrics.buildInfo}{${PARTS}})`, legend: 'processes', expects: 'above-zero' }],
});

/** The name of the part that a process belongs to, joined by the address that Prometheus scrapes. */
const byPart = (metric: string): string =>
  `max by (service, instance) (${metric}{${CLUSTER}} * on (instance) group_left (service) max by (instance, service) (${metrics.buildInfo}{${PARTS}}))`;

/** Memory by part. */
export const memory: PanelSpec = series({
  title: 'Memory by part',
  description:
    'Resident memory of each process. A line that only climbs is a leak: restart that pod (nothing is lost), keep its log, report it with the hours it took.',
  runbook: 'service-resources',
  unit: 'bytes',
  min: 0,
  queries: [
    {
      expr: byPart(metrics.memory),
      legend: '{{service}} {{instance}}',
      expects: 'above-zero',
    },
  ],
});

/** Event loop lag by part. */
export const eventLoop: PanelSpec = series({
  title: 'Event loop lag (p99)',
  description:
    'How late each process gets to its own work. Above a quarter of a second it answers late: give the pod more CPU or find what blocks it (long synchronous work shows as a plateau).',
  runbook: 'service-resources',
  unit: 's',
  min: 0,
  queries: [
    {
      expr: byPart(metrics.eventLoopLag),
      legend: '{{service}} {{instance}}',
      expects: 'above-zero',
    },
  ],
});
