import { connect } from 'node:net';
import type { Server, Socket } from 'node:net';
import { NETWORK } from '#cluster-layout.ts';
import { parseForwardTarget } from '#forward-target.ts';
import type { ForwardTarget } from '#forward-target.ts';
import { kubeApi } from '#kube-api.ts';
import type { KubeApi } from '#kube-api.ts';

/** What the supervisor sends: a port to serve, with the listening socket, or one to stop serving. */
export type ForwarderMessage =
  | { readonly kind: 'serve'; readonly hostPort: number; readonly target: string }
  | { readonly kind: 'stop'; readonly hostPort: number };

/** A Service's address rarely changes; after this time, and after every failed connection, it is looked up again. */
const ADDRESS_TTL_MS = 5_000;

type Address = { readonly host: string; readonly port: number };

/** Finds the address of a target, Services through the API server. */
class TargetResolver {
  readonly #api: KubeApi;
  readonly #known = new Map<string, { readonly address: Address; readonly untilMs: number }>();

  constructor(api: KubeApi) {
    this.#api = api;
  }

  async resolve(text: string): Promise<Address> {
    const target = parseForwardTarget(text);
    if (target.kind === 'address') return target;
    const known = this.#known.get(text);
    if (known !== undefined && known.untilMs > performance.now()) return known.address;
    const address = await this.#lookUp(target);
    this.#known.set(text, { address, untilMs: performance.now() + ADDRESS_TTL_MS });
    return address;
  }

  forget(text: string): void {
    this.#known.delete(text);
  }

  async #lookUp(target: Extract<ForwardTarget, { kind: 'service' }>): Promise<Address> {
    const path = `/api/v1/namespaces/${target.namespace}/services/${target.name}`;
    const service = (await this.#api.send({ method: 'GET', path })) as {
      spec: { clusterIP?: string; ports?: readonly { name?: string; port: number }[] };
    };
    const host = service.spec.clusterIP;
    if (host === undefined || host === 'None')
      throw new Error(`${target.namespace}/${target.name} has no address of its own`);
    const port = service.spec.ports?.find(
      (candidate) => candidate.port === target.port || candidate.name === target.port,
    )?.port;
    if (port === undefined) throw new Error(`${target.namespace}/${target.name} has no port ${target.port}`);
    return { host, port };
  }
}

/** Joins an accepted connection to its target; the end of one side ends the other. */
async function join(accepted: Socket, target: string, resolver: TargetResolver): Promise<void> {
  accepted.on('error', () => accepted.destroy()); // the other side then ends by its close event
  let address: Address;
  try {
    address = await resolver.resolve(target);
  } catch (error) {
    log(target, error);
    accepted.destroy();
    return;
  }
  if (accepted.destroyed) return;
  const onward = connect({ ...address, noDelay: true });
  accepted.setNoDelay(true);
  accepted.pipe(onward).pipe(accepted);
  onward.on('error', () => {
    resolver.forget(target);
    onward.destroy();
  });
  accepted.on('close', () => onward.destroy());
  onward.on('close', () => accepted.destroy());
}

/**
 * Serves the host's loopback ports from inside the cluster's namespace: a listening socket stays in the namespace in which it
 * was opened, so the supervisor opens it on the host and hands it over.
 */
function main(pkiDir: string): void {
  const resolver = new TargetResolver(kubeApi(pkiDir, 'agent', { host: NETWORK.nodeAddress, port: NETWORK.apiPort }));
  const servers = new Map<number, Server>();
  process.on('message', (message: ForwarderMessage, handle: unknown) => {
    if (message.kind === 'stop') {
      servers.get(message.hostPort)?.close();
      servers.delete(message.hostPort);
      return;
    }
    const server = handle as Server; // the supervisor sends a server with every 'serve'
    servers.set(message.hostPort, server);
    server.on('connection', (accepted: Socket) => void join(accepted, message.target, resolver));
  });
  // Without the supervisor the ports go on being served; `up` replaces both.
  process.on('disconnect', () => log('supervisor', 'has gone'));
}

function log(what: string, error: unknown): void {
  console.error(
    JSON.stringify({
      time: new Date().toISOString(),
      what,
      error: error instanceof Error ? error.message : String(error),
    }),
  );
}

main(process.argv[2] ?? '');
