import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { binaryPath } from '@subnetes/local-cluster/binaries';
import type { Cluster } from './kubectl.ts';
import { FORWARDS } from './market.ts';

/** Forwards the sample's ports by `kubectl port-forward`, for clusters without a loopback forwarder. Ends on dispose. */
export async function openForwards(cluster: Cluster): Promise<AsyncDisposable> {
  const children = FORWARDS.map(({ hostPort, target }) => {
    const [namespace = '', rest = ''] = target.split('/');
    const [service = '', port = ''] = rest.split(':');
    const context = cluster.context === undefined ? [] : ['--context', cluster.context];
    const args = [
      ...context,
      '-n',
      namespace,
      'port-forward',
      '--address',
      '127.0.0.1',
      `service/${service}`,
      `${hostPort}:${port}`,
    ];
    return spawn(binaryPath('kubectl'), args, { stdio: ['ignore', 'pipe', 'inherit'] });
  });
  const close = async (): Promise<void> => {
    await Promise.all(
      children.map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        child.kill('SIGTERM');
        await once(child, 'exit');
      }),
    );
  };
  try {
    await Promise.all(
      children.map(async (child) => {
        const lines = createInterface({ input: child.stdout });
        const ended = once(child, 'exit').then(() => {
          throw new Error(`kubectl ${child.spawnargs.slice(1).join(' ')} ended`);
        });
        await Promise.race([once(lines, 'line'), ended]);
        ended.catch(() => undefined); // an end after the first line is the close below
      }),
    );
  } catch (error) {
    await close();
    throw error;
  }
  return { [Symbol.asyncDispose]: close };
}
