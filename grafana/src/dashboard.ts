import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import {
  AnnotationQueryBuilder,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  TextBoxVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { metrics } from './metrics.ts';
import type { PanelSpec } from './panel.ts';
import { buildPanel, DATASOURCE } from './panel.ts';
import { PARTS } from './selectors.ts';

/** Panels that belong together; diagnostics below the first rows start collapsed nowhere, so that a query test sees all. */
export interface RowSpec {
  readonly title: string;
  readonly panels: readonly PanelSpec[];
}

/** One dashboard: its rows in reading order; the first answers "is it all right?". */
export interface DashboardSpec {
  /** Stable id, at most 40 characters: links and alerts point at it. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly rows: readonly RowSpec[];
}

/** Tag of all our dashboards; the drop-down link lists by it. */
export const TAG = 'subnetes';

/** Where the console of the local cluster serves the runbooks; a reader elsewhere types another address. */
const RUNBOOKS_AT = 'http://127.0.0.1:8088/runbooks';

/** Grafana's JSON model (schema of classic dashboards, which every file provisioner takes). */
export function buildDashboard(spec: DashboardSpec): Dashboard {
  const builder = new DashboardBuilder(`Subnetes / ${spec.title}`)
    .uid(spec.uid)
    .description(spec.description)
    .tags([TAG])
    .timezone('utc')
    .readonly()
    .refresh('30s')
    .time({ from: 'now-1h', to: 'now' })
    .tooltip(DashboardCursorSync.Crosshair)
    .link(
      new DashboardLinkBuilder('Subnetes')
        .type(DashboardLinkType.Dashboards)
        .tags([TAG])
        .asDropdown(true)
        .includeVars(true)
        .keepTime(true),
    )
    .annotation(deployments());
  for (const variable of variables()) builder.withVariable(variable);
  let id = 1;
  for (const row of spec.rows) {
    builder.withRow(new RowBuilder(row.title).id(id));
    id += 1;
    for (const panel of row.panels) {
      builder.withPanel(buildPanel(panel, id));
      id += 1;
    }
  }
  return builder.build();
}

function variables(): (DatasourceVariableBuilder | QueryVariableBuilder | TextBoxVariableBuilder)[] {
  return [
    new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'),
    labelVariable('cluster', 'Cluster', `label_values(${metrics.buildInfo}, cluster)`),
    labelVariable(
      'subnet',
      'Subnet (netuid)',
      `label_values(${metrics.subnetEpochIndex}{cluster=~"$cluster"}, subnet)`,
    ),
    tokenVariable(),
    new TextBoxVariableBuilder('runbooks').label('Runbooks at').defaultValue(RUNBOOKS_AT),
  ];
}

/** All means `.*`, which also matches series that lack the label: a single cluster needs no cluster label. */
function labelVariable(name: string, label: string, query: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(DATASOURCE)
    .query({ query, refId: 'StandardVariableQuery' })
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current({ selected: true, text: 'All', value: '$__all' });
}

/** What the network's token is called at present: titles name it, and whoever reads `tokens` finds it at the top. */
function tokenVariable(): QueryVariableBuilder {
  const query = `label_values(${metrics.tokenInfo}{cluster=~"$cluster"}, symbol)`;
  return new QueryVariableBuilder('token')
    .label('Token')
    .datasource(DATASOURCE)
    .query({ query, refId: 'StandardVariableQuery' })
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc);
}

function deployments(): AnnotationQueryBuilder {
  const running = `count by (service, version) (${metrics.buildInfo}{${PARTS}})`;
  const before = `count by (service, version) (${metrics.buildInfo}{${PARTS}} offset 5m)`;
  return new AnnotationQueryBuilder()
    .name('Deployments')
    .datasource(DATASOURCE)
    .enable(true)
    .iconColor('blue')
    .expr(`${running} unless ${before}`)
    .titleFormat('{{service}} {{version}} started');
}
