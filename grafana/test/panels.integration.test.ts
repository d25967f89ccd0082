import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { NEURON_TARGET_LABELS } from '@subnetes/telemetry/metric-names';
import { freePort } from '@subnetes/testkit/processes';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { panelQueries, substituteVariables, type PanelQuery } from '../src/panel-queries.ts';
import { startMinerExporter, startSampleExporter, startValidatorExporter } from './sample-exporter.ts';

/** A real Prometheus reads processes that export what parts and neurons export; every panel has to find its series there. */
const VALUES = { subnet: '.*', cluster: '.*', rateInterval: '8s', range: '30s' };
const DEADLINE_MS = 40_000;

const exporters = new AsyncDisposableStack();
let prometheus: ChildProcess;
let folder: string;
let url: string;

beforeAll(async () => {
  const parts = exporters.use(await startSampleExporter());
  const miner = exporters.use(await startMinerExporter());
  const validator = exporters.use(await startValidatorExporter());
  folder = mkdtempSync(join(tmpdir(), 'panels-prometheus-'));
  const config = {
    global: { scrape_interval: '1s' },
    scrape_configs: [
      { job_name: 'subnetes', static_configs: [{ targets: [parts.target] }] },
      {
        job_name: 'subnetes-neurons',
        static_configs: [
          { targets: [miner.target], labels: neuronLabels('Miner', 'garch') },
          { targets: [validator.target], labels: neuronLabels('Validator', 'val-a') },
        ],
      },
    ],
  };
  writeFileSync(join(folder, 'prometheus.yaml'), stringify(config));
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  const args = [
    `--config.file=${join(folder, 'prometheus.yaml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ];
  prometheus = spawn('prometheus', args, { stdio: 'ignore' });
  await until(async () => (await fetch(`${url}/-/ready`).catch(() => undefined))?.ok === true);
});

afterAll(async () => {
  prometheus.kill();
  if (prometheus.exitCode === null) await once(prometheus, 'exit');
  await exporters.disposeAsync();
  rmSync(folder, { recursive: true });
});

test.for(
  panelQueries().map((query) => ({
    ...query,
    name: `${query.dashboard} / ${query.panel}: ${query.expr.slice(0, 60)}`,
  })),
)('$name', async (query) => {
  await until(async () => (await shortfall(query)) === undefined);
  expect(await shortfall(query)).toBeUndefined();
});

test('a query for what nobody exports is not taken for data', async () => {
  expect(await shortfall({ dashboard: '', panel: '', expr: 'subnetes_no_such_metric', expects: 'data' })).toBe(
    'no series',
  );
  expect(await shortfall({ dashboard: '', panel: '', expr: '0 * up', expects: 'above-zero' })).toBe(
    'nothing above zero',
  );
});

test('a neuron is no part of the system, however much alike it exports', async () => {
  await until(async () => (await valuesOf('count(subnetes_build_info)'))[0] === 3);
  expect(await valuesOf('count(subnetes_build_info)')).toEqual([3]);
  const parts = panelQueries().find(({ panel }) => panel === 'Parts that report');
  expect(await valuesOf(parts?.expr ?? '')).toEqual([1]);
});

/** Labels that the operator's discovery gives to a neuron's target. */
function neuronLabels(kind: 'Miner' | 'Validator', neuron: string) {
  return { subnet: '1', kind, namespace: 'finance', neuron, pod: `${neuron}-0` } satisfies Record<
    (typeof NEURON_TARGET_LABELS)[number],
    string
  >;
}

/** What is missing from a query's answer. */
async function shortfall(query: PanelQuery): Promise<string | undefined> {
  const values = await valuesOf(query.expr);
  if (values.length === 0) return 'no series';
  return query.expects === 'above-zero' && !values.some((value) => value > 0) ? 'nothing above zero' : undefined;
}

async function valuesOf(expr: string): Promise<readonly number[]> {
  const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(substituteVariables(expr, VALUES))}`);
  const answer = (await response.json()) as {
    status: string;
    error?: string;
    data?: { result: { value: [number, string] }[] };
  };
  if (answer.status !== 'success') throw new Error(`${expr}: ${answer.error ?? 'failed'}`);
  return (answer.data?.result ?? []).map(({ value }) => Number(value[1]));
}

/** Waits until it holds, or gives up at the deadline and lets the test say what does not. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  while (Date.now() < deadline) {
    if (await holds()) return;
    await delay(250);
  }
}
