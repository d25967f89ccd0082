import { readFile } from 'node:fs/promises';
import type * as ClientNode from '@kubernetes/client-node';

/** How to reach and convince an API server. */
export interface Connection {
  /** Origin, such as `https://10.96.0.1:443`. */
  readonly server: string;
  readonly tls: {
    readonly ca?: string;
    readonly cert?: string;
    readonly key?: string;
    readonly rejectUnauthorized?: boolean;
    readonly servername?: string;
  };
  /** Bearer token for the next request; undefined where a client certificate speaks. */
  token(): Promise<string | undefined>;
}

const CLIENT_NODE: string = '@kubernetes/client-node';

const SERVICE_ACCOUNT_DIR = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Projected tokens are rotated on disk long before they expire; a minute is soon enough. */
const TOKEN_REREAD_MS = 60_000;

/** Connection of a pod by its ServiceAccount: token file (read again each minute) and CA. */
export async function inClusterConnection(options: {
  readonly host: string;
  readonly port: string;
  readonly directory?: string;
  readonly nowMs: () => number;
}): Promise<Connection> {
  const directory = options.directory ?? SERVICE_ACCOUNT_DIR;
  const ca = await readFile(`${directory}/ca.crt`, 'utf8');
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  let cached: { readonly token: string; readonly readAtMs: number } | undefined;
  return {
    server: `https://${host}:${options.port}`,
    tls: { ca },
    async token() {
      const nowMs = options.nowMs();
      if (cached === undefined || nowMs - cached.readAtMs >= TOKEN_REREAD_MS) {
        cached = { token: (await readFile(`${directory}/token`, 'utf8')).trim(), readAtMs: nowMs };
      }
      return cached.token;
    },
  };
}

/**
 * Connection from a kubeconfig file. `@kubernetes/client-node` is loaded here alone and only now:
 * its models cost 75 MB and a second, which a pod in the cluster should not pay.
 */
export async function kubeconfigConnection(file: string, context?: string): Promise<Connection> {
  // Named by a variable, so that bundles leave it out: a pod in the cluster never comes here.
  const { KubeConfig } = (await import(CLIENT_NODE)) as typeof ClientNode;
  const config = new KubeConfig();
  config.loadFromFile(file);
  if (context !== undefined) config.setCurrentContext(context);
  const cluster = config.getCurrentCluster();
  if (cluster === null) throw new Error(`kubeconfig ${file} has no cluster for context ${config.getCurrentContext()}`);
  const https: Record<string, unknown> = {};
  await config.applyToHTTPSOptions(https);
  const pem = (value: unknown): string | undefined =>
    typeof value === 'string' ? value : value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : undefined;
  const ca = pem(https['ca']);
  const cert = pem(https['cert']);
  const key = pem(https['key']);
  return {
    server: new URL(cluster.server).origin,
    tls: {
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      ...(cluster.skipTLSVerify ? { rejectUnauthorized: false } : {}),
      ...(cluster.tlsServerName === undefined ? {} : { servername: cluster.tlsServerName }),
    },
    async token() {
      const options: { headers?: Record<string, string> } = {};
      await config.applyToHTTPSOptions(options);
      const header = options.headers?.['Authorization'];
      return header?.startsWith('Bearer ') === true ? header.slice('Bearer '.length) : undefined;
    },
  };
}
