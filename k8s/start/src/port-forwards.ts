import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { binaryPath } from '@subnetes/local-cluster/binaries';
import { isPortFree } from '@subnetes/local-cluster/host-ports';
import type { Cluster } from './kubectl.ts';
import { FORWARDS, type HostPorts } from './market.ts';

/** Ports of the host that lead into a cluster, until they are disposed. */
export interface Forwards extends AsyncDisposable {
  readonly ports: HostPorts;
}

/**
 * Forwards the sample's ports by `kubectl port-forward`, for clusters without a loopback forwarder. The usual ports where they are
 * free, others where something else, such as a local cluster, has them.
 */
export async function openForwards(cluster: Cluster): Promise<Forwards> {
  const children: ChildProcess[] = [];
  try {
    const ports = await Promise.all(
      FORWARDS.map(async (forward) => {
        const child = startForward(cluster, forward, await isPortFree(forward.hostPort));
        children.push(child);
        return [forward.name, await portOf(child)] as const;
      }),
    );
    return { ports: Object.fromEntries(ports) as HostPorts, [Symbol.asyncDispose]: () => endAll(children) };
  } catch (error) {
    await endAll(children);
    throw error;
  }
}

type Forward = (typeof FORWARDS)[number];

function startForward({ context }: Cluster, { hostPort, target }: Forward, isHostPortFree: boolean): ChildProcess {
  const [namespace = '', rest = ''] = target.split('/');
  const [service = '', port = ''] = rest.split(':');
  const named = context === undefined ? [] : ['--context', context];
  const place = ['-n', namespace, 'port-forward', '--address', '127.0.0.1', `service/${service}`];
  // Without a port of the host kubectl takes a free one.
  const args = [...named, ...place, `${isHostPortFree ? hostPort : ''}:${port}`];
  return spawn(binaryPath('kubectl'), args, { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** The port of the host, out of kubectl's first line: `Forwarding from 127.0.0.1:8080 -> 8080`. */
async function portOf(child: ChildProcess): Promise<number> {
  if (child.stdout === null) throw new TypeError('kubectl was started without a pipe');
  const lines = createInterface({ input: child.stdout });
  const ended = once(child, 'exit').then(() => {
    throw new Error(`kubectl ${child.spawnargs.slice(1).join(' ')} ended`);
  });
  ended.catch(() => undefined); // an end after the first line is that of `endAll`
  const [line] = (await Promise.race([once(lines, 'line'), ended])) as [string];
  const port = /^Forwarding from 127\.0\.0\.1:([0-9]+) /.exec(line)?.[1];
  if (port === undefined) throw new Error(`kubectl says "${line}", and not where it forwards from`);
  return Number(port);
}

async function endAll(children: readonly ChildProcess[]): Promise<void> {
  await Promise.all(
    children.map(async (child) => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    }),
  );
}
