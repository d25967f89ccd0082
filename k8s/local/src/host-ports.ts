import type { ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import type { Forward } from '#forward-target.ts';
import type { ForwarderMessage } from '#forwarder.ts';

const LOOPBACK = '127.0.0.1';

/** Opens a listening socket on the host's loopback. @throws the system's error, EADDRINUSE with `code`, when the port is taken. */
export async function listenOnLoopback(port: number): Promise<Server> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: LOOPBACK, port }, () => resolve(server));
  });
}

/** Whether a port of the loopback can be opened now. */
export async function isPortFree(port: number): Promise<boolean> {
  try {
    const server = await listenOnLoopback(port);
    await new Promise((resolve) => server.close(resolve));
    return true;
  } catch {
    return false; // taken, or not ours to take: either way another one is needed
  }
}

/** The host ports of a cluster: opened here, served by the forwarder process inside the cluster's namespace. */
export class HostPorts {
  readonly #wanted = new Map<number, string>();
  readonly #served = new Map<number, string>();
  readonly #errors = new Map<number, string>();
  #forwarder: ChildProcess | undefined;
  #work: Promise<void> = Promise.resolve();

  /** What is forwarded, with the reason where a port could not be opened. */
  get state(): readonly (Forward & { readonly error: string | undefined })[] {
    return [...this.#wanted].map(([hostPort, target]) => ({ hostPort, target, error: this.#errors.get(hostPort) }));
  }

  /** Replaces the list of forwards; ports that stay as they are keep their connections. */
  set(forwards: readonly Forward[]): Promise<void> {
    this.#wanted.clear();
    for (const { hostPort, target } of forwards) this.#wanted.set(hostPort, target);
    return this.retry();
  }

  /** Hands every port to a new forwarder process: the sockets of the old one ended with it. */
  useForwarder(forwarder: ChildProcess): Promise<void> {
    this.#forwarder = forwarder;
    this.#served.clear();
    return this.retry();
  }

  /** Brings what is served in line with what is wanted, one change at a time. */
  retry(): Promise<void> {
    this.#work = this.#work.then(() => this.#reconcile());
    return this.#work;
  }

  async #reconcile(): Promise<void> {
    const forwarder = this.#forwarder;
    if (forwarder === undefined || !forwarder.connected) return;
    for (const [hostPort, target] of this.#served) {
      if (this.#wanted.get(hostPort) === target) continue;
      await send(forwarder, { kind: 'stop', hostPort });
      this.#served.delete(hostPort);
    }
    for (const [hostPort, target] of this.#wanted) {
      if (this.#served.has(hostPort)) continue;
      try {
        const server = await listenOnLoopback(hostPort);
        await send(forwarder, { kind: 'serve', hostPort, target }, server);
        // This copy must go, or it accepts connections that nobody serves.
        server.close();
        this.#served.set(hostPort, target);
        this.#errors.delete(hostPort);
      } catch (error) {
        this.#errors.set(hostPort, error instanceof Error ? error.message : String(error));
      }
    }
  }
}

async function send(forwarder: ChildProcess, message: ForwarderMessage, server?: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    forwarder.send(message, server, {}, (error) => (error === null ? resolve() : reject(error)));
  });
}
