import { createAuthority, type Authority } from '@subnetes/pki/certificates';
import { Health, HealthCheckResponse_ServingStatus as Status } from '@subnetes/proto/gen/grpc/health/v1/health_pb';
import { MinerHandshake } from '@subnetes/proto/gen/subnetes/miner/v1/miner_pb';
import { createRpcClient } from '@subnetes/proto/grpc-client';
import { createLogger } from '@subnetes/telemetry/logger';
import { createMetrics } from '@subnetes/telemetry/metrics';
import { temporaryFolder } from '@subnetes/testkit/processes';
import { expect, test } from 'vitest';
import { rpcService, serveGrpc } from '../src/grpc-server.ts';
import { serveHealth } from '../src/health.ts';
import { dnsNamesOf, grpcClientCredentials, grpcServerTrust, readTls, watchTls } from '../src/tls.ts';
import { writePair } from './certificate-files.ts';

const metrics = createMetrics({ service: 'test', version: '1', processMetrics: false });
const log = createLogger({ service: 'test', level: 'silent' });

test('health, readiness and metrics', async () => {
  let ready: true | string = 'catching up with the ledger';
  await using server = await serveHealth({ port: 0, host: '127.0.0.1', ready: () => ready, metrics });
  const get = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`);
    return [response.status, await response.text()] as const;
  };
  expect(await get('/healthz')).toEqual([200, 'ok\n']);
  expect(await get('/readyz')).toEqual([503, 'catching up with the ledger\n']);
  ready = true;
  expect((await get('/readyz'))[0]).toBe(200);
  expect((await get('/metrics'))[1]).toContain('subnetes_build_info{');
  expect(await get('/other')).toEqual([404, 'this port knows /healthz, /readyz, /metrics\n']);
});

test('a page of the process is told once the process is ready', async () => {
  let ready: true | string = 'caches are not filled yet';
  const pages = { '/discovery/neurons': { text: () => '[]', contentType: 'application/json' } };
  await using server = await serveHealth({ port: 0, host: '127.0.0.1', ready: () => ready, metrics, pages });
  const get = async (path: string) => await fetch(`http://127.0.0.1:${server.port}${path}`);
  expect((await get('/discovery/neurons')).status).toBe(503);
  ready = true;
  const told = await get('/discovery/neurons?refresh=1');
  expect([told.status, told.headers.get('content-type'), await told.text()]).toEqual([200, 'application/json', '[]']);
  expect((await get('/metrics')).headers.get('content-type')).toBe(metrics.contentType);
  expect(await (await get('/toString')).text()).toContain('/metrics, /discovery/neurons');
});

test('gRPC health follows the server, its watch ends with it, and calls are counted', async () => {
  const server = await serveGrpc({ port: 0, host: '127.0.0.1', services: [], metrics, log });
  using client = createRpcClient(Health, {
    address: `127.0.0.1:${server.port}`,
    credentials: grpcServerTrust(undefined),
  });
  expect((await client.check({})).status).toBe(Status.SERVING);
  const seen: Status[] = [];
  const watched = (async () => {
    for await (const { status } of client.watch({})) {
      seen.push(status);
      if (seen.length === 1) server.setServing(false);
      if (seen.length === 2) await server[Symbol.asyncDispose]();
    }
  })();
  await expect(watched).rejects.toMatchObject({ name: 'RpcError' });
  expect(seen).toEqual([Status.SERVING, Status.NOT_SERVING]);
});

const authority = (name: string): Promise<Authority> => createAuthority(name, Date.now(), 3_600_000);

test('mTLS lets in those of the same authority only', async () => {
  await using folder = await temporaryFolder('tls');
  const [ours, others] = [await authority('ours'), await authority('others')];
  const tls = await writePair(folder.path, ours, 'ledger');
  await using server = await serveGrpc({ port: 0, host: '127.0.0.1', tls, services: [], metrics, log });
  const address = `127.0.0.1:${server.port}`;
  const friend = grpcClientCredentials(await writePair(folder.path, ours, 'operator'));
  using client = createRpcClient(Health, { address, credentials: friend });
  expect((await client.check({})).status).toBe(Status.SERVING);
  const strangerFiles = await writePair(folder.path, others, 'stranger');
  using stranger = createRpcClient(Health, {
    address,
    credentials: grpcClientCredentials({ ...strangerFiles, caFile: tls.caFile }),
    deadlineMs: 3000,
  });
  await expect(stranger.check({})).rejects.toMatchObject({ name: 'RpcError' });
  using bare = createRpcClient(Health, { address, credentials: grpcServerTrust(tls.caFile), deadlineMs: 3000 });
  await expect(bare.check({})).rejects.toMatchObject({ name: 'RpcError' });
});

test('without mutual TLS all get in, and only a certificate of our authority gives a name', async () => {
  await using folder = await temporaryFolder('tls');
  const [ours, forger] = [await authority('ours'), await authority('ours')];
  const tls = await writePair(folder.path, ours, 'ledger');
  const seen: (readonly string[])[] = [];
  const service = rpcService(MinerHandshake, {
    handshake: async (_request, call) => {
      seen.push(call.peerNames);
      return {};
    },
  });
  await using server = await serveGrpc({
    port: 0,
    host: '127.0.0.1',
    tls,
    mutual: false,
    services: [service],
    metrics,
    log,
  });
  const address = `127.0.0.1:${server.port}`;
  const forged = { ...(await writePair(folder.path, forger, 'operator')), caFile: tls.caFile };
  for (const credentials of [grpcServerTrust(tls.caFile), grpcClientCredentials(forged)]) {
    using client = createRpcClient(MinerHandshake, { address, credentials });
    await client.handshake({});
  }
  using operator = createRpcClient(MinerHandshake, {
    address,
    credentials: grpcClientCredentials(await writePair(folder.path, ours, 'operator')),
  });
  await operator.handshake({});
  expect(seen).toEqual([[], [], ['operator']]);
});

test('a renewed certificate is noticed', async () => {
  await using folder = await temporaryFolder('tls');
  const ours = await authority('ours');
  const tls = await writePair(folder.path, ours, 'ledger');
  const before = readTls(tls);
  const changed = Promise.withResolvers<Buffer>();
  using _watch = watchTls(tls, (texts) => changed.resolve(texts.cert), 20);
  await writePair(folder.path, ours, 'ledger');
  expect((await changed.promise).equals(before.cert)).toBe(false);
});

test('DNS names come out of a subject alternative name', () => {
  expect(dnsNamesOf('DNS:ledger.subnetes-system.svc, IP Address:127.0.0.1, DNS:ledger')).toEqual([
    'ledger.subnetes-system.svc',
    'ledger',
  ]);
  expect(dnsNamesOf(undefined)).toEqual([]);
});
