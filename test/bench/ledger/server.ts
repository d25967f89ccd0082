import { execFileSync } from 'node:child_process';
import { totalmem } from 'node:os';
import { startPostgres, type TestPostgres } from '@subnetes/testkit/postgres';

/** A quarter of the memory, as the manual advises, and not more than the largest thing that is measured needs. */
const SHARED_BUFFERS_MB_MAX = 4096;
const MB = 2 ** 20;

/** PostgreSQL with all that keeps money on the disk, on a UNIX socket, sized for the machine. */
export async function startServer(): Promise<TestPostgres> {
  const buffersMb = Math.min(SHARED_BUFFERS_MB_MAX, Math.floor(totalmem() / MB / 4));
  return startPostgres({
    fsync: true,
    isLocal: true,
    checksums: true,
    settings: [
      `shared_buffers=${buffersMb}MB`,
      'max_wal_size=16GB',
      'checkpoint_timeout=20min',
      'checkpoint_completion_target=0.9',
    ],
  });
}

/** Runs pgbench, psql and the like, of the server's own version; answers what it printed. @throws Error with its output. */
export function runTool(
  server: TestPostgres,
  tool: string,
  args: readonly string[],
  cwd: string = process.cwd(),
): string {
  const { folder, port, binaries, user } = server.local();
  return execFileSync(`${binaries}/${tool}`, [...args], {
    cwd,
    encoding: 'utf8',
    maxBuffer: 64 * MB,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] ?? '', PGHOST: folder, PGPORT: String(port), PGUSER: user },
  });
}

/** An empty database; answers its URL over the UNIX socket. */
export async function createDatabase(server: TestPostgres, name: string): Promise<string> {
  await server.createDatabase(name);
  const { folder, port, user } = server.local();
  return `postgres://${user}@${encodeURIComponent(folder)}:${port}/${name}`;
}
