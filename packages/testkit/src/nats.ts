import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { binaryPath, ensureBinaries } from '@subnetes/local-cluster/binaries';
import { hasImage } from './docker.ts';
import { announceBackend, freePort, startServer, temporaryFolder, type ServerProcess } from './processes.ts';

const IMAGE = 'nats:2.12-alpine';

export interface NatsOptions {
  /** More of nats-server's configuration, such as `authorization` or `tls` blocks. Forces local binaries. */
  readonly config?: string;
}

export interface TestNats extends AsyncDisposable {
  /** `nats://127.0.0.1:<port>`. */
  readonly url: string;
  /** Which back end it is, in words. */
  readonly backend: string;
  /** Ends the server; SIGKILL without warning. What its streams stored stays. Only with local binaries. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** Starts it again on the same port and data. Only with local binaries. */
  start(): Promise<void>;
  /** Removes all that its streams stored, as a lost volume does; while it is stopped. Only with local binaries. */
  loseData(): Promise<void>;
}

/** A nats-server with JetStream for a test file: in a container where the image is at hand, else a local binary. */
export async function startNats(options: NatsOptions = {}): Promise<TestNats> {
  const container = options.config === undefined && (await hasImage(IMAGE));
  return container ? startContainer() : startLocal(options);
}

async function startContainer(): Promise<TestNats> {
  const backend = `container ${IMAGE}`;
  announceBackend('NATS', backend);
  const { GenericContainer, Wait } = await import('testcontainers');
  const container = await new GenericContainer(IMAGE)
    .withExposedPorts(4222)
    .withCommand(['-js'])
    .withWaitStrategy(Wait.forLogMessage('Server is ready'))
    .start();
  const unsupported = (): Promise<never> => Promise.reject(new Error('crash tests need the local binary'));
  return {
    url: `nats://${container.getHost()}:${container.getMappedPort(4222)}`,
    backend,
    stop: unsupported,
    start: unsupported,
    loseData: unsupported,
    async [Symbol.asyncDispose]() {
      await container.stop();
    },
  };
}

async function startLocal(options: NatsOptions): Promise<TestNats> {
  await ensureBinaries(['nats-server']);
  const backend = binaryPath('nats-server');
  announceBackend('NATS', backend);
  await using opened = new AsyncDisposableStack();
  const folder = opened.use(await temporaryFolder('nats'));
  const port = await freePort();
  const config = join(folder.path, 'nats.conf');
  const store = join(folder.path, 'store');
  const jetStream = `jetstream { store_dir: "${store}" }`;
  await writeFile(config, `listen: "127.0.0.1:${port}"\n${jetStream}\n${options.config ?? ''}\n`);
  const launch = (): Promise<ServerProcess> =>
    startServer({ command: backend, args: ['-c', config], cwd: folder.path, ready: () => greets(port) });
  let server = await launch();
  opened.defer(() => server.stop());
  const close = opened.move();
  return {
    url: `nats://127.0.0.1:${port}`,
    backend,
    stop: (signal = 'SIGTERM') => server.stop(signal),
    async start() {
      server = await launch();
    },
    loseData: () => rm(store, { recursive: true, force: true }),
    [Symbol.asyncDispose]: () => close.disposeAsync(),
  };
}

/** nats-server sends each client a line about itself. */
async function greets(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'data');
    return true;
  } finally {
    socket.destroy();
  }
}
