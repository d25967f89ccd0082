import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { createAuthority } from '@subnetes/pki/certificates';
import { MinerHandshake } from '@subnetes/proto/gen/subnetes/miner/v1/miner_pb';
import { createLogger } from '@subnetes/telemetry/logger';
import { createMetrics } from '@subnetes/telemetry/metrics';
import { temporaryFolder } from '@subnetes/testkit/processes';
import { expect, test } from 'vitest';
import { rpcService, serveGrpc } from '../src/grpc-server.ts';
import type { TlsFiles } from '../src/tls.ts';
import { writePair } from './certificate-files.ts';

/** A client that knows none of our protobuf files: `buf curl`, which learns them by reflection. */

const BUF = path.resolve(import.meta.dirname, '../../../node_modules/.bin/buf');
const metrics = createMetrics({ service: 'test', version: '1', processMetrics: false });
const log = createLogger({ service: 'test', level: 'silent' });
const common = { port: 0, host: '127.0.0.1', metrics, log };
const handshake = rpcService(MinerHandshake, { handshake: async () => ({}) });
const SERVICES = ['grpc.health.v1.Health', 'grpc.reflection.v1.ServerReflection', 'subnetes.miner.v1.MinerHandshake'];

async function curl(...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(BUF, ['curl', '--protocol', 'grpc', ...args]);
  return stdout;
}

test('a stranger to our protobuf files lists the services and calls one', async () => {
  await using server = await serveGrpc({ ...common, services: [handshake] });
  const url = `http://127.0.0.1:${server.port}`;
  const plain = ['--http2-prior-knowledge', '--reflect-protocol', 'grpc-v1'];
  expect((await curl(...plain, '--list-services', url)).trim().split('\n')).toEqual(SERVICES);
  expect((await curl(...plain, '--list-methods', url)).split('\n')).toContain(
    'subnetes.miner.v1.MinerHandshake/Handshake',
  );
  const answer = await curl(...plain, '--data', '{}', `${url}/grpc.health.v1.Health/Check`);
  expect(JSON.parse(answer)).toEqual({ status: 'SERVING' });
  expect(await metrics.text()).toContain('rpc_method="grpc.reflection.v1.ServerReflection/ServerReflectionInfo"');
});

test('where callers need no certificate, those who ask what can be called do', async () => {
  await using folder = await temporaryFolder('reflection');
  const authority = await createAuthority('ours', Date.now(), 3_600_000);
  const tls = await writePair(folder.path, authority, 'ledger');
  await using server = await serveGrpc({ ...common, tls, mutual: false, services: [handshake] });
  const url = `https://127.0.0.1:${server.port}`;
  const list = async (files: TlsFiles | undefined): Promise<string> => {
    const own = files === undefined ? [] : ['--cert', files.certFile, '--key', files.keyFile];
    return await curl('--cacert', tls.caFile, ...own, '--list-services', url);
  };
  await expect(list(undefined)).rejects.toThrow('show a certificate of this system');
  const operator = await writePair(folder.path, authority, 'operator');
  expect((await list(operator)).trim().split('\n')).toEqual(SERVICES);
});
