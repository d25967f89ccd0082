import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '@subnetes/testkit/processes';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { panelQueries, substituteVariables, type PanelQuery } from '../src/panel-queries.ts';
import { startSampleExporter, type SampleExporter } from './sample-exporter.ts';

/** A real Prometheus reads a process that exports what the parts export; every panel has to find its series there. */
const VALUES = { subnet: '.*', cluster: '.*', rateInterval: '8s', range: '30s' };
const DEADLINE_MS = 40_000;

let exporter: SampleExporter;
let prometheus: ChildProcess;
let folder: string;
let url: string;

beforeAll(async () => {
  exporter = await startSampleExporter();
  folder = mkdtempSync(join(tmpdir(), 'panels-prometheus-'));
  const config = {
    global: { scrape_interval: '1s' },
    scrape_configs: [{ job_name: 'subnetes', static_configs: [{ targets: [exporter.target] }] }],
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
  await exporter[Symbol.asyncDispose]();
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

/** What is missing from a query's answer. */
async function shortfall(query: PanelQuery): Promise<string | undefined> {
  const response = await fetch(
    `${url}/api/v1/query?query=${encodeURIComponent(substituteVariables(query.expr, VALUES))}`,
  );
  const answer = (await response.json()) as {
    status: string;
    error?: string;
    data?: { result: { value: [number, string] }[] };
  };
  if (answer.status !== 'success') throw new Error(`${query.expr}: ${answer.error ?? 'failed'}`);
  const values = (answer.data?.result ?? []).map(({ value }) => Number(value[1]));
  if (values.length === 0) return 'no series';
  return query.expects === 'above-zero' && !values.some((value) => value > 0) ? 'nothing above zero' : undefined;
}

/** Waits until it holds, or gives up at the deadline and lets the test say what does not. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  while (Date.now() < deadline) {
    if (await holds()) return;
    await delay(250);
  }
}
