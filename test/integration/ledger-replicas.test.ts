import { expect, test } from 'vitest';
import { environmentOf, objectOf, type Rendered, renderChart } from './rendered-chart.ts';

interface Deployment {
  readonly replicas: number;
  readonly strategy: { readonly type: string };
  readonly template: {
    readonly spec: {
      readonly containers: readonly { readonly image: string; readonly args?: readonly string[] }[];
      readonly topologySpreadConstraints?: readonly { readonly topologyKey: string }[];
    };
  };
}

interface Policy {
  readonly ingress?: readonly {
    readonly from?: readonly unknown[];
    readonly ports: readonly { readonly port: number }[];
  }[];
}

const deployment = (chart: readonly Rendered[], name: string): Deployment =>
  objectOf(chart, 'Deployment', name).spec as Deployment;
const named = (chart: readonly Rendered[], kind: string, name: string): readonly Rendered[] =>
  chart.filter((object) => object.kind === kind && object.metadata.name === name);

test('one ledger is replaced as a whole, and nobody audits it from outside unless told to', async () => {
  const chart = await renderChart();
  expect(deployment(chart, 'ledger')).toMatchObject({ replicas: 1, strategy: { type: 'Recreate' } });
  expect(named(chart, 'PodDisruptionBudget', 'ledger')).toEqual([]);
  expect(named(chart, 'Deployment', 'ledger-audit')).toEqual([]);
});

test('two are spread, replaced and drained one by one, say where they are, and reach each other', async () => {
  const chart = await renderChart('ledger.replicas=2');
  expect(deployment(chart, 'ledger')).toMatchObject({ replicas: 2, strategy: { type: 'RollingUpdate' } });
  const keys = deployment(chart, 'ledger').template.spec.topologySpreadConstraints?.map(
    ({ topologyKey }) => topologyKey,
  );
  expect(keys).toEqual(['topology.kubernetes.io/zone', 'kubernetes.io/hostname']);
  expect(named(chart, 'PodDisruptionBudget', 'ledger')).toMatchObject([{ spec: { maxUnavailable: 1 } }]);
  expect(environmentOf(chart, 'ledger')).toHaveProperty('ADVERTISED_HOST');
  const { ingress = [] } = objectOf(chart, 'NetworkPolicy', 'subnetes-ledger').spec as Policy;
  const callers = ingress
    .filter(({ ports }) => ports.some(({ port }) => port === 9443))
    .flatMap(({ from = [] }) => from);
  expect(JSON.stringify(callers)).toContain('"app.kubernetes.io/component":"ledger"');
});

test('the audit runs from the ledger’s image, reads a copy where there is one, and reports to the database', async () => {
  const chart = await renderChart(
    'ledger.audit.enabled=true',
    'ledger.audit.databaseUrl=postgres://ledger@copy:5432/ledger',
  );
  const [container] = deployment(chart, 'ledger-audit').template.spec.containers;
  expect(container).toMatchObject({ image: 'localhost/subnetes/ledger:0.1.0', args: ['audit'] });
  expect(environmentOf(chart, 'ledger-audit')).toMatchObject({
    DATABASE_URL: 'postgres://ledger@copy:5432/ledger',
    AUDIT_REPORT_URL: 'postgres://ledger@postgres.subnetes-system.svc:5432/ledger',
    AUDIT_EVERY: '30s',
  });
});

test('no replica is refused', async () => {
  await expect(renderChart('ledger.replicas=0')).rejects.toThrow(/replicas/);
});
