import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createAuthority, createTokenKeys, issueCertificate } from '@subnetes/pki/certificates';
import type { Authority, LeafSpec, PemPair } from '@subnetes/pki/certificates';
import { NETWORK } from '#cluster-layout.ts';
import type { ClusterLayout } from '#cluster-layout.ts';
import { kubeconfigYaml } from '#kubeconfig.ts';

/** Who the network policy agent and the forwarder are to the API server; add-ons bind them to read-only roles. */
export const AGENT_USER = 'subnetes:node-agent';

/** The local cluster's certificates are never renewed: a year outlives any local cluster. */
const VALID_MS = 365 * 24 * 3600 * 1000;

type Holder = Omit<LeafSpec, 'validMs'>;

const LEAVES: Readonly<Record<string, Holder>> = {
  apiserver: {
    commonName: 'kube-apiserver',
    dnsNames: [
      'kubernetes',
      'kubernetes.default',
      'kubernetes.default.svc',
      `kubernetes.default.svc.${NETWORK.clusterDomain}`,
      'localhost',
    ],
    ipAddresses: ['127.0.0.1', NETWORK.nodeAddress, NETWORK.apiServiceAddress],
    usages: ['server'],
  },
  'apiserver-kubelet-client': { commonName: 'kube-apiserver', organizations: ['system:masters'], usages: ['client'] },
  'kubelet-server': { commonName: NETWORK.nodeName, ipAddresses: [NETWORK.nodeAddress], usages: ['server'] },
};

/** Clients that get a kubeconfig of their own, by file name. */
const CLIENTS: Readonly<Record<string, Holder>> = {
  admin: { commonName: 'subnetes-admin', organizations: ['system:masters'], usages: ['client'] },
  'controller-manager': { commonName: 'system:kube-controller-manager', usages: ['client'] },
  scheduler: { commonName: 'system:kube-scheduler', usages: ['client'] },
  kubelet: { commonName: `system:node:${NETWORK.nodeName}`, organizations: ['system:nodes'], usages: ['client'] },
  'kube-proxy': { commonName: 'system:kube-proxy', usages: ['client'] },
  agent: { commonName: AGENT_USER, usages: ['client'] },
};

/**
 * Writes authorities, certificates, keys and kubeconfigs into the layout's `pkiDir`, once: an existing folder is left as it is,
 * since data encrypted or signed with it would become unreadable. The folder appears whole or not at all.
 */
export async function ensurePki(layout: ClusterLayout, apiHostPort: number): Promise<void> {
  if (!existsSync(join(layout.pkiDir, 'ca.crt'))) {
    const temporary = `${layout.pkiDir}.new`;
    await rm(temporary, { recursive: true, force: true });
    await mkdir(temporary, { recursive: true, mode: 0o700 });
    await writePki(temporary);
    await rm(layout.pkiDir, { recursive: true, force: true });
    await rename(temporary, layout.pkiDir);
  }
  await writeUserKubeconfig(layout, apiHostPort);
}

async function writePki(folder: string): Promise<void> {
  const nowMs = Date.now();
  const authority = await createAuthority('subnetes-local', nowMs, VALID_MS);
  const frontProxy = await createAuthority('subnetes-local-front-proxy', nowMs, VALID_MS);
  const write = async (name: string, pair: PemPair): Promise<void> => {
    await writeFile(join(folder, `${name}.crt`), pair.certificatePem);
    await writeFile(join(folder, `${name}.key`), pair.keyPem, { mode: 0o600 });
  };
  await write('ca', authority);
  await write('front-proxy-ca', frontProxy);
  await write(
    'front-proxy-client',
    await issue(frontProxy, { commonName: 'front-proxy-client', usages: ['client'] }, nowMs),
  );
  for (const [name, spec] of Object.entries(LEAVES)) await write(name, await issue(authority, spec, nowMs));
  for (const [name, spec] of Object.entries(CLIENTS)) await writeClient(folder, authority, { name, spec, nowMs });
  const tokens = await createTokenKeys();
  await writeFile(join(folder, 'service-account.pub'), tokens.publicPem);
  await writeFile(join(folder, 'service-account.key'), tokens.privatePem, { mode: 0o600 });
}

function issue(authority: Authority, holder: Holder, nowMs: number): Promise<PemPair> {
  return issueCertificate(authority, { ...holder, validMs: VALID_MS }, nowMs);
}

async function writeClient(
  folder: string,
  authority: Authority,
  client: { readonly name: string; readonly spec: Holder; readonly nowMs: number },
): Promise<void> {
  const pair = await issue(authority, client.spec, client.nowMs);
  await writeFile(join(folder, `${client.name}.crt`), pair.certificatePem);
  await writeFile(join(folder, `${client.name}.key`), pair.keyPem, { mode: 0o600 });
  const yaml = kubeconfigYaml({
    server: `https://${NETWORK.nodeAddress}:${NETWORK.apiPort}`,
    caPem: authority.certificatePem,
    ...pair,
    cluster: 'subnetes-local',
    user: client.name,
  });
  await writeFile(join(folder, `${client.name}.kubeconfig`), yaml, { mode: 0o600 });
}

/** The kubeconfig for people: through the loopback forwarder, with the sample's namespace selected. */
async function writeUserKubeconfig(layout: ClusterLayout, apiHostPort: number): Promise<void> {
  const read = (file: string): Promise<string> => readFile(join(layout.pkiDir, file), 'utf8');
  const yaml = kubeconfigYaml({
    server: `https://127.0.0.1:${apiHostPort}`,
    caPem: await read('ca.crt'),
    certificatePem: await read('admin.crt'),
    keyPem: await read('admin.key'),
    cluster: layout.name,
    user: `${layout.name}-admin`,
    namespace: 'finance',
  });
  await mkdir(dirname(layout.kubeconfig), { recursive: true });
  await writeFile(layout.kubeconfig, yaml, { mode: 0o600 });
}
