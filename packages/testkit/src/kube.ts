import { generateKeyPairSync } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { binaryPath, ensureBinaries } from '@subnetes/local-cluster/binaries';
import { createAuthority, issueCertificate, type PemPair } from '@subnetes/pki/certificates';
import { Agent, request } from 'undici';
import { freePort, startServer } from './processes.ts';
import type { ServerProcess } from './processes.ts';

const DAY_MS = 86_400_000;

export interface KubeOptions {
  /** Adds kube-controller-manager: garbage collection by owner, namespace deletion, default service accounts. */
  readonly controllerManager?: boolean;
  /** Path of an audit log with one line a request (metadata only). */
  readonly auditLog?: string;
}

export interface TestKube extends AsyncDisposable {
  /** `https://127.0.0.1:<port>`. */
  readonly baseUrl: string;
  readonly caPem: string;
  /** A client in group system:masters. */
  readonly admin: PemPair;
  /** The admin's kubeconfig as YAML (JSON is YAML), certificates included. */
  readonly kubeconfig: string;
  /** Issues a client certificate of another user, for tests of RBAC. */
  issueClient(user: string, groups?: readonly string[]): Promise<PemPair>;
  /** Kills the API server with its state kept, and starts it again. */
  restartApiServer(): Promise<void>;
  readonly backend: string;
}

/** etcd and kube-apiserver as production runs them (RBAC, admission, CEL), without nodes. About 5 s. */
export async function startKube(options: KubeOptions = {}): Promise<TestKube> {
  await ensureBinaries(['etcd', 'kube-apiserver', 'kube-controller-manager']);
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'subnetes-kube-'));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const [etcdPort, peerPort, apiPort] = [await freePort(), await freePort(), await freePort()];
  const keys = await makeKeys(folder, apiPort);
  const { authority, admin } = keys;
  opened.use(await startEtcd(folder, etcdPort, peerPort));
  const agent = new Agent({ connect: { ca: authority.certificatePem, cert: admin.certificatePem, key: admin.keyPem } });
  opened.defer(() => agent.destroy());
  const baseUrl = `https://127.0.0.1:${apiPort}`;
  const startApi = (): Promise<ServerProcess> =>
    startServer({
      command: binaryPath('kube-apiserver'),
      args: apiServerArgs(keys.pki, { etcdPort, apiPort, auditLog: options.auditLog }),
      ready: () => isReady(agent, baseUrl),
      stopSignal: 'SIGKILL', // a graceful end takes a minute, and nothing of it is kept
    });
  let api = await startApi();
  opened.defer(() => api[Symbol.asyncDispose]());
  if (options.controllerManager === true) opened.use(await startControllerManager(keys.pki, agent, baseUrl));
  const close = opened.move();
  return {
    baseUrl,
    backend: 'local etcd and kube-apiserver',
    caPem: authority.certificatePem,
    admin,
    kubeconfig: keys.kubeconfig,
    issueClient: keys.issueClient,
    async restartApiServer() {
      await api[Symbol.asyncDispose]();
      api = await startApi();
    },
    [Symbol.asyncDispose]: () => close.disposeAsync(),
  };
}

async function makeKeys(folder: string, apiPort: number) {
  const authority = await createAuthority('testkit', Date.now(), DAY_MS);
  const issueClient = (user: string, groups: readonly string[] = []): Promise<PemPair> =>
    issueCertificate(
      authority,
      { commonName: user, organizations: groups, usages: ['client'], validMs: DAY_MS },
      Date.now(),
    );
  const admin = await issueClient('testkit', ['system:masters']);
  const names = { commonName: 'kube-apiserver', ipAddresses: ['127.0.0.1'], dnsNames: ['localhost'] };
  const server = await issueCertificate(authority, { ...names, usages: ['server'], validMs: DAY_MS }, Date.now());
  const kubeconfig = kubeconfigText(apiPort, authority.certificatePem, admin);
  const pki = await writePki(folder, {
    'ca.crt': authority.certificatePem,
    'server.crt': server.certificatePem,
    'server.key': server.keyPem,
    'admin.kubeconfig': kubeconfig,
  });
  return { authority, issueClient, admin, kubeconfig, pki };
}

