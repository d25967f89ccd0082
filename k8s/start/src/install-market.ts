import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { stringify } from 'yaml';
import { inStep } from '@subnetes/local-cluster/progress';
import type { OnProgress } from '@subnetes/local-cluster/progress';
import { CommandError } from '@subnetes/local-cluster/run-command';
import { mandateManifests, sampleGenesis } from './genesis.ts';
import type { ClusterTools } from './kubectl.ts';
import { RELEASE, SYSTEM_NAMESPACE } from './market.ts';
import type { SampleWallets } from './wallets.ts';

export interface InstallOptions {
  readonly root: string;
  readonly localDir: string;
  readonly registry: string;
  readonly wallets: SampleWallets;
  /** Images that are newer in the node than what may be running: their tag is the same, so their pods are replaced. */
  readonly renewedImages: readonly string[];
  readonly onProgress: OnProgress;
  readonly signal: AbortSignal;
}

const SYSTEM_NAMESPACE_MANIFEST = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: SYSTEM_NAMESPACE, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
};

/** Installs or upgrades the chart and waits until all of it is ready. Returns when helm was started, unix milliseconds. */
export async function installChart(tools: ClusterTools, options: InstallOptions): Promise<number> {
  const { root, localDir, registry, signal } = options;
  const values = {
    images: { registry },
    network: { genesis: sampleGenesis(options.wallets) },
  };
  await mkdir(localDir, { recursive: true });
  const valuesFile = path.join(localDir, 'values.yaml');
  await writeFile(valuesFile, stringify(values), { mode: 0o600 });
  await forgetUnfinishedRelease(tools);
  await tools.kubectl(['apply', '--server-side', '-f', '-'], { input: stringify(SYSTEM_NAMESPACE_MANIFEST), signal });
  const startedMs = Date.now();
  await inStep('helm install subnetes', options.onProgress, async (report) => {
    const chart = path.join(root, 'charts/subnetes');
    const args = [
      'upgrade',
      '--install',
      RELEASE,
      chart,
      '-n',
      SYSTEM_NAMESPACE,
      '-f',
      valuesFile,
      '--wait',
      '--timeout',
      '5m',
    ];
    const isUpgrade = await replaceRenewedPods(tools, options.renewedImages);
    report(isUpgrade ? 'upgrading' : 'installing');
    await tools.helm(args, { signal, onErrorLine: (line) => report(line.slice(0, 80)) });
    const pods = (
      await tools.kubectl([
        '-n',
        SYSTEM_NAMESPACE,
        'get',
        'pods',
        '-o',
        'name',
        '--field-selector',
        'status.phase=Running',
      ])
    ).trim();
    report(`${pods === '' ? 0 : pods.split('\n').length} pods Ready`);
  });
  return startedMs;
}

/** A start that was cut short leaves a release that says "pending" for ever; helm refuses to go on from there. */
async function forgetUnfinishedRelease(tools: ClusterTools): Promise<void> {
  const release = await tools
    .helm(['status', RELEASE, '-n', SYSTEM_NAMESPACE, '-o', 'json'])
    .then((text) => JSON.parse(text) as { info: { status: string } })
    .catch((error: unknown) => {
      if (error instanceof CommandError && error.stderr.includes('not found')) return undefined;
      throw error;
    });
  if (release === undefined || release.info.status === 'deployed') return;
  const history = JSON.parse(await tools.helm(['history', RELEASE, '-n', SYSTEM_NAMESPACE, '-o', 'json'])) as {
    revision: number;
    status: string;
  }[];
  const good = history.findLast(({ status }) => status === 'deployed' || status === 'superseded');
  if (good === undefined) await tools.helm(['uninstall', RELEASE, '-n', SYSTEM_NAMESPACE, '--wait']);
  else await tools.helm(['rollback', RELEASE, String(good.revision), '-n', SYSTEM_NAMESPACE]);
}

/** Applies the sample's mandates, then the sample. Volumes and money stay as they are where it is there already. */
export async function applySample(tools: ClusterTools, options: InstallOptions): Promise<void> {
  await inStep('kubectl apply -f k8s/samples/finance', options.onProgress, async (report) => {
    const cluster = (await tools.kubectl(['get', 'namespace', 'kube-system', '-o', 'jsonpath={.metadata.uid}'])).trim();
    const mandates = mandateManifests(options.wallets, cluster);
    await writeFile(path.join(options.localDir, 'mandates.yaml'), mandates);
    await tools.kubectl(['apply', '--server-side', '-f', '-'], { input: mandates, signal: options.signal });
    const sample = path.join(options.root, 'k8s/samples/finance');
    const applied = await tools.kubectl(['apply', '--server-side', '-f', sample], { signal: options.signal });
    const count = (kind: string): number =>
      applied.split('\n').filter((line) => line.startsWith(`${kind}.subnetes.io/`)).length;
    report(`${count('subnet')} Subnet, ${count('miner')} Miners, ${count('validator')} Validators`);
  });
}

/** Deletes pods of ours whose image was built anew under the same tag. True if there was a market already. */
async function replaceRenewedPods(tools: ClusterTools, images: readonly string[]): Promise<boolean> {
  const listed = JSON.parse(
    await tools.kubectl(['get', 'pods', '-A', '-l', 'app.kubernetes.io/part-of=subnetes', '-o', 'json']),
  ) as {
    items: { metadata: { name: string; namespace: string }; spec: { containers: { image: string }[] } }[];
  };
  for (const { metadata, spec } of listed.items) {
    if (!spec.containers.some(({ image }) => images.includes(image))) continue;
    await tools.kubectl([
      '-n',
      metadata.namespace,
      'delete',
      'pod',
      metadata.name,
      '--wait=false',
      '--ignore-not-found',
    ]);
  }
  return listed.items.length > 0;
}
