/** `npm run bench -- ledger`: the ledger's engine against pgbench on the same server. Ratios (`r`) count. */
import { parseArgs } from 'node:util';
import type { TestPostgres } from '@subnetes/testkit/postgres';
import { temporaryFolder } from '@subnetes/testkit/processes';
import { type FloodFigures, measureFlood } from './ledger/flood.ts';
import { type FundedLedger, openFundedLedger } from './ledger/funded-ledger.ts';
import { measureGrowth } from './ledger/growth.ts';
import { holdsAndPosts, hotTransfers, type LoadFigures, runLoad, uniformTransfers } from './ledger/load.ts';
import { measurePgledger, measureRowLocks } from './ledger/peers.ts';
import { measureSerialTpcB, measureTpcB, prepareTpcB } from './ledger/pgbench.ts';
import { measureSwaps } from './ledger/pool-swaps.ts';
import { measureRestart, measureUnary } from './ledger/process-figures.ts';
import { createDatabase, startServer } from './ledger/server.ts';
import { measureTakeOver, type TakeOverFigures } from './ledger/take-over.ts';

export const LEDGER_BENCH_HELP = `npm run bench -- ledger [--json] [--seconds N] [--entries N] [--accounts N] [--only PART,…] [--pgledger FOLDER]

Measures the ledger against pgbench's TPC-B (R: scale 100, 32 clients, prepared) on a PostgreSQL that it starts itself, with
fsync and checksums, over a UNIX socket. Hash chain, duplicate check, overdraft check and history are on.

  --seconds N   of each load; default 10
  --entries N   journal entries of the restart; default 1000000, and the published figure has 10000000
  --accounts N  accounts of the restart and of the memory figure; default 1000000
  --pgledger FOLDER  a clone of github.com/pgr0ss/pgledger, measured beside; without it that figure is null
  --only PARTS  comma-separated: uniform, hot, holdPost, unary, serial, flood, pglite, swap, takeOver, restart, growth, peers; the others are null

Needs PostgreSQL 15 or newer with pgbench, and nats-server; about 8 GB of disk for ten million entries, which the growth is always measured with: some
ten minutes to load them.`;

const ACCOUNTS = 100_000;
const PGLITE_ACCOUNTS = 10_000;
/** Orders of a call: what a batch holds at most. */
const BATCH = 512;
/** Half of it, from four callers at once: two whole batches are under way, as with callers that do not wait for each other. */
const SHARED_LOAD = { callers: 4, perCall: BATCH / 2 };
/** A quarter of that, where it is measured how long each waits. */
const PROMPT_LOAD = { callers: 4, perCall: BATCH / 8 };
const PARTS = [
  'uniform',
  'hot',
  'holdPost',
  'unary',
  'serial',
  'flood',
  'pglite',
  'swap',
  'takeOver',
  'restart',
  'growth',
  'peers',
] as const;

type Part = (typeof PARTS)[number];
type Progress = (line: string) => void;

interface Run {
  readonly server: TestPostgres;
  readonly seconds: number;
  readonly entries: number;
  readonly accounts: number;
  readonly wants: (part: Part) => boolean;
  readonly progress: Progress;
}

