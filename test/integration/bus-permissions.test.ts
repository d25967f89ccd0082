import { execFile } from 'node:child_process';
import { chmod } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { BusError, type Bus } from '@subnetes/bus/bus';
import { openNatsBus } from '@subnetes/bus/nats-bus';
import type { BucketName } from '@subnetes/bus/subjects';
import { binaryPath, ensureBinaries } from '@subnetes/local-cluster/binaries';
import type { TlsFiles } from '@subnetes/runtime/tls';
import { startNats, type TestNats } from '@subnetes/testkit/nats';
import { temporaryFolder } from '@subnetes/testkit/processes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { writeTlsFiles } from '../../services/serving-gateway/test/tls-files.ts';

/** The chart's own nats.conf on a real server: what a part's certificate lets it write is what the chart says. */
const ROOT = path.resolve(import.meta.dirname, '../..');
const PARTS = ['ledger', 'scoring', 'billing', 'serving-gateway', 'operator'] as const;
type Part = (typeof PARTS)[number];

const WRITERS: Readonly<Record<BucketName, Part>> = {
  metagraph: 'scoring',
  endpoints: 'ledger',
  prices: 'billing',
  'api-keys': 'billing',
};

const teardown = new AsyncDisposableStack();
let nats: TestNats;
let files: Readonly<Record<Part | 'nats', TlsFiles>>;
const buses = new Map<Part, Bus>();

/** As the chart renders it, but for where the server listens and stores: the test's server has its own places. */
async function chartConfig({ caFile, certFile, keyFile }: TlsFiles): Promise<string> {
  await ensureBinaries(['helm']);
  const args = ['template', 'subnetes', path.join(ROOT, 'charts/subnetes'), '-n', 'subnetes-system'];
  const { stdout } = await promisify(execFile)(binaryPath('helm'), [...args, '-s', 'templates/nats/configmap.yaml']);
  const { data } = parse(stdout) as { readonly data: Readonly<Record<'nats.conf', string>> };
  return data['nats.conf']
    .replace(/^(listen|http): .*$/gm, '')
    .replace(/^jetstream \{[^}]*\}/m, '')
    .replace('/etc/subnetes/tls/ca.crt', caFile)
    .replace('/etc/subnetes/tls/tls.crt', certFile)
    .replace('/etc/subnetes/tls/tls.key', keyFile);
}

beforeAll(async () => {
  const folder = teardown.use(await temporaryFolder('bus-permissions'));
  await chmod(folder.path, 0o755); // the test's server may run under another user
  files = await writeTlsFiles(folder.path, [...PARTS, 'nats']);
  nats = teardown.use(await startNats({ config: await chartConfig(files.nats) }));
  // Node checks the name of an address that is an IP as localhost.
  const url = nats.url.replace('nats://127.0.0.1', 'tls://localhost');
  for (const part of PARTS) {
    buses.set(part, teardown.use(await openNatsBus({ url, name: part, tls: files[part] })));
  }
});
afterAll(() => teardown.disposeAsync());

function busOf(part: Part): Bus {
  const bus = buses.get(part);
  if (bus === undefined) throw new Error(`${part} is not connected`);
  return bus;
}

const VALUE = Uint8Array.of(1);

describe.for(Object.entries(WRITERS) as [BucketName, Part][])('bucket %s', ([name, writer]) => {
  const others = PARTS.filter((part) => part !== writer);

  test.for(others)('%s cannot make it', async (part) => {
    await expect(busOf(part).bucket(name, { create: true })).rejects.toBeInstanceOf(BusError);
  });

  test(`${writer} makes, writes and reads it`, async () => {
    const bucket = await busOf(writer).bucket(name, { create: true });
    await bucket.put('a', VALUE);
    await bucket.put('b', VALUE);
    await bucket.delete('b');
    expect([...(await bucket.entries()).keys()]).toEqual(['a']);
    expect((await bucket.state()).writes).toBe(3n);
  });

  test.for(others)('%s reads it, and can neither write nor empty it', async (part) => {
    const bucket = await busOf(part).bucket(name);
    expect(await bucket.get('a')).toEqual(VALUE);
    expect([...(await bucket.entries()).keys()]).toEqual(['a']);
    for await (const { key } of bucket.watch(AbortSignal.timeout(10_000))) {
      expect(key).toBe('a');
      break;
    }
    await expect(bucket.put('a', Uint8Array.of(2))).rejects.toBeInstanceOf(BusError);
    await expect(bucket.delete('a')).rejects.toBeInstanceOf(BusError);
    expect(await bucket.get('a')).toEqual(VALUE);
  });
});
