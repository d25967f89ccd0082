import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { isRunning } from '@subnetes/local-cluster/process-identity';
import type { ProcessIdentity } from '@subnetes/local-cluster/process-identity';
import { startProcess, temporaryFolder, waitFor } from '@subnetes/testkit/processes';
import type { ServerProcess } from '@subnetes/testkit/processes';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { portsOf } from '../src/dev/dev-parts.ts';
import { devPorts, requireFree } from '../src/dev/dev-ports.ts';
import { newestCloses } from '../src/sample-closes.ts';
import { openPlainServices } from '../src/endpoints.ts';
import type { ServiceAddresses } from '../src/endpoints.ts';

/** `npm run dev` as a person runs it, without the part of it that brings packages. */
const ROOT = path.resolve(import.meta.dirname, '../../..');
const MAIN = path.join(ROOT, 'k8s/start/src/dev-main.ts');
const NODES = ['ledger', 'scoring', 'billing', 'serving-gateway', 'console'];
const NEURONS = ['copycat', 'garch', 'ewma', 'ridge', 'gaussian', 'broken', 'val-a', 'val-b', 'val-c'];
/** Machines that run other suites meanwhile are slow. */
const PAID_MS = 270_000;

const teardown = new AsyncDisposableStack();
let folder: string;
let portBase: number;

type Part = ProcessIdentity & { readonly name: string };

beforeAll(async () => {
  folder = teardown.use(await temporaryFolder('dev')).path;
  portBase = await freeBase();
});
afterAll(() => teardown.disposeAsync());

/** Two hundred ports below those that the system gives out, of which nobody has those that we need. */
async function freeBase(): Promise<number> {
  const first = process.pid % 50;
  for (let tried = 0; tried < 50; tried += 1) {
    const base = 21_000 + ((first + tried) % 50) * 200;
    const needed = portsOf(devPorts(base), { miners: NEURONS.length, neurons: NEURONS.length });
    const isFree = await requireFree(needed).then(
      () => true,
      () => false, // somebody has one of them: the next two hundred are tried
    );
    if (isFree) return base;
  }
  throw new Error('no two hundred free ports between 21000 and 31000');
}

async function startDev(args: readonly string[] = []): Promise<ServerProcess> {
  const all = [MAIN, '--dir', folder, '--port-base', String(portBase), ...args];
  return teardown.use(await startProcess({ command: process.execPath, args: all, cwd: ROOT, stopSignal: 'SIGINT' }));
}

/** Waits until the program has said `text`; its end, or its silence, is an error that shows what it said. */
async function said(dev: ServerProcess, text: string): Promise<void> {
  let ended: number | string | undefined;
  void dev.exited.then((code) => {
    ended = code;
  });
  const heard = () => {
    if (dev.output().includes(text)) return true;
    if (ended !== undefined) throw new Error(`npm run dev ended with ${ended}:\n${dev.output()}`);
    return false;
  };
  await waitFor(`"${text}"`, heard, PAID_MS).catch((cause: unknown) => {
    throw new Error(`npm run dev said so far:\n${dev.output()}`, { cause });
  });
}

async function parts(): Promise<readonly Part[]> {
  const text = await readFile(path.join(folder, 'processes.json'), 'utf8');
  return (JSON.parse(text) as { readonly parts: readonly Part[] }).parts;
}

async function expectAllGone(running: readonly Part[]): Promise<void> {
  expect(running.filter(isRunning)).toEqual([]);
  expect(existsSync(path.join(folder, 'processes.json'))).toBe(false);
}

test(
  'a market of processes pays its miners, sells a forecast, and ends without a trace but its data',
  { timeout: 2 * PAID_MS },
  async () => {
    const dev = await startDev(['--block-time', '250']);
    await said(dev, 'Ctrl-C ends it');
    const running = await parts();
    expect(running.map(({ name }) => name).toSorted()).toEqual(['nats-server', ...NODES, ...NEURONS].toSorted());
    expect(running.filter((part) => !isRunning(part))).toEqual([]);

    const endpoints = JSON.parse(await readFile(path.join(folder, 'endpoints.json'), 'utf8')) as ServiceAddresses & {
      readonly gateway: string;
      readonly console: string;
    };
    using services = openPlainServices(endpoints);
    const subnet = await services.ledger.getSubnet({ by: { case: 'handle', value: 'sp500' } });
    const { epochs } = await services.scoring.listEpochs({ netuid: subnet.netuid, limit: 100 });
    const paying = epochs.filter((epoch) => epoch.incentivesAboveZero && epoch.index <= subnet.lastPaidIndex);
    expect(paying.length).toBeGreaterThan(0);
    expect(await services.ledger.audit({ verifyChain: true })).toMatchObject({
      differenceRao: '0',
      chainVerified: true,
      findings: [],
    });

    const closes = await newestCloses(ROOT);
    const answer = await fetch(`${endpoints.gateway}/v2/models/sp500.forecast/infer`, {
      method: 'POST',
      headers: { authorization: `Bearer ${(await readFile(path.join(folder, 'api-key'), 'utf8')).trim()}` },
      body: JSON.stringify({ inputs: [{ name: 'closes', datatype: 'FP64', shape: [closes.length], data: closes }] }),
    });
    const text = await answer.text();
    expect({ status: answer.status, text }).toMatchObject({ status: 200 });
    expect(JSON.parse(text)).toMatchObject({ outputs: [{ name: 'quantiles', shape: [2, 19] }] });
    expect((await fetch(endpoints.console)).headers.get('content-type')).toContain('text/html');

    const second = await startDev();
    expect(await second.exited).toBe(64);
    expect(second.output()).toContain('runs this market already');

    process.kill(dev.pid, 'SIGINT');
    expect(await dev.exited).toBe(0);
    await expectAllGone(running);
    const logs = await readdir(path.join(folder, 'logs'));
    expect(logs.toSorted()).toEqual(running.map(({ name }) => `${name}.log`).toSorted());
  },
);

test(
  'what a killed run leaves behind is ended by the next, which goes on with its money and ends when a part does',
  { timeout: 2 * PAID_MS },
  async () => {
    const killed = await startDev();
    await said(killed, 'account and API key');
    const left = await parts();
    teardown.defer(() => left.filter(isRunning).forEach(({ pid }) => process.kill(pid, 'SIGKILL'))); // if the next fails
    await killed.stop('SIGKILL');

    const dev = await startDev();
    await said(dev, 'account and API key');
    expect(left.filter(isRunning)).toEqual([]);
    const running = await parts();
    const ledger = running.find(({ name }) => name === 'ledger');
    using services = openPlainServices(
      JSON.parse(await readFile(path.join(folder, 'endpoints.json'), 'utf8')) as ServiceAddresses,
    );
    const { lastPaidIndex, neurons } = await services.ledger.getSubnet({ by: { case: 'handle', value: 'sp500' } });
    expect(lastPaidIndex).toBeGreaterThan(1n);
    expect(neurons).toBe(NEURONS.length);

    process.kill(ledger?.pid ?? 0, 'SIGKILL');
    expect(await dev.exited).toBe(1);
    expect(dev.output()).toContain('ledger ended by itself (SIGKILL)');
    await expectAllGone(running);
  },
);
