import { execFile } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { status } from '@subnetes/local-cluster/cluster';
import { clusterLayout } from '@subnetes/local-cluster/cluster-layout';
import { ensureImages } from '@subnetes/local-cluster/images';
import { loopbackEndpoints, openServices } from '@subnetes/start/endpoints';
import { clusterTools } from '@subnetes/start/kubectl';
import type { ClusterTools } from '@subnetes/start/kubectl';
import { measureGateway } from './gateway.ts';
import { countWrites } from './operator-writes.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const LOCAL = path.join(ROOT, '.local');
const SYSTEM = 'subnetes-system';
const PARTS = ['ledger', 'scoring', 'billing', 'serving-gateway', 'console', 'operator'] as const;
const NEURONS = [
  ['miner', 'finance', 'app.kubernetes.io/name=miner,app.kubernetes.io/instance=garch'],
  ['validator', 'finance', 'app.kubernetes.io/name=validator,app.kubernetes.io/instance=val-a'],
] as const;
const IDLE_MS = 10_000;
const EPOCHS = 10;

type Progress = (line: string) => void;
const run = promisify(execFile);

/** Starts a fresh market, measures it, and removes it. Refuses where one runs already: its figures would be another's. */
export async function measureMarket(progress: Progress): Promise<Record<string, unknown>> {
  const before = await status();
  if (before.state !== 'absent')
    throw new Error(`a local cluster is ${before.state}: npm stop first, so that the install is measured from nothing`);
  const start = async (): Promise<Record<string, unknown>> => {
    const { stdout } = await run(process.execPath, ['k8s/start/start.mjs', 'start', '--json'], {
      cwd: ROOT,
      maxBuffer: 64 << 20,
    });
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, unknown>;
  };
  try {
    progress('npm start on nothing');
    const first = await start();
    progress('npm start on the running market');
    const startedMs = performance.now();
    await start();
    const reuseSeconds = Math.round((performance.now() - startedMs) / 100) / 10;
    const tools = clusterTools({ kubeconfig: path.join(LOCAL, 'kubeconfig'), context: undefined });
    progress(`the operator's writes over ${EPOCHS} epochs`);
    const operatorWrites = await writesOverEpochs();
    progress('start-up and memory of each part');
    const processes = await measureProcesses(tools, progress);
    progress('gateway against miner, 5,000 calls each');
    const gateway = await measureGateway(tools, LOCAL);
    progress('image layers');
    return {
      installSeconds: first['installSeconds'],
      firstPaidEpochSeconds: first['firstPaidEpochSeconds'],
      reuseSeconds,
      operatorWrites,
      processes,
      gateway,
      imageLayersMb: await imageLayers(),
    };
  } finally {
    progress('npm stop');
    await run(process.execPath, ['k8s/start/start.mjs', 'stop'], { cwd: ROOT });
  }
}

/** The gateway's part alone, on the market that runs. */
export async function measureRunningGateway(): Promise<Record<string, unknown>> {
  const { state } = await status();
  if (state !== 'running') throw new Error(`the local cluster is ${state}: npm start first`);
  const tools = clusterTools({ kubeconfig: path.join(LOCAL, 'kubeconfig'), context: undefined });
  return { ...(await measureGateway(tools, LOCAL)) };
}

async function writesOverEpochs(): Promise<Record<string, number>> {
  using services = await openServices(loopbackEndpoints(LOCAL));
  const paid = async (): Promise<bigint> =>
    (await services.ledger.getSubnet({ by: { case: 'netuid', value: 1 } })).lastPaidIndex;
  const until = async (index: bigint): Promise<void> => {
    while ((await paid()) < index) await delay(200);
  };
  const first = (await paid()) + 1n;
  await until(first);
  // Status follows a payment at once; what is written after this pause belongs to the time between two epochs.
  await delay(5000);
  const fromMs = Date.now();
  await until(first + BigInt(EPOCHS));
  await delay(5000);
  return countWrites(clusterLayout(ROOT).auditLog, { fromMs, toMs: Date.now(), epochs: EPOCHS });
}

interface ProcessFigures {
  readonly readySeconds: number;
  readonly idleRssMb: number;
}

/** Replaces one pod after the other: seconds from the process's start to its readiness, and resident memory when idle. */
async function measureProcesses(tools: ClusterTools, progress: Progress): Promise<Record<string, ProcessFigures>> {
  const wanted = [...PARTS.map((part) => [part, SYSTEM, `app.kubernetes.io/component=${part}`] as const), ...NEURONS];
  const figures: Record<string, ProcessFigures> = {};
  for (const [name, namespace, selector] of wanted) {
    progress(`  ${name}`);
    await tools.kubectl(['-n', namespace, 'delete', 'pods', '-l', selector, '--wait=true']);
    const pod = await newPod(tools, namespace, selector);
    await tools.kubectl(['-n', namespace, 'wait', `pod/${pod}`, '--for=condition=Ready', '--timeout=120s']);
    await delay(IDLE_MS);
    // The process's own clock and memory, read beside it: /proc/1 is the service, and its log says when it was ready.
    const script = `const f=require('fs');const rest=f.readFileSync('/proc/1/stat','utf8').split(') ')[1].split(' ');
      const up=Number(f.readFileSync('/proc/uptime','utf8').split(' ')[0]);
      console.log(JSON.stringify({startedMs:Date.now()-(up-Number(rest[19])/100)*1000,rssKb:Number(/VmRSS:\\s+(\\d+)/.exec(f.readFileSync('/proc/1/status','utf8'))[1])}))`;
    const told = JSON.parse(await tools.kubectl(['-n', namespace, 'exec', pod, '--', 'node', '-e', script])) as {
      startedMs: number;
      rssKb: number;
    };
    const ready =
      (await tools.kubectl(['-n', namespace, 'logs', pod])).split('\n').find((line) => / is ready"/.test(line)) ?? '{}';
    const { ts } = JSON.parse(ready) as { ts?: string };
    const readyMs = ts === undefined ? Number.NaN : Date.parse(ts) - told.startedMs;
    figures[name] = {
      readySeconds: Math.round(readyMs / 10) / 100,
      idleRssMb: Math.round((told.rssKb * 1024) / 100_000) / 10,
    };
  }
  return figures;
}

async function newPod(tools: ClusterTools, namespace: string, selector: string): Promise<string> {
  for (;;) {
    const text = await tools.kubectl([
      '-n',
      namespace,
      'get',
      'pods',
      '-l',
      selector,
      '-o',
      'jsonpath={.items[*].metadata.name}',
    ]);
    const [pod] = text.split(' ').filter((name) => name !== '');
    if (pod !== undefined) return pod;
    await delay(100);
  }
}

async function imageLayers(): Promise<Record<string, number>> {
  const images = await ensureImages({ onProgress: () => undefined });
  const megabytes = (bytes: number): number => Math.round(bytes / 100_000) / 10;
  return Object.fromEntries(
    images.map(({ name, layers }) => [
      name.replace(/^.*\/([^/:]+):.*$/, '$1'),
      megabytes(layers.at(-1)?.compressedBytes ?? 0),
    ]),
  );
}
