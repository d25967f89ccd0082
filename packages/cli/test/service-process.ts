import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { programEnvironment } from '@subnetes/testkit/program-environment';

/** A service of this repository as a process of its own. */
export interface ServiceProcess extends AsyncDisposable {
  /** host:port of its gRPC; a witness has none. */
  readonly address: string;
  /** Ends it as a power cut does. */
  kill(): Promise<void>;
}

/** Starts a service on loopback without certificates and waits for its ready line. @throws Error with its output if it ends before. */
export async function startService(
  service: 'ledger' | 'scoring' | 'witness',
  environment: Readonly<Record<string, string>>,
): Promise<ServiceProcess> {
  const main = join(import.meta.dirname, '../../../services', service, 'src/main.ts');
  const child: ChildProcess = spawn(process.execPath, [main], {
    env: {
      ...programEnvironment(),
      INSECURE_MODE: 'loopback',
      GRPC_PORT: '0',
      HEALTH_PORT: '0',
      DATABASE_URL: 'pglite:memory',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) throw new TypeError('the service was started without pipes');
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      if (line.includes(`"${service} is ready"`)) resolve((JSON.parse(line) as { grpcPort?: number }).grpcPort ?? 0);
    });
  }
  const exited = once(child, 'close'); // what it printed has been read then
  exited.then(
    () => reject(new Error(`${service} ended:\n${lines.join('\n')}`)),
    (cause: unknown) => reject(cause as Error),
  );
  return {
    address: `127.0.0.1:${await promise}`,
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      await exited;
    },
  };
}
