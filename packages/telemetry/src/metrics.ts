import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import { METRICS, type LabelsOf, type MetricName, type MetricNameOf, type MetricSpec } from './metric-names.ts';

/** Label sets that one metric may have in one process: per-uid metrics of sixteen full subnets. */
export const SERIES_MAX = 4096;

/** One process's metrics. Only what was touched is exported, so every service shows its own part of the catalogue. */
export interface Metrics {
  /** Adds to a counter. */
  inc<N extends MetricNameOf<'counter'>>(name: N, labels: LabelsOf<N>, by?: number): void;
  /** Sets a gauge. */
  set<N extends MetricNameOf<'gauge'>>(name: N, labels: LabelsOf<N>, value: number): void;
  /** Adds a sample, in the unit of the name, to a histogram. */
  observe<N extends MetricNameOf<'histogram'>>(name: N, labels: LabelsOf<N>, value: number): void;
  /** Exports label sets before their first event, so that rates and absences can be told apart. */
  zero<N extends MetricName>(name: N, labelSets: readonly LabelsOf<N>[]): void;
  /** Forgets all label sets of a gauge, before it is filled with what is true now (uids that are gone must not stay). */
  clear(name: MetricNameOf<'gauge'>): void;
  /** Forgets one label set of a gauge. */
  forget<N extends MetricNameOf<'gauge'>>(name: N, labels: LabelsOf<N>): void;
  /** Calls `fill` before each scrape, for gauges that are cheap to read and pointless to push. */
  onScrape(fill: () => void | Promise<void>): void;
  /** The exposition text of all that was touched. */
  text(): Promise<string>;
  readonly contentType: string;
}

export interface MetricsOptions {
  readonly service: string;
  readonly version: string;
  readonly commit?: string;
  /** Process and event loop metrics; left out in tests, since they start timers. Default true. */
  readonly processMetrics?: boolean;
}

type Instrument = Counter | Gauge | Histogram;

/** Makes a registry whose metrics can only be those of the catalogue. */
export function createMetrics(options: MetricsOptions): Metrics {
  const registry = new Registry();
  if (options.processMetrics !== false) collectDefaultMetrics({ register: registry });
  const { open, keyOf, admit } = openInstruments(registry);
  const fillers: (() => void | Promise<void>)[] = [];
  const metrics: Metrics = {
    inc(name, labels, by = 1) {
      const instrument = admit(name, labels);
      if (instrument instanceof Counter) instrument.inc({ ...labels }, by);
    },
    set(name, labels, value) {
      const instrument = admit(name, labels);
      if (instrument instanceof Gauge) instrument.set({ ...labels }, value);
    },
    observe(name, labels, value) {
      const instrument = admit(name, labels);
      if (instrument instanceof Histogram) instrument.observe({ ...labels }, value);
    },
    zero(name, labelSets) {
      for (const labels of labelSets) zeroOne(admit(name, labels), { ...labels });
    },
    clear(name) {
      const { instrument, series } = open(name);
      instrument.reset();
      series.clear();
    },
    forget(name, labels) {
      const { instrument, series } = open(name);
      instrument.remove({ ...labels });
      series.delete(keyOf(name, labels));
    },
    onScrape(fill) {
      fillers.push(fill);
    },
    async text() {
      for (const fill of fillers) await fill();
      return registry.metrics();
    },
    contentType: registry.contentType,
  };
  const { service, version, commit = 'unknown' } = options;
  metrics.set('subnetes_build_info', { service, version, commit }, 1);
  return metrics;
}

/** The instruments that were touched, each with its label sets. */
function openInstruments(registry: Registry) {
  const known = new Map<MetricName, { instrument: Instrument; series: Set<string> }>();

  const open = (name: MetricName) => {
    const found = known.get(name);
    if (found !== undefined) return found;
    const made = { instrument: instrumentOf(name, registry), series: new Set<string>() };
    known.set(name, made);
    return made;
  };

  const keyOf = (name: MetricName, labels: Readonly<Record<string, string>>): string =>
    METRICS[name].labels.map((label) => labels[label]).join('\u0000');

  /** The instrument, or nothing where the label set is new and the metric is full. */
  const admit = (name: MetricName, labels: Readonly<Record<string, string>>): Instrument | undefined => {
    const { instrument, series } = open(name);
    const key = keyOf(name, labels);
    if (series.has(key)) return instrument;
    if (series.size < SERIES_MAX) {
      series.add(key);
      return instrument;
    }
    const dropped = open('subnetes_telemetry_series_dropped_total').instrument;
    if (dropped instanceof Counter) dropped.inc({ metric: name });
    return undefined;
  };
  return { open, keyOf, admit };
}

function zeroOne(instrument: Instrument | undefined, labels: Record<string, string>): void {
  if (instrument instanceof Histogram) instrument.zero(labels);
  else instrument?.inc(labels, 0);
}

function instrumentOf(name: MetricName, registry: Registry): Instrument {
  const spec: MetricSpec = METRICS[name];
  const common = { name, help: spec.help, labelNames: [...spec.labels], registers: [registry] };
  switch (spec.type) {
    case 'counter':
      return new Counter(common);
    case 'gauge':
      return new Gauge(common);
    case 'histogram':
      return new Histogram({ ...common, ...(spec.buckets === undefined ? {} : { buckets: [...spec.buckets] }) });
  }
}