export async function measureLedger(progress: Progress, args: readonly string[]): Promise<Record<string, unknown>> {
  const options = optionsOf(args);
  await using server = await startServer();
  const run = { ...options, server, progress };
  progress('filling pgbench’s tables');
  await prepareTpcB(server);
  const pgbenchTps = measureTpcB(server, options.seconds);
  const pgbenchSerialP50Ms = await measureSerialTpcB(server, Math.ceil(options.seconds / 2));
  progress(`R is ${Math.round(pgbenchTps)} transactions/s; one client alone waits ${pgbenchSerialP50Ms.toFixed(2)} ms`);
  const inProcess = await measureInProcess(run, pgbenchTps);
  const unary = run.wants('unary') ? await measureUnary(server, options.seconds) : undefined;
  if (unary !== undefined) progress(`unary: ${figures(unary, pgbenchTps)}`);
  const flood = run.wants('flood') ? await measureFlood(server, options.seconds) : undefined;
  if (flood !== undefined) progress(floodText(flood));
  const pglite = run.wants('pglite') ? await measurePglite(run) : undefined;
  const swap = run.wants('swap') ? await measureSwaps(await createDatabase(server, 'swaps')) : undefined;
  if (swap !== undefined) progress(`swap: p50 ${swap.p50Ms.toFixed(2)} ms, p99 ${swap.p99Ms.toFixed(2)} ms`);
  const takeOver = run.wants('takeOver') ? await measureTakeOver(server) : undefined;
  if (takeOver !== undefined) progress(takeOverText(takeOver));
  const restart = run.wants('restart') ? await measureRestart(server, options) : undefined;
  if (restart !== undefined) {
    progress(`start with ${restart.entries} entries: ${restart.seconds.toFixed(2)} s, ${Math.round(restart.rssMb)} MB`);
  }
  const growth = run.wants('growth')
    ? await measureGrowth(
        await createDatabase(server, 'growth'),
        { ...SHARED_LOAD, seconds: options.seconds },
        progress,
      )
    : undefined;
  const peers = await measurePeers(run, options.pgledger);
  return {
    pgbenchTps: Math.round(pgbenchTps),
    pgbenchSerialP50Ms: round(pgbenchSerialP50Ms),
    ...inProcess,
    unary: withLatency(unary, pgbenchTps),
    flood:
      flood === undefined
        ? null
        : { alone: millis(flood.alone), flooded: millis(flood.flooded), refusedPerSecond: Math.round(flood.refused) },
    pglite: pglite === undefined ? null : { tps: Math.round(pglite.tps) },
    swap: swap === undefined ? null : { p50Ms: round(swap.p50Ms), p99Ms: round(swap.p99Ms) },
    takeOver: takeOver ?? null,
    restart: restart === undefined ? null : { entries: restart.entries, seconds: round(restart.seconds) },
    rssMb: restart === undefined ? null : Math.round(restart.rssMb),
    growth:
      growth === undefined
        ? null
        : { at1M: Math.round(growth.at1M), at10M: Math.round(growth.at10M), ratio: round(growth.ratio) },
    peers,
  };
}

/** Ledgers that do it otherwise, on the same server. Peers are not kept in the repository. */
async function measurePeers({ server, seconds, progress, wants }: Run, pgledger: string | undefined) {
  const told = (name: string, { uniform, hot }: { readonly uniform: number; readonly hot: number }) => {
    progress(`${name}: ${Math.round(uniform)}/s on any two accounts, ${Math.round(hot)}/s on a hot one`);
    return { tps: Math.round(uniform), hotTps: Math.round(hot) };
  };
  if (!wants('peers')) return { pgledger: null, rowLock: null };
  return {
    pgledger:
      pgledger === undefined ? null : told('pgledger', await measurePgledger(server, { folder: pgledger, seconds })),
    rowLock: told('row locks', await measureRowLocks(server, seconds)),
  };
}

function takeOverText({ leaseMs, killedMs, stoppedMs }: TakeOverFigures): string {
  return `another ledger writes ${killedMs} ms after a kill, ${stoppedMs} ms after a stop (lease ${leaseMs} ms)`;
}

function floodText({ alone, flooded, refused }: FloodFigures): string {
  const times = ({ p50Ms, p99Ms }: LoadFigures): string => `p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms`;
  return `signed orders: ${times(alone)}; while ${Math.round(refused)}/s are refused for their signature: ${times(flooded)}`;
}

function millis({ p50Ms, p99Ms }: LoadFigures): { readonly p50Ms: number; readonly p99Ms: number } {
  return { p50Ms: round(p50Ms), p99Ms: round(p99Ms) };
}