async function writePki(folder: string, files: Readonly<Record<string, string>>): Promise<string> {
  const pki = join(folder, 'pki');
  await mkdir(pki, { mode: 0o700 });
  const accounts = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const all = {
    ...files,
    'accounts.key': accounts.privateKey.export({ type: 'sec1', format: 'pem' }).toString(),
    'accounts.pub': accounts.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    'audit.yaml':
      'apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules: [{level: Metadata}]\n',
  };
  for (const [name, text] of Object.entries(all)) await writeFile(join(pki, name), text, { mode: 0o600 });
  return pki;
}

async function startEtcd(folder: string, clientPort: number, peerPort: number): Promise<ServerProcess> {
  const url = `http://127.0.0.1:${clientPort}`;
  const peer = `http://127.0.0.1:${peerPort}`;
  return startServer({
    command: binaryPath('etcd'),
    args: [
      `--data-dir=${join(folder, 'etcd')}`,
      `--listen-client-urls=${url}`,
      `--advertise-client-urls=${url}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=default=${peer}`,
      '--unsafe-no-fsync',
      '--log-level=warn',
    ],
    ready: async () => (await fetch(`${url}/health`)).ok,
    stopSignal: 'SIGKILL',
  });
}

function apiServerArgs(
  pki: string,
  { etcdPort, apiPort, auditLog }: { etcdPort: number; apiPort: number; auditLog: string | undefined },
): readonly string[] {
  const audit = [`--audit-policy-file=${join(pki, 'audit.yaml')}`, `--audit-log-path=${auditLog ?? ''}`];
  return [
    `--etcd-servers=http://127.0.0.1:${etcdPort}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${apiPort}`,
    '--service-cluster-ip-range=10.96.0.0/16',
    '--authorization-mode=RBAC',
    '--disable-admission-plugins=ServiceAccount',
    '--allow-privileged=true',
    `--client-ca-file=${join(pki, 'ca.crt')}`,
    `--tls-cert-file=${join(pki, 'server.crt')}`,
    `--tls-private-key-file=${join(pki, 'server.key')}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${join(pki, 'accounts.pub')}`,
    `--service-account-signing-key-file=${join(pki, 'accounts.key')}`,
    '--profiling=false',
    ...(auditLog === undefined ? [] : audit),
  ];
}

async function isReady(agent: Agent, baseUrl: string): Promise<boolean> {
  return (await answers200(agent, `${baseUrl}/readyz`)) && answers200(agent, `${baseUrl}/api/v1/namespaces/default`);
}

async function answers200(agent: Agent, url: string): Promise<boolean> {
  const response = await request(url, { dispatcher: agent });
  await response.body.dump();
  return response.statusCode === 200;
}

function startControllerManager(pki: string, agent: Agent, baseUrl: string): Promise<ServerProcess> {
  return startServer({
    command: binaryPath('kube-controller-manager'),
    args: [
      `--kubeconfig=${join(pki, 'admin.kubeconfig')}`,
      '--leader-elect=false',
      '--secure-port=0',
      '--use-service-account-credentials=false',
      `--service-account-private-key-file=${join(pki, 'accounts.key')}`,
      `--root-ca-file=${join(pki, 'ca.crt')}`,
    ],
    // The default service account is the first thing of its work that can be seen.
    ready: () => answers200(agent, `${baseUrl}/api/v1/namespaces/default/serviceaccounts/default`),
    stopSignal: 'SIGKILL',
  });
}

function kubeconfigText(apiPort: number, caPem: string, admin: PemPair): string {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const cluster = { server: `https://127.0.0.1:${apiPort}`, 'certificate-authority-data': base64(caPem) };
  const user = { 'client-certificate-data': base64(admin.certificatePem), 'client-key-data': base64(admin.keyPem) };
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'testkit', cluster }],
    users: [{ name: 'testkit', user }],
    contexts: [{ name: 'testkit', context: { cluster: 'testkit', user: 'testkit' } }],
    'current-context': 'testkit',
  });
}
