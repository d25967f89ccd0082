import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { EXIT, Failure } from './failure.ts';
import type { ServiceName, TlsFiles } from './service-address.ts';

const run = promisify(execFile);

const GRPC_PORT = 9443;
const CLIENT_SECRET = 'subnetes-cli-tls';
const FORWARD_DEADLINE_MS = 15_000;

/** kubectl's forwards to the services of a cluster, one process a service, ended by `close`. */
export interface PortForwards {
  /** host:port on loopback. */
  forward(service: ServiceName): Promise<string>;
  /** The certificate for people, from its Secret. */
  certificates(): Promise<TlsFiles>;
  close(): Promise<void>;
}

/** Uses the user's own kubectl, kubeconfig and rights. */
export function openPortForwards(options: {
  namespace: string;
  context: string | undefined;
  env: NodeJS.ProcessEnv;
}): PortForwards {
  const base = [
    '--namespace',
    options.namespace,
    ...(options.context === undefined ? [] : ['--context', options.context]),
  ];
  const children: ChildProcess[] = [];
  const opened = new Map<ServiceName, Promise<string>>();
  let certificates: Promise<TlsFiles> | undefined;
  const open = async (service: ServiceName): Promise<string> => {
    const child = spawn('kubectl', [...base, 'port-forward', `svc/${service}`, `:${GRPC_PORT}`], {
      env: options.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.push(child);
    return `127.0.0.1:${await forwardedPort(child)}`;
  };
  return {
    forward(service) {
      const known = opened.get(service) ?? open(service);
      opened.set(service, known);
      return known;
    },
    certificates: () =>
      (certificates ??= readSecret([...base, 'get', 'secret', CLIENT_SECRET, '--output', 'json'], options.env)),
    async close() {
      await Promise.all(
        children
          .filter((child) => child.exitCode === null && child.signalCode === null && child.kill())
          .map((child) => once(child, 'exit')),
      );
    },
  };
}

async function forwardedPort(child: ChildProcess): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const trouble: string[] = [];
  const deadline = setTimeout(
    () => reject(clusterFailure(`kubectl port-forward took longer than ${FORWARD_DEADLINE_MS / 1000} s`)),
    FORWARD_DEADLINE_MS,
  );
  if (child.stdout === null || child.stderr === null) throw new TypeError('kubectl was started without pipes');
  createInterface({ input: child.stdout }).on('line', (line) => {
    const port = /^Forwarding from 127\.0\.0\.1:(\d+)/.exec(line)?.[1];
    if (port !== undefined) resolve(Number(port));
  });
  createInterface({ input: child.stderr }).on('line', (line) => trouble.push(line));
  child.on('error', (cause) => reject(clusterFailure('kubectl cannot be started', cause)));
  child.on('exit', () => reject(clusterFailure(trouble.at(-1) ?? 'kubectl port-forward ended')));
  try {
    return await promise;
  } finally {
    clearTimeout(deadline);
  }
}

async function readSecret(args: readonly string[], env: NodeJS.ProcessEnv): Promise<TlsFiles> {
  const { stdout } = await run('kubectl', args, { env }).catch((cause: Error & { stderr?: string }) => {
    throw clusterFailure((cause.stderr ?? cause.message).trim(), cause);
  });
  const { data } = JSON.parse(stdout) as { data?: Record<string, string> };
  const file = (name: string): Buffer => {
    const text = data?.[name];
    if (text === undefined) throw clusterFailure(`Secret ${CLIENT_SECRET} has no ${name}`);
    return Buffer.from(text, 'base64');
  };
  return { ca: file('ca.crt'), cert: file('tls.crt'), key: file('tls.key') };
}

function clusterFailure(message: string, cause?: unknown): Failure {
  return new Failure({
    code: 'CLUSTER_UNREACHABLE',
    message,
    exitCode: EXIT.unavailable,
    remedy:
      'set KUBECONFIG (or --context) to the cluster of the market and --system-namespace to its namespace, or give addresses with --ledger HOST:PORT',
    cause,
  });
}
