import { expect, test } from 'vitest';
import { environmentOf, objectOf, type Rendered, renderChart } from './rendered-chart.ts';

const KEYS = ['aa'.repeat(32), 'bb'.repeat(32)];
const two = KEYS.map((key, at) => `witnesses.keys[${at}]=${key}`);
const names = (chart: readonly Rendered[]): readonly string[] =>
  chart.filter(({ metadata }) => metadata.name.endsWith('witness')).map(({ kind }) => kind);

interface Pod {
  readonly template: {
    readonly spec: {
      readonly automountServiceAccountToken: boolean;
      readonly containers: readonly { readonly volumeMounts: readonly { readonly name: string }[] }[];
      readonly volumes: readonly { readonly name: string; readonly secret?: { readonly secretName: string } }[];
    };
  };
}

test('by default nobody has to sign, and no witness runs', async () => {
  const chart = await renderChart();
  expect(names(chart)).toEqual(['NetworkPolicy']);
  expect(environmentOf(chart, 'ledger')['WITNESSES_REQUIRED']).toBe('0');
  for (const part of ['ledger', 'scoring']) expect(environmentOf(chart, part)).not.toHaveProperty('WITNESS_KEYS');
});

test('ledger and scoring are told the same keys, the ledger how many of them have to sign', async () => {
  const chart = await renderChart('witnesses.required=2', ...two);
  for (const part of ['ledger', 'scoring']) expect(environmentOf(chart, part)['WITNESS_KEYS']).toBe(KEYS.join(','));
  expect(environmentOf(chart, 'ledger')['WITNESSES_REQUIRED']).toBe('2');
  expect(names(chart)).toEqual(['NetworkPolicy']);
});

test("the release's own witness has its key, no certificate and no token, and counts", async () => {
  const chart = await renderChart('witness.enabled=true', 'witness.replicas=2', 'witnesses.required=3', ...two);
  const { template } = objectOf(chart, 'Deployment', 'witness').spec as Pod;
  expect(template.spec.automountServiceAccountToken).toBe(false);
  expect(template.spec.volumes.flatMap(({ secret }) => secret?.secretName ?? [])).toEqual([
    'subnetes-witness-identity',
  ]);
  expect(environmentOf(chart, 'witness')).toMatchObject({
    LEDGER_URL: 'ledger.subnetes-system.svc:9443',
    SCORING_URL: 'scoring.subnetes-system.svc:9443',
    UNNAMED_ROWS: 'refuse',
    WITNESS_KEY_FILE: '/etc/subnetes/identity/secret-key',
  });
  for (const part of ['ledger', 'scoring']) {
    expect(environmentOf(chart, part)['WITNESS_KEYS']).toBe([...KEYS, '$(WITNESS_OWN_KEY)'].join(','));
  }
});

test('a witness reaches ledger and scoring, and nothing else', async () => {
  const chart = await renderChart('witness.enabled=true');
  const policy = objectOf(chart, 'NetworkPolicy', 'subnetes-witness').spec as {
    readonly egress: readonly { readonly ports: readonly { readonly port: number }[]; readonly to?: unknown }[];
  };
  expect(policy.egress.map(({ ports }) => ports.map(({ port }) => port))).toEqual([[9443], [9443]]);
  expect(JSON.stringify(policy.egress)).toMatch(/component":"ledger".*component":"scoring"/);
  expect(policy.egress.every(({ to }) => to !== undefined)).toBe(true);
});

test.for([
  { values: ['witnesses.required=3', ...two], words: 'witnesses.required is 3, but only 2 keys can sign' },
  { values: ['witnesses.required=1'], words: 'only 0 keys can sign' },
  { values: ['witnesses.keys[0]=abc'], words: 'keys' },
  { values: ['witnesses.required=17'], words: 'required' },
])('$values is refused', async ({ values, words }) => {
  await expect(renderChart(...values)).rejects.toThrow(words);
});