async function measureInProcess(run: Run, reference: number) {
  const wanted = (['uniform', 'hot', 'holdPost', 'serial'] as const).filter(run.wants);
  if (wanted.length === 0) return { uniform: null, hot: null, holdPost: null, serial: null };
  run.progress(`funding ${ACCOUNTS} accounts`);
  await using ledger = await openFundedLedger(await createDatabase(run.server, 'engine'), ACCOUNTS);
  const of = async (
    part: Part,
    call: (orders: number) => Promise<number>,
    load = SHARED_LOAD,
  ): Promise<LoadFigures | undefined> => {
    if (!run.wants(part)) return undefined;
    const measured = await runLoad({ ...load, seconds: run.seconds }, call);
    run.progress(`${part}: ${figures(measured, reference)}`);
    return measured;
  };
  const uniform = await of('uniform', uniformTransfers(ledger, 'u'), PROMPT_LOAD);
  const hot = await of('hot', hotTransfers(ledger, 'h'));
  const holdPost = await of('holdPost', holdsAndPosts(ledger, 'p'));
  const serial = run.wants('serial') ? await measureSerial(run, ledger) : null;
  return {
    uniform: withLatency(uniform, reference),
    hot: withRatio(hot, reference),
    holdPost: withRatio(holdPost, reference),
    serial,
  };
}

async function measureSerial(run: Run, ledger: FundedLedger): Promise<{ readonly p50Ms: number }> {
  const one = uniformTransfers(ledger, 's');
  const { p50Ms } = await runLoad({ callers: 1, perCall: 1, seconds: run.seconds / 2 }, one);
  run.progress(`serial: ${p50Ms.toFixed(2)} ms`);
  return { p50Ms: round(p50Ms) };
}

async function measurePglite({ seconds, progress }: Run): Promise<LoadFigures> {
  await using folder = await temporaryFolder('pglite');
  await using ledger = await openFundedLedger(`pglite:${folder.path}`, PGLITE_ACCOUNTS);
  const measured = await runLoad({ callers: 1, perCall: BATCH, seconds }, uniformTransfers(ledger, 'u'));
  progress(`PGlite: ${Math.round(measured.tps)}/s, p99 ${measured.p99Ms.toFixed(1)} ms`);
  return measured;
}

function optionsOf(
  args: readonly string[],
): Pick<Run, 'seconds' | 'entries' | 'accounts' | 'wants'> & { readonly pgledger: string | undefined } {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'boolean' },
      seconds: { type: 'string', default: '10' },
      entries: { type: 'string', default: '1000000' },
      accounts: { type: 'string', default: '1000000' },
      only: { type: 'string', default: PARTS.join(',') },
      pgledger: { type: 'string' },
    },
  });
  const wanted = values.only.split(',');
  const unknown = wanted.find((part) => !PARTS.some((known) => known === part));
  if (unknown !== undefined) throw new Error(`--only: there is no part ${unknown}, only ${PARTS.join(', ')}`);
  return {
    seconds: countOf('seconds', values.seconds),
    entries: countOf('entries', values.entries),
    accounts: countOf('accounts', values.accounts),
    wants: (part) => wanted.includes(part),
    pgledger: values.pgledger,
  };
}

function countOf(option: string, text: string): number {
  if (/^[1-9][0-9]{0,8}$/.test(text)) return Number(text);
  throw new Error(`--${option} has to be a whole number from 1, not ${text}`);
}

function withRatio(measured: LoadFigures | undefined, reference: number) {
  return measured === undefined ? null : { tps: Math.round(measured.tps), r: round(measured.tps / reference) };
}

function withLatency(measured: LoadFigures | undefined, reference: number) {
  if (measured === undefined) return null;
  return { ...withRatio(measured, reference), p99Ms: round(measured.p99Ms) };
}

function figures({ tps, p50Ms, p99Ms }: LoadFigures, reference: number): string {
  return `${Math.round(tps)}/s = ${(tps / reference).toFixed(2)} R, p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
