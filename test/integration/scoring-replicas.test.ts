import { expect, test } from 'vitest';
import { objectOf, type Rendered, renderChart } from './rendered-chart.ts';

interface Deployment {
  readonly replicas: number;
  readonly strategy: { readonly type: string };
  readonly template: {
    readonly spec: { readonly topologySpreadConstraints?: readonly { readonly topologyKey: string }[] };
  };
}

const scoring = (chart: readonly Rendered[]): Deployment => objectOf(chart, 'Deployment', 'scoring').spec as Deployment;
const budgets = (chart: readonly Rendered[]): readonly Rendered[] =>
  chart.filter(({ kind, metadata }) => kind === 'PodDisruptionBudget' && metadata.name === 'scoring');

test('one scoring is replaced as a whole, and nothing holds up a drain', async () => {
  const chart = await renderChart();
  expect(scoring(chart)).toMatchObject({ replicas: 1, strategy: { type: 'Recreate' } });
  expect(scoring(chart).template.spec.topologySpreadConstraints).toBeUndefined();
  expect(budgets(chart)).toEqual([]);
});

test('several are spread, replaced one by one, and drained one by one', async () => {
  const chart = await renderChart('scoring.replicas=3');
  expect(scoring(chart)).toMatchObject({ replicas: 3, strategy: { type: 'RollingUpdate' } });
  const keys = scoring(chart).template.spec.topologySpreadConstraints?.map(({ topologyKey }) => topologyKey);
  expect(keys).toEqual(['topology.kubernetes.io/zone', 'kubernetes.io/hostname']);
  expect(budgets(chart)).toMatchObject([{ spec: { maxUnavailable: 1 } }]);
});

test('no replica is refused', async () => {
  await expect(renderChart('scoring.replicas=0')).rejects.toThrow(/replicas/);
});
