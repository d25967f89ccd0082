import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { createMetrics } from '@subnetes/telemetry/metrics';
import { freePort, startServer, temporaryFolder } from '@subnetes/testkit/processes';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { parse, stringify } from 'yaml';
import { objectOf, renderChart } from './rendered-chart.ts';

/** The chart's scrape of neurons in a real Prometheus: what a neuron may tell, and what one that lies may not. */

interface ScrapeConfig {
  readonly job_name: string;
  readonly http_sd_configs?: readonly { readonly url: string }[];
}

const teardown = new AsyncDisposableStack();
let prometheusUrl: string;
let readByRedirect = 0;

beforeAll(async () => {
  const folder = teardown.use(await temporaryFolder('neuron-scrape'));
  const bystander = await serve((_request, response) => {
    readByRedirect += 1;
    response.end('subnetes_miner_handshakes_total{result="ok"} 1\n');
  });
  const neurons = {
    honest: await serve(exporter()),
    liar: await serve(text(LIES)),
    chatterer: await serve(text(CHATTER)),
    redirector: await serve((_request, response) => {
      response.writeHead(302, { location: `http://${bystander}/metrics` }).end();
    }),
  };
  const discovered = Object.entries(neurons).map(([neuron, address]) => ({
    targets: [address],
    labels: { subnet: '1', kind: 'Miner', namespace: 'finance', neuron, pod: `${neuron}-0` },
  }));
  const discovery = await serve((_request, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify(discovered));
  });
  const job = await chartJob();
  const url = `http://${discovery}${new URL(job.http_sd_configs?.[0]?.url ?? '').pathname}`;
  const scrape = { ...job, http_sd_configs: [{ url, refresh_interval: '1s' }] };
  const config = path.join(folder.path, 'prometheus.yaml');
  await writeFile(config, stringify({ global: { scrape_interval: '1s' }, scrape_configs: [scrape] }));
  prometheusUrl = await startPrometheus(config, path.join(folder.path, 'data'));
});

afterAll(async () => await teardown.disposeAsync());

const LIES = [
  'subnetes_ledger_conservation_difference_rao 5',
  'subnetes_validator_answers_total{outcome="valid"} 5',
  'subnetes_build_info{service="ledger",version="9",commit="x"} 1',
  'subnetes_miner_inferences_total{model="m",outcome="answer",neuron="honest",namespace="other"} 7',
  '',
].join('\n');

const CHATTER = Array.from({ length: 1500 }, (_, n) => `subnetes_miner_chatter{n="${n}"} 1\n`).join('');

function text(body: string): RequestListener {
  return (_request, response) => void response.setHeader('content-type', 'text/plain; version=0.0.4').end(body);
}

/** What a miner of ours exports. */
function exporter(): RequestListener {
  const metrics = createMetrics({ service: 'miner', version: 'test' });
  metrics.inc('subnetes_miner_inferences_total', { model: 'forecast', outcome: 'answer' }, 3);
  return (_request, response) => {
    void metrics.text().then((body) => response.setHeader('content-type', metrics.contentType).end(body));
  };
}

/** @returns `host:port` of a server that ends with the suite */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  teardown.defer(async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The job as Helm renders it. */
async function chartJob(): Promise<ScrapeConfig> {
  const { data } = objectOf(await renderChart(), 'ConfigMap', 'subnetes-prometheus');
  const config = parse(data?.['prometheus.yaml'] ?? '') as { scrape_configs: readonly ScrapeConfig[] };
  const job = config.scrape_configs.find(({ job_name }) => job_name === 'subnetes-neurons');
  if (job === undefined) throw new Error('the chart has no job subnetes-neurons');
  return job;
}

async function startPrometheus(config: string, data: string): Promise<string> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const args = [`--config.file=${config}`, `--storage.tsdb.path=${data}`, `--web.listen-address=127.0.0.1:${port}`];
  const ready = async (): Promise<boolean> => (await fetch(`${url}/-/ready`)).ok;
  teardown.use(await startServer({ command: 'prometheus', args, ready }));
  return url;
}

type Series = Readonly<Record<string, string>>;

async function seriesOf(query: string): Promise<readonly Series[]> {
  const answer = await fetch(`${prometheusUrl}/api/v1/query?query=${encodeURIComponent(query)}`);
  const { data } = (await answer.json()) as { data: { result: readonly { metric: Series }[] } };
  return data.result.map(({ metric }) => metric);
}

async function neuronsOf(query: string): Promise<ReadonlySet<string | undefined>> {
  return new Set((await seriesOf(query)).map(({ neuron }) => neuron));
}

const waiting = { timeout: 60_000, interval: 250 };

test('a miner’s own metrics carry the labels of its target', async () => {
  await vi.waitFor(async () => {
    expect(await seriesOf('subnetes_miner_inferences_total{neuron="honest"}')).toMatchObject([
      { subnet: '1', kind: 'Miner', namespace: 'finance', pod: 'honest-0', model: 'forecast', outcome: 'answer' },
    ]);
    expect(await seriesOf('subnetes_build_info{neuron="honest"}')).toMatchObject([{ service: 'miner' }]);
    expect(await seriesOf('process_resident_memory_bytes{neuron="honest"}')).toHaveLength(1);
  }, waiting);
  expect(await seriesOf('nodejs_version_info')).toEqual([]);
});

test('a neuron that lies speaks for nobody else', async () => {
  await vi.waitFor(async () => {
    expect(await seriesOf('subnetes_miner_inferences_total{neuron="liar"}')).toMatchObject([
      { namespace: 'finance', exported_neuron: 'honest', exported_namespace: 'other' },
    ]);
  }, waiting);
  expect(await seriesOf('{__name__=~"subnetes_(ledger|validator)_.*"}')).toEqual([]);
  expect(await seriesOf('subnetes_build_info{service!="miner"}')).toEqual([]);
});

test('a neuron that exports too much or sends the scrape elsewhere is not read', async () => {
  await vi.waitFor(async () => {
    expect(await neuronsOf('up == 1')).toEqual(new Set(['honest', 'liar']));
    expect(await neuronsOf('up == 0')).toEqual(new Set(['chatterer', 'redirector']));
  }, waiting);
  expect(await seriesOf('subnetes_miner_chatter')).toEqual([]);
  expect(readByRedirect).toBe(0);
});
