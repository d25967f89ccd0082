import path from 'node:path';
import { SERVICE_PARTS } from '@subnetes/local-cluster/service-parts';
import { ALL_BINARIES } from '@subnetes/local-cluster/binary-catalog';
import { ensureBinaries } from '@subnetes/local-cluster/binaries';
import { loadImages, up } from '@subnetes/local-cluster/cluster';
import { ensureImages } from '@subnetes/local-cluster/images';
import { LOCAL_REGISTRY } from '@subnetes/local-cluster/image-names';
import { inStep } from '@subnetes/local-cluster/progress';
import type { OnProgress } from '@subnetes/local-cluster/progress';
import { ensureSystemPackages } from '@subnetes/local-cluster/system-packages';
import { askForecasts, prepareBuyer, untilTaken, waitForInvoice } from './buyer.ts';
import { openServices, writeEndpoints } from './endpoints.ts';
import { followEpochs } from './follow-epochs.ts';
import { gatherOutcome } from './gather-outcome.ts';
import { applySample, installChart } from './install-market.ts';
import { clusterTools } from './kubectl.ts';
import type { Cluster } from './kubectl.ts';
import { FORWARDS, SUBNET } from './market.ts';
import type { Options } from './options.ts';
import { openForwards } from './port-forwards.ts';
import type { Outcome } from './report.ts';
import { newestCloses } from './sample-closes.ts';
import { sampleWallets } from './wallets.ts';

export interface StartContext {
  readonly root: string;
  readonly options: Options;
  readonly onProgress: OnProgress;
  readonly signal: AbortSignal;
}

/** From whatever is there to a market that has paid its miners three times and sold two answers. */
export async function start(context: StartContext): Promise<Outcome> {
  const { root, options, onProgress, signal } = context;
  const localDir = path.join(root, '.local');
  const startedMs = performance.now();
  const isLocal = options.context === undefined;
  const { cluster, renewedImages } = isLocal
    ? await prepareLocalCluster(context)
    : { cluster: { kubeconfig: undefined, context: options.context }, renewedImages: [] };
  if (!isLocal) await ensureBinaries(['kubectl', 'helm'], onProgress, signal);
  const tools = clusterTools(cluster);
  const wallets = await sampleWallets(localDir);
  const registry = options.registry ?? LOCAL_REGISTRY;
  const install = { root, localDir, registry, wallets, renewedImages, onProgress, signal };
  const helmStartedMs = await installChart(tools, install);
  const installSeconds = Math.round((performance.now() - startedMs) / 100) / 10;
  await applySample(tools, install);
  await using forwards = isLocal ? undefined : await openForwards(cluster);
  const endpoints = await writeEndpoints(tools, localDir, forwards?.ports);
  using services = await openServices(endpoints);
  // Before there is anything to buy: whoever follows the README beside this has a key.
  const apiKey = await inStep('account and API key', onProgress, async (report) => {
    const key = await prepareBuyer({ services, wallets, localDir });
    report('.local/api-key');
    return key;
  });
  const paid = await inStep('epochs paid to miners', onProgress, (report) =>
    followEpochs(services, { signal, report }),
  );
  const calls = await inStep('one forecast over REST, one over gRPC', onProgress, async () => {
    await untilTaken(endpoints.gateway, apiKey, signal);
    return askForecasts(endpoints, apiKey, await newestCloses(root), signal);
  });
  const invoice = await inStep('invoice', onProgress, () => waitForInvoice(services, calls, signal));
  const gathered = await gatherOutcome(services, tools, { paid, root });
  return {
    ...gathered,
    installSeconds,
    firstPaidEpochSeconds: Math.round((paid.firstSeenMs - helmStartedMs) / 100) / 10,
    netuid: paid.netuid,
    subnet: SUBNET,
    block: paid.block,
    calls,
    invoice: { id: invoice.id, lines: Number(invoice.lineCount), totalRao: BigInt(invoice.totalRao) },
    endpoints,
    cluster:
      options.context === undefined
        ? { kubeconfig: path.relative(root, cluster.kubeconfig ?? '') }
        : { context: options.context },
  };
}

/** System packages, binaries, cluster and images, each only as far as it is not there yet. */
async function prepareLocalCluster({
  onProgress,
  signal,
}: StartContext): Promise<{ readonly cluster: Cluster; readonly renewedImages: readonly string[] }> {
  await ensureSystemPackages(onProgress, { signal });
  await ensureBinaries(ALL_BINARIES, onProgress, signal);
  const { layout } = await up({ forwards: FORWARDS, onProgress, signal });
  const images = await ensureImages({ parts: SERVICE_PARTS, onProgress, signal });
  const renewedImages = await loadImages(images, { onProgress, signal });
  return { cluster: { kubeconfig: layout.kubeconfig, context: undefined }, renewedImages };
}
