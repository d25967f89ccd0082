import type { PanelSpec, ThresholdStep } from '../panel.ts';

/** Green up to a limit, red from it on: for ages, errors and differences. */
export function redFrom(limit: number): readonly ThresholdStep[] {
  return [
    { from: null, color: 'green' },
    { from: limit, color: 'red' },
  ];
}

/** Red below a limit, green from it on: for shares that should be high. */
export function greenFrom(limit: number, orangeFrom: number): readonly ThresholdStep[] {
  return [
    { from: null, color: 'red' },
    { from: orangeFrom, color: 'orange' },
    { from: limit, color: 'green' },
  ];
}

/** One number, four columns wide unless said otherwise. */
export function tile(spec: Omit<PanelSpec, 'kind' | 'width'> & { readonly width?: number }): PanelSpec {
  return { width: 4, ...spec, kind: 'tile' };
}

/** Lines over time, half the width unless said otherwise. */
export function series(spec: Omit<PanelSpec, 'kind' | 'width'> & { readonly width?: number }): PanelSpec {
  return { width: 12, ...spec, kind: 'series' };
}
