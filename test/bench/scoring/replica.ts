import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundlePart } from '@subnetes/local-cluster/bundle';
import { freePort, type ServerProcess, startServer } from '@subnetes/testkit/processes';
import { programEnvironment } from '@subnetes/testkit/program-environment';

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));
/** As the chart (with `scoring.burstRoom`) and the image set them. */
const NODE_OPTIONS = '--max-old-space-size=256 --max-semi-space-size=8 --expose-gc';
const NODE_ARGUMENTS = ['--initial-old-space-size=96'];
const MALLOC = { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '65536', MALLOC_TRIM_THRESHOLD_: '131072' };

const TICKS_PER_SECOND = 100; // Linux counts in these, whatever its own clock is

/** Bundles scoring as its image has it: run from source, every thread of it would hold the compiler that strips types. */
export async function bundleScoring(outputDir: string): Promise<string> {
  const entry = join(REPOSITORY, 'services/scoring/src/main.ts');
  await bundlePart({ repositoryDir: REPOSITORY, root: REPOSITORY, entry, outputDir, external: [] });
  return join(outputDir, 'main.mjs');
}

/** Scoring as a process of its own, with the heap that the chart gives it. */
export async function startReplica(
  program: string,
  address: { readonly database: string; readonly nats: string },
): Promise<ServerProcess> {
  const [grpcPort, healthPort] = [await freePort(), await freePort()];
  return startServer({
    command: process.execPath,
    args: [...NODE_ARGUMENTS, program],
    env: {
      ...programEnvironment(),
      NODE_OPTIONS,
      ...MALLOC,
      LOG_LEVEL: 'warn',
      DATABASE_URL: address.database,
      NATS_URL: address.nats,
      LEDGER_URL: '127.0.0.1:1', // never asked: the database knows its network
      INSECURE_MODE: 'loopback',
      GRPC_PORT: String(grpcPort),
      HEALTH_PORT: String(healthPort),
    },
    ready: async () => (await fetch(`http://127.0.0.1:${healthPort}/readyz`)).status === 200,
  });
}

/** Processor time of the process so far, in seconds: what a busy machine does not change. */
export async function cpuSecondsOf({ pid }: ServerProcess): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const [utime, stime] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13);
  return (Number(utime) + Number(stime)) / TICKS_PER_SECOND;
}

/** Resident memory now and at its highest, in megabytes. */
export async function memoryOf({ pid }: ServerProcess): Promise<{ readonly rssMb: number; readonly peakMb: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const megabytes = (field: string): number =>
    Math.round(Number(new RegExp(`^${field}:\\s+([0-9]+) kB`, 'm').exec(status)?.[1]) / 1024);
  return { rssMb: megabytes('VmRSS'), peakMb: megabytes('VmHWM') };
}
