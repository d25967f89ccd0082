import { readdir, readFile } from 'node:fs/promises';
import { temporaryFolder } from '@subnetes/testkit/processes';
import type { TestPostgres } from '@subnetes/testkit/postgres';
import { percentile } from './percentile.ts';
import { runTool } from './server.ts';

const SCALE = 100;
const CLIENTS = 32;
const THREADS = 2;

/** A database with the tables of pgbench's TPC-B. */
export async function prepareTpcB(server: TestPostgres): Promise<void> {
  await server.createDatabase('tpcb');
  runTool(server, 'pgbench', ['-i', '-q', '-s', String(SCALE), 'tpcb']);
}

/** Transactions per second of TPC-B with 32 clients: the R of all ratios. */
export function measureTpcB(server: TestPostgres, seconds: number): number {
  return tpsOf(runTool(server, 'pgbench', ['-M', 'prepared', ...clients(CLIENTS), '-T', String(seconds), 'tpcb']));
}

/** Median milliseconds of a TPC-B transaction of a client that is alone. */
export async function measureSerialTpcB(server: TestPostgres, seconds: number): Promise<number> {
  await using folder = await temporaryFolder('pgbench');
  runTool(server, 'pgbench', ['-M', 'prepared', ...clients(1), '-T', String(seconds), '-l', 'tpcb'], folder.path);
  const [log] = await readdir(folder.path);
  if (log === undefined) throw new Error('pgbench wrote no log');
  const lines = (await readFile(`${folder.path}/${log}`, 'utf8')).trim().split('\n');
  const microseconds = lines.map((line) => Number(line.split(' ')[2]));
  return percentile(microseconds, 0.5) / 1000;
}

/** Transactions per second of a script file. */
export function measureScript(
  server: TestPostgres,
  script: { readonly file: string; readonly database: string; readonly seconds: number; readonly clients: number },
): number {
  const args = ['-M', 'prepared', ...clients(script.clients), '-T', String(script.seconds), '-n', '-f', script.file];
  return tpsOf(runTool(server, 'pgbench', [...args, script.database]));
}

function clients(count: number): readonly string[] {
  return ['-c', String(count), '-j', String(Math.min(THREADS, count))];
}

function tpsOf(output: string): number {
  const tps = /^tps = ([0-9.]+)/m.exec(output)?.[1];
  if (tps === undefined) throw new Error(`pgbench printed no tps:\n${output}`);
  return Number(tps);
}
