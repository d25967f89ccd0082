import { DASHBOARDS } from './dashboards/dashboards.ts';
import type { Expectation } from './panel.ts';

/** One query of one panel, for the test that asks a Prometheus on the running sample. */
export interface PanelQuery {
  readonly dashboard: string;
  readonly panel: string;
  /** As it stands in the dashboard, with Grafana's variables. */
  readonly expr: string;
  /** What the running sample must answer. */
  readonly expects: Expectation;
}

/** Values for Grafana's variables when Grafana is not there. */
export interface VariableValues {
  /** Regular expression for `$subnet`, for example `.*`. */
  readonly subnet: string;
  /** Regular expression for `$cluster`. */
  readonly cluster: string;
  /** Prometheus duration of at least four scrape intervals. */
  readonly rateInterval: string;
  /** Prometheus duration of the time shown. */
  readonly range: string;
}

/** Every query of every panel, in reading order. */
export function panelQueries(): readonly PanelQuery[] {
  return DASHBOARDS.flatMap((dashboard) =>
    dashboard.rows.flatMap((row) =>
      row.panels.flatMap((panel) =>
        panel.queries.map((query) => ({
          dashboard: dashboard.uid,
          panel: panel.title,
          expr: query.expr,
          expects: query.expects,
        })),
      ),
    ),
  );
}

/** The query as Prometheus takes it. A variable that is not known here stays and makes Prometheus refuse the query. */
export function substituteVariables(expr: string, values: VariableValues): string {
  return expr
    .replaceAll('$__rate_interval', values.rateInterval)
    .replaceAll('$__range', values.range)
    .replaceAll('$cluster', values.cluster)
    .replaceAll('$subnet', values.subnet);
}
