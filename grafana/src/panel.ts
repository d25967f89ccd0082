import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  BigValueColorMode,
  BigValueGraphMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import {
  DashboardLinkBuilder,
  DashboardLinkType,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import type { Runbook } from './runbooks.ts';

/**
 * What the running sample must answer: any series, or at least one series whose newest value is above zero. `data-with-tokens`: any
 * series where subnets have tokens, and none in the sample, where they have not.
 */
export type Expectation = 'data' | 'above-zero' | 'data-with-tokens';

/** One PromQL query of a panel. */
export interface QuerySpec {
  readonly expr: string;
  /** Grafana legend template, for example `{{subnet}}`. */
  readonly legend: string;
  readonly expects: Expectation;
}

/** From which value on a tile turns to which colour; the first step has no lower end. */
export interface ThresholdStep {
  readonly from: number | null;
  readonly color: 'green' | 'orange' | 'red' | 'blue';
}

/** One panel, told in what a reader needs; `buildPanel` makes Grafana's JSON of it. */
export interface PanelSpec {
  readonly kind: 'tile' | 'series';
  readonly title: string;
  /** What it shows and what to do when it looks wrong. */
  readonly description: string;
  readonly runbook: Runbook;
  /** Unit id of Grafana, or `suffix: tokens`: Grafana puts no variable in a unit, and a token's name may change. */
  readonly unit: string;
  readonly min?: number;
  readonly max?: number;
  readonly decimals?: number;
  readonly stacked?: boolean;
  readonly thresholds?: readonly ThresholdStep[];
  /** Columns out of 24. */
  readonly width: number;
  readonly queries: readonly QuerySpec[];
}

/** The data source that the dashboard's first variable names. */
export const DATASOURCE = { type: 'prometheus', uid: '${datasource}' } as const;

const TILE_HEIGHT = 4;
const SERIES_HEIGHT = 8;

/** Where panels link for help; the console of the market serves these pages. */
export const RUNBOOK_BASE_VARIABLE = '${runbooks}';

/** Height of a panel in grid rows. */
export function panelHeight(spec: PanelSpec): number {
  return spec.kind === 'tile' ? TILE_HEIGHT : SERIES_HEIGHT;
}

/** Grafana's panel for a spec, with id, refIds and data source set, which the SDK leaves open. */
export function buildPanel(spec: PanelSpec, id: number): Builder<Panel> {
  const builder = spec.kind === 'tile' ? tile(spec) : series(spec);
  builder
    .id(id)
    .title(spec.title)
    .description(spec.description)
    .datasource(DATASOURCE)
    .unit(spec.unit)
    .span(spec.width)
    .height(panelHeight(spec))
    .links([
      new DashboardLinkBuilder(`Runbook: ${spec.runbook}`)
        .type(DashboardLinkType.Link)
        .url(`${RUNBOOK_BASE_VARIABLE}/${spec.runbook}`)
        .targetBlank(true),
    ])
    .targets(spec.queries.map((query, index) => target(spec, query, index)));
  if (spec.min !== undefined) builder.min(spec.min);
  if (spec.max !== undefined) builder.max(spec.max);
  if (spec.decimals !== undefined) builder.decimals(spec.decimals);
  if (spec.thresholds !== undefined) {
    builder.thresholds(
      new ThresholdsConfigBuilder()
        .mode(ThresholdsMode.Absolute)
        .steps(spec.thresholds.map((step) => ({ value: step.from, color: step.color }))),
    );
  }
  return builder;
}

function tile(spec: PanelSpec): StatBuilder {
  return new StatBuilder()
    .graphMode(BigValueGraphMode.None)
    .colorMode(spec.thresholds === undefined ? BigValueColorMode.None : BigValueColorMode.Value)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']));
}

function series(spec: PanelSpec): TimeseriesBuilder {
  const builder = new TimeseriesBuilder()
    .lineWidth(1)
    .fillOpacity(spec.stacked === true ? 30 : 8)
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .showLegend(true)
        .calcs(['lastNotNull']),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi));
  if (spec.stacked === true) builder.stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'));
  return builder;
}

function target(spec: PanelSpec, query: QuerySpec, index: number): DataqueryBuilder {
  const builder = new DataqueryBuilder()
    .refId(String.fromCharCode('A'.charCodeAt(0) + index))
    .datasource(DATASOURCE)
    .expr(query.expr)
    .legendFormat(query.legend)
    .format(PromQueryFormat.TimeSeries);
  return spec.kind === 'tile' ? builder.instant() : builder.range();
}
