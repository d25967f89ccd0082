import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@subnetes/testkit/processes';
import { programEnvironment } from '@subnetes/testkit/program-environment';
import { expect, test, vi } from 'vitest';
import { serveGrpc, type GrpcServers } from './grpc-servers.ts';
import { openCluster, type TestCluster } from './harness.ts';
import { readConfig } from '#config.ts';

const ENTRY = new URL('../src/main.ts', import.meta.url).pathname;

async function files(cluster: TestCluster) {
  const folder = await mkdtemp(join(tmpdir(), 'subnetes-operator-'));
  await writeFile(join(folder, 'kubeconfig'), cluster.kube.kubeconfig);
  await writeFile(join(folder, 'ca.crt'), cluster.kube.caPem);
  return { folder, [Symbol.asyncDispose]: async () => await rm(folder, { recursive: true }) };
}

const network = {
  networkId: new Uint8Array(32).fill(7),
  symbol: 'TAO',
  decimals: 9,
  capRao: '21000000000000000',
  issuedRao: '5',
  blockTimeMs: 12_000,
  emissionPolicy: 'Equal',
  emissionPolicyVersion: 1,
};

function environment(folder: string, servers: GrpcServers, healthPort: number): Record<string, string> {
  const address = `127.0.0.1:${servers.port}`;
  return {
    ...programEnvironment(),
    KUBECONFIG: join(folder, 'kubeconfig'),
    CA_BUNDLE_FILE: join(folder, 'ca.crt'),
    LEDGER_URL: address,
    SCORING_URL: address,
    MINER_IMAGE: 'miner',
    VALIDATOR_IMAGE: 'validator',
    KEY_JOB_IMAGE: 'key-job',
    HEALTH_PORT: String(healthPort),
  };
}

test('the process starts, tells of the network, exports its metrics and ends by SIGTERM', async () => {
  await using cluster = await openCluster();
  await using servers = await serveGrpc({ getNetwork: async () => network });
  await using made = await files(cluster);
  const port = await freePort();
  const child = spawn(process.execPath, [ENTRY], { env: environment(made.folder, servers, port) });
  let output = '';
  child.stdout.on('data', (text: Buffer) => (output += text.toString()));
  child.stderr.on('data', (text: Buffer) => (output += text.toString()));
  const ended = once(child, 'close'); // what it printed has been read then
  try {
    await vi.waitFor(
      async () => {
        if (child.exitCode !== null) throw new Error(`it ended: ${output}`);
        expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);
      },
      { timeout: 60_000, interval: 100 },
    );
    const found = await vi.waitFor(
      async () => {
        const object = await cluster.get('Network', undefined, 'default');
        expect(object?.status?.['networkId']).toBe('07'.repeat(32));
        return object;
      },
      { timeout: 60_000 },
    );
    expect(found?.status).toMatchObject({
      token: { symbol: 'TAO', decimals: 9, cap: '21000000' },
      issued: { asset: 'TAO', amount: '5' },
      blockTime: '12s',
      emissionPolicy: { name: 'Equal', version: 1 },
    });
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    for (const name of [
      'controller_runtime_reconcile_total{controller="network",result="success"}',
      'controller_runtime_max_concurrent_reconciles{controller="miner"} 4',
      'rest_client_requests_total{code="200",method="GET"',
      'subnetes_operator_cache_objects{gvk="v1, Kind=Namespace"}',
    ]) {
      expect(metrics).toContain(name);
    }
    const discovery = await fetch(`http://127.0.0.1:${port}/discovery/neurons`);
    expect([discovery.headers.get('content-type'), await discovery.text()]).toEqual(['application/json', '[]']);
  } finally {
    child.kill('SIGTERM');
  }
  expect([...(await ended), output.includes('operator is ready')]).toEqual([0, null, true]);
});

test('a wrong environment is told by the variable’s name', () => {
  expect(() => readConfig({ LEDGER_URL: 'l:1' })).toThrow('SCORING_URL');
});
