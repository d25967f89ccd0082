import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { hasImage } from './docker.ts';
import { newData, runToEnd } from './postgres-data.ts';
import {
  announceBackend,
  freePort,
  startServer,
  temporaryFolder,
  type Identity,
  type ServerProcess,
} from './processes.ts';

const IMAGE = 'postgres:15-alpine';
const DEBIAN_ROOT = '/usr/lib/postgresql';
const VERSION_MIN = 15;
const USER = 'test';

export interface PostgresOptions {
  /** Off by default: a test's data need not outlive the machine. */
  readonly fsync?: boolean;
  /** More settings, as `name=value`; they win over those of tests. Forces local binaries. */
  readonly settings?: readonly string[];
  /** Page checksums. Only with local binaries. */
  readonly checksums?: boolean;
  /** Local binaries even where there is a container: benchmarks need the socket and the tools. */
  readonly isLocal?: boolean;
  /** Begins with what `backUp` copied and recovers from there, as the settings say. Forces local binaries. */
  readonly from?: Backup;
  /** Begins as a stand-by that follows this server, until it is promoted. Forces local binaries. */
  readonly standbyOf?: TestPostgres;
}

/** A copy of a server's files, taken while it works. */
export interface Backup extends AsyncDisposable {
  readonly path: string;
}

/** Where the tools of a server of local binaries find it. */
export interface LocalServer {
  /** Of its UNIX socket. */
  readonly folder: string;
  readonly port: number;
  /** Folder of pgbench, psql and the like. */
  readonly binaries: string;
  readonly user: string;
}

export interface TestPostgres extends AsyncDisposable {
  /** Which back end it is, in words. */
  readonly backend: string;
  /** URL of a database of the server. */
  url(database?: string): string;
  /** Makes an empty database, of a name of its own if none is given, and returns its URL. */
  createDatabase(name?: string): Promise<string>;
  /** @throws Error when it runs in a container. */
  local(): LocalServer;
  /** Ends the server; SIGQUIT as a power cut does, without a checkpoint. Only with local binaries. */
  stop(signal?: 'SIGINT' | 'SIGQUIT' | 'SIGKILL'): Promise<void>;
  /** Starts it again on the same port and data. Only with local binaries. */
  start(): Promise<void>;
  /** A base back-up without the log that follows it, which is the archive's. Only with local binaries. */
  backUp(): Promise<Backup>;
  /** Makes a stand-by a server that writes; resolves when it does. Only with local binaries. */
  promote(): Promise<void>;
}

/** A PostgreSQL of its own for a test file: in a container where the image is at hand, else from local binaries. */
export async function startPostgres(options: PostgresOptions = {}): Promise<TestPostgres> {
  const { isLocal, settings, from, standbyOf } = options;
  const isPlain = isLocal !== true && settings === undefined && from === undefined && standbyOf === undefined;
  return isPlain && (await hasImage(IMAGE)) ? startContainer(options) : startLocal(options);
}

function settingsOf(options: PostgresOptions): readonly string[] {
  const durability = options.fsync === true ? 'on' : 'off';
  const durable = ['fsync', 'synchronous_commit', 'full_page_writes'].map((name) => `${name}=${durability}`);
  const all = [...durable, 'max_connections=60', 'shared_buffers=64MB', ...(options.settings ?? [])];
  return all.flatMap((setting) => ['-c', setting]);
}

async function startContainer(options: PostgresOptions): Promise<TestPostgres> {
  const backend = `container ${IMAGE}`;
  announceBackend('PostgreSQL', backend);
  const { GenericContainer, Wait } = await import('testcontainers');
  const container = await new GenericContainer(IMAGE)
    .withEnvironment({ POSTGRES_USER: USER, POSTGRES_HOST_AUTH_METHOD: 'trust' })
    .withExposedPorts(5432)
    .withCommand(['postgres', ...settingsOf(options)])
    .withWaitStrategy(Wait.forLogMessage('ready to accept connections', 2))
    .start();
  const unsupported = (): Promise<never> => Promise.reject(new Error('crash tests need the local binaries'));
  return {
    ...databasesOf(`${container.getHost()}:${container.getMappedPort(5432)}`),
    backend,
    local: () => {
      throw new Error('a container has neither socket nor tools');
    },
    stop: unsupported,
    start: unsupported,
    backUp: unsupported,
    promote: unsupported,
    async [Symbol.asyncDispose]() {
      await container.stop();
    },
  };
}

