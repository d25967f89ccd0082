import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ensureBinaries } from '@subnetes/local-cluster/binaries';
import { inStep } from '@subnetes/local-cluster/progress';
import type { OnProgress } from '@subnetes/local-cluster/progress';
import { runCommand } from '@subnetes/local-cluster/run-command';
import { prepareBuyer, untilTaken } from '../buyer.ts';
import { openPlainServices } from '../endpoints.ts';
import type { ServiceClients } from '../endpoints.ts';
import { newestCloses } from '../sample-closes.ts';
import { openDevFolder } from './dev-folder.ts';
import type { DevFolder } from './dev-folder.ts';
import type { DevOptions } from './dev-options.ts';
import { ledgerPart, natsPart, neuronParts, portsOf, servicesAfterLedger } from './dev-parts.ts';
import type { DevPartsContext } from './dev-parts.ts';
import { devPorts, requireFree } from './dev-ports.ts';
import { devProcesses } from './dev-processes.ts';
import type { DevPart, DevProcesses } from './dev-processes.ts';
import { devEndpoints, epochLine, marketText } from './dev-report.ts';
import { paidEpochs } from './paid-epochs.ts';
import type { PaidEpoch } from './paid-epochs.ts';
import { registerSample } from './register-sample.ts';
import type { RegisteredMarket } from './register-sample.ts';
import { takeDevFolder } from './running-file.ts';
import { readSampleMarket } from './sample-market.ts';
import type { SampleMarket } from './sample-market.ts';

export interface DevContext {
  readonly root: string;
  readonly options: DevOptions;
  readonly onProgress: OnProgress;
  /** Aborted by Ctrl-C; ends the market in order. */
  readonly signal: AbortSignal;
  /** Aborted by the second Ctrl-C; ends it at once. */
  readonly hurry: AbortSignal;
  /** Environment of the processes. */
  readonly env: Readonly<Record<string, string>>;
  readonly say: (text: string) => void;
  readonly onLine: ((part: string, line: string) => void) | undefined;
}

/**
 * Runs the sample market as processes until the signal, without Kubernetes and without root. It never returns.
 * @throws the signal's reason; Error when a process ends by itself; UsageError for what the user has to change.
 */
export async function runDev(context: DevContext): Promise<never> {
  const { root, options, onProgress } = context;
  const dir = path.resolve(root, options.dir ?? '.local/dev');
  const market = await readSampleMarket(root);
  await ensureBinaries(['nats-server'], onProgress, context.signal);
  await using runningFile = await takeDevFolder(dir);
  const ports = devPorts(options.portBase);
  const neurons = market.neurons.length;
  await requireFree(portsOf(ports, { miners: neurons, neurons }));
  const folder = await openDevFolder(dir, options);
  const parts: DevPartsContext = { root, folder, ports, watch: options.watch, env: context.env };
  const started = await devProcesses({ ...context, logDir: folder.at('logs'), runningFile });
  await using ending = new AsyncDisposableStack();
  ending.defer(() => inStep('end all processes', onProgress, async () => await started[Symbol.asyncDispose]()));
  context.hurry.addEventListener('abort', () => started.kill(), { once: true });
  const signal = AbortSignal.any([context.signal, started.failed]);
  try {
    return await runMarket({ ...context, signal }, { market, parts, started });
  } catch (error) {
    // What was waited for tells less than why it was given up.
    throw signal.aborted ? signal.reason : error;
  }
}

interface Market {
  readonly market: SampleMarket;
  readonly parts: DevPartsContext;
  readonly started: DevProcesses;
}

async function runMarket(context: DevContext, { market, parts, started }: Market): Promise<never> {
  const { root, onProgress, signal, options } = context;
  const { folder, ports } = parts;
  const start = (part: DevPart) => inStep(part.name, onProgress, () => started.start(part));
  const endpoints = devEndpoints(ports);
  await writeFile(folder.at('endpoints.json'), `${JSON.stringify(endpoints, undefined, 2)}\n`);
  await start(natsPart(parts));
  await start(ledgerPart(parts));
  using services = openPlainServices(endpoints);
  const registered = await inStep('sample market', onProgress, async (report) => {
    const done = await registerSample(services.ledger, folder, market);
    report(`netuid ${done.netuid}, ${done.neurons.length} neurons registered`);
    return done;
  });
  await inStep('console page', onProgress, () => buildPage(root, folder.at('page'), signal));
  await startTogether('services', servicesAfterLedger(parts), { started, onProgress });
  await startTogether('miners and validators', await neuronParts(parts, registered), { started, onProgress });
  const apiKey = folder.at('api-key');
  await inStep('account and API key', onProgress, async (report) => {
    const { wallets } = folder;
    const key = await prepareBuyer({ services, wallets, localDir: path.dirname(apiKey) });
    await untilTaken(endpoints.gateway, key, signal);
    await writeForecast(root, folder);
    report(path.relative(root, apiKey));
  });
  const names = new Map(registered.neurons.map(({ hotkey, sample }) => [hotkey, sample.name]));
  const epochs = follow(services, context, registered);
  let isToldAll = false;
  for (;;) {
    const { epoch, step, durationMs } = await epochs();
    onProgress({ step, state: 'done', durationMs, detail: epochLine(epoch, names) });
    if (!epoch.paysMiners || isToldAll) continue;
    context.say(marketText({ endpoints, folder, root, watch: options.watch }));
    isToldAll = true;
  }
}

/** Starts parts at the same time, as one step. */
async function startTogether(
  step: string,
  parts: readonly DevPart[],
  { started, onProgress }: { readonly started: DevProcesses; readonly onProgress: OnProgress },
): Promise<void> {
  await inStep(step, onProgress, async (report) => {
    const waiting = new Set(parts.map(({ name }) => name));
    const begin = async (part: DevPart): Promise<void> => {
      await started.start(part);
      waiting.delete(part.name);
      report(`waiting for ${[...waiting].join(', ')}`);
    };
    await Promise.all(parts.map(begin));
    report(parts.map(({ name }) => name).join(', '));
  });
}

/** Asks for paid epochs one by one, each a step that runs while it is waited for. */
function follow(services: ServiceClients, { onProgress, signal }: DevContext, { netuid }: RegisteredMarket) {
  let step = '';
  const report = (detail: string): void => onProgress({ step, state: 'progress', detail });
  const epochs = paidEpochs(services, { netuid, signal, report });
  return async (): Promise<{ readonly epoch: PaidEpoch; readonly step: string; readonly durationMs: number }> => {
    const startedMs = performance.now();
    step = 'next epoch paid';
    onProgress({ step, state: 'started' });
    const { value: epoch } = await epochs.next();
    return { epoch, step, durationMs: Math.round(performance.now() - startedMs) };
  };
}

/** The console serves a built page; this market's is its own, so that other builds do not get in its way. */
async function buildPage(root: string, outDir: string, signal: AbortSignal): Promise<void> {
  const vite = path.join(root, 'node_modules/.bin/vite');
  const args = ['build', '--outDir', outDir, '--emptyOutDir', '--logLevel', 'warn'];
  await runCommand(vite, args, { cwd: path.join(root, 'services/console'), signal });
}

/** The body of a request for a forecast, for curl. */
async function writeForecast(root: string, folder: DevFolder): Promise<void> {
  const closes = await newestCloses(root);
  const body = { inputs: [{ name: 'closes', datatype: 'FP64', shape: [closes.length], data: closes }] };
  await writeFile(folder.at('forecast.json'), `${JSON.stringify(body)}\n`);
}
