import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServerCredentials } from '@grpc/grpc-js';
import { createAuthority, issueCertificate } from '@subnetes/pki/certificates';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { main } from '../src/main.ts';
import { startFakeMarket, type FakeMarket } from './fake-market.ts';

/** A program called kubectl stands in for the cluster: it forwards to a market with mTLS, as the services have it. */
let market: FakeMarket;
let folder: string;

const DAY_MS = 86_400_000;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'subnetes-cli-kubectl-'));
  const authority = await createAuthority('subnetes', Date.now(), DAY_MS);
  const usages = ['server', 'client'] as const;
  const issue = (part: string) =>
    issueCertificate(
      authority,
      { commonName: part, dnsNames: [`${part}.market.svc`, 'localhost'], usages, validMs: DAY_MS },
      Date.now(),
    );
  const [server, client] = await Promise.all([issue('ledger'), issue('cli')]);
  const pair = { cert_chain: Buffer.from(server.certificatePem), private_key: Buffer.from(server.keyPem) };
  market = await startFakeMarket(ServerCredentials.createSsl(Buffer.from(authority.certificatePem), [pair], true));
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const secret = {
    data: {
      'ca.crt': base64(authority.certificatePem),
      'tls.crt': base64(client.certificatePem),
      'tls.key': base64(client.keyPem),
    },
  };
  writeFileSync(join(folder, 'secret.json'), JSON.stringify(secret));
  writeKubectl(`
    case "$*" in
      *"get secret subnetes-cli-tls"*) cat "${folder}/secret.json" ;;
      *port-forward*) echo "$$" >> "${folder}/pids"; echo "Forwarding from ${market.address} -> 9443"; exec sleep 60 ;;
    esac`);
});
afterEach(async () => {
  await market[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

function writeKubectl(script: string): void {
  writeFileSync(join(folder, 'kubectl'), `#!/bin/sh\necho "$*" >> "${folder}/calls"\n${script}\n`);
  chmodSync(join(folder, 'kubectl'), 0o755);
}

async function run(...args: readonly string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const io = {
    hasTerminal: false,
    out: (line: string) => void out.push(line),
    err: (line: string) => void err.push(line),
    confirm: async () => false,
    askSecret: async () => '',
  };
  const env = { PATH: `${folder}:${process.env['PATH'] ?? ''}` };
  const exitCode = await main(args, { io, env, cwd: folder, now: Date.now });
  return { exitCode, out: out.join('\n'), err: err.join('\n') };
}

test('without addresses the market is reached through kubectl, with the certificate of its Secret, and no forward stays behind', async () => {
  const told = await run('status', '--context', 'prod', '--system-namespace', 'market');
  expect(told).toMatchObject({ exitCode: 0, err: '' });
  expect(told.out).toContain('sp500 (netuid 1)');
  const calls = readFileSync(join(folder, 'calls'), 'utf8');
  expect(calls).toContain('--namespace market --context prod port-forward svc/ledger :9443');
  expect(calls).toContain('--namespace market --context prod get secret subnetes-cli-tls');
  const pids = readFileSync(join(folder, 'pids'), 'utf8').trim().split('\n').map(Number);
  expect(pids).toHaveLength(2);
  for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});

test('accounts and keys are both behind one forward to billing', async () => {
  const told = await run('key', 'create', '--account', 'quant', '--owner', 'someone');
  expect(told).toMatchObject({ exitCode: 0, out: expect.stringContaining('sk_secret') });
  const forwards = readFileSync(join(folder, 'calls'), 'utf8')
    .split('\n')
    .filter((call) => call.includes('port-forward'));
  expect(forwards).toEqual(['--namespace subnetes-system port-forward svc/billing :9443']);
});

test('what kubectl says is told, with what to do', async () => {
  writeKubectl('echo "error: context \\"prod\\" does not exist" >&2; exit 1');
  const told = await run('ledger', 'verify', '--context', 'prod');
  expect(told.exitCode).toBe(69);
  expect(told.err).toContain('context "prod" does not exist');
  expect(told.err).toContain('set KUBECONFIG');
});