async function startLocal(options: PostgresOptions): Promise<TestPostgres> {
  const backend = newestBinaries();
  announceBackend('PostgreSQL', backend);
  const identity = postgresIdentity();
  await using opened = new AsyncDisposableStack();
  const folder = opened.use(await temporaryFolder('postgres', identity));
  const data = join(folder.path, 'data');
  if (options.from !== undefined) await copyBackup(options.from, data, identity);
  else if (options.standbyOf !== undefined) await copyServer(backend, { of: options.standbyOf, data, identity });
  else await newData({ binaries: backend, data, user: USER, identity, checksums: options.checksums === true });
  const port = await freePort();
  const databases = databasesOf(`127.0.0.1:${port}`);
  const launch = (): Promise<ServerProcess> =>
    startServer({
      command: join(backend, 'postgres'),
      args: ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', folder.path, ...settingsOf(options)],
      cwd: folder.path,
      identity,
      ready: () => answers(databases.url()),
      stopSignal: 'SIGINT', // fast shutdown: sessions are cut, a checkpoint is written
    });
  let server = await launch();
  opened.defer(() => server.stop());
  const close = opened.move();
  return {
    ...databases,
    backend,
    local: () => ({ folder: folder.path, port, binaries: backend, user: USER }),
    stop: (signal = 'SIGINT') => server.stop(signal),
    async start() {
      server = await launch();
    },
    backUp: () => backUpOf(join(backend, 'pg_basebackup'), databases.url(), identity),
    promote: () => queryOn(databases.url(), 'SELECT pg_promote()'),
    [Symbol.asyncDispose]: () => close.disposeAsync(),
  };
}

async function backUpOf(command: string, url: string, identity: Identity | undefined): Promise<Backup> {
  await using opened = new AsyncDisposableStack();
  const folder = opened.use(await temporaryFolder('backup', identity));
  const path = join(folder.path, 'base');
  const args = ['-d', url, '-D', path, '--wal-method=none', '--checkpoint=fast', '--no-sync'];
  await runToEnd({ command, args, cwd: '/', identity });
  const close = opened.move();
  return { path, [Symbol.asyncDispose]: () => close.disposeAsync() };
}

async function copyBackup({ path }: Backup, data: string, identity: Identity | undefined): Promise<void> {
  await runToEnd({ command: 'cp', args: ['-a', path, data], cwd: '/', identity });
  await runToEnd({ command: 'touch', args: [join(data, 'recovery.signal')], cwd: '/', identity });
}

/** With what it takes to follow that server: its address, the signal file, the log from the copy on. */
async function copyServer(
  binaries: string,
  copy: { readonly of: TestPostgres; readonly data: string; readonly identity: Identity | undefined },
): Promise<void> {
  const args = ['-d', copy.of.url(), '-D', copy.data, '-R', '--wal-method=stream', '--checkpoint=fast', '--no-sync'];
  await runToEnd({ command: join(binaries, 'pg_basebackup'), args, cwd: '/', identity: copy.identity });
}

function databasesOf(address: string): Pick<TestPostgres, 'url' | 'createDatabase'> {
  const url = (database = 'postgres'): string => `postgres://${USER}@${address}/${database}`;
  return {
    url,
    async createDatabase(name = `test_${randomBytes(6).toString('hex')}`) {
      await queryOn(url(), `CREATE DATABASE ${pg.escapeIdentifier(name)}`);
      return url(name);
    },
  };
}

async function queryOn(url: string, text: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  client.on('error', () => {}); // the server may end while it is asked
  await client.connect();
  await client.end();
  return true;
}

/** Debian keeps each major version in a folder of its own. */
function newestBinaries(): string {
  const versions = existsSync(DEBIAN_ROOT) ? readdirSync(DEBIAN_ROOT).map(Number) : [];
  const newest = Math.max(...versions.filter((version) => version >= VERSION_MIN));
  const binaries = join(DEBIAN_ROOT, String(newest), 'bin');
  if (!existsSync(join(binaries, 'postgres'))) {
    throw new Error('PostgreSQL 15 or newer is not installed: apt-get install postgresql');
  }
  return binaries;
}

/** PostgreSQL refuses to run as root: root hands it to the account that the package made, or to nobody. */
export function postgresIdentity(): Identity | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  const line = lines.find((entry) => entry.startsWith('postgres:')) ?? 'nobody:x:65534:65534';
  const [, , uid, gid] = line.split(':');
  return { uid: Number(uid), gid: Number(gid) };
}
