import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { binaryPath } from '@subnetes/local-cluster/binaries';
import { temporaryFolder } from '@subnetes/testkit/processes';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openCluster, type TestCluster } from './harness.ts';
import {
  mandateConfigMap,
  minerManifest,
  modelsConfigMap,
  subnetManifest,
  validatorManifest,
} from './market-samples.ts';

/** Every kubectl command of the page of reasons, on a real API server: a person in need must not meet a typing error. */

const PAGE = path.resolve(import.meta.dirname, '../../docs/runbooks/reasons.md');
const NAMESPACE = 'runbook';

/** What needs a person at a terminal or a kubelet is left out. */
const commands = [
  ...new Set([...readFileSync(PAGE, 'utf8').matchAll(/`(kubectl [^`]+)`/g)].map(([, line = '']) => line)),
]
  .filter((line) => !/^kubectl (edit|logs) /.test(line))
  .map((line) => ({ line }));

const teardown = new AsyncDisposableStack();
let cluster: TestCluster;
let folder: string;

beforeAll(async () => {
  cluster = teardown.use(await openCluster());
  folder = teardown.use(await temporaryFolder('runbook')).path;
  await cluster.namespace(NAMESPACE);
  const kubeconfig = JSON.parse(cluster.kube.kubeconfig) as { contexts: { context: Record<string, string> }[] };
  for (const { context } of kubeconfig.contexts) context['namespace'] = NAMESPACE;
  await writeFile(path.join(folder, 'kubeconfig'), JSON.stringify(kubeconfig));
  await writeFile(path.join(folder, 'model.onnx'), 'garch');
});

afterAll(async () => await teardown.disposeAsync());

beforeEach(async () => {
  const market = [
    mandateConfigMap(NAMESPACE),
    modelsConfigMap(NAMESPACE),
    subnetManifest(NAMESPACE),
    minerManifest(NAMESPACE, 'garch'),
    validatorManifest(NAMESPACE, 'val-a'),
  ];
  for (const object of market) await cluster.apply(object);
});

/** The command with this market's names in the place of the words in capitals. */
function filledIn(line: string): string {
  return line
    .replaceAll(/\b(subnet) NAME\b/g, '$1 sp500')
    .replaceAll(/\b(validator) NAME\b/g, '$1 val-a')
    .replaceAll('SUBNET_NAMESPACE', NAMESPACE)
    .replaceAll('SUBNET', 'sp500')
    .replaceAll('NETUID', '3')
    .replaceAll('MODELS', 'new-models')
    .replaceAll('FUNCTIONS', 'new-functions')
    .replaceAll('KEY=FILE', `garch.onnx=${path.join(folder, 'model.onnx')}`)
    .replaceAll(/\bNAME\b/g, 'garch');
}

async function run(line: string): Promise<string> {
  const env = {
    PATH: `${path.dirname(binaryPath('kubectl'))}:${process.env['PATH'] ?? ''}`,
    KUBECONFIG: path.join(folder, 'kubeconfig'),
    HOME: folder, // kubectl keeps a cache there
  };
  const { stdout, stderr } = await promisify(execFile)('sh', ['-ec', line], { env });
  return stdout + stderr;
}

test('there are commands, and a wrong one would be noticed', async () => {
  expect(commands.length).toBeGreaterThan(15);
  await expect(run(`kubectl patch subnet sp500 --type merge -p '{"spec":{"emission":"Begun"}}'`)).rejects.toThrow(
    'Unsupported value',
  );
  await expect(run('kubectl get minors')).rejects.toThrow("doesn't have a resource type");
});

test.for(commands)('$line', async ({ line }) => {
  expect(await run(filledIn(line))).not.toContain('unknown field');
});
