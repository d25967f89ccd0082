/**
 * `npm test`: installs what the machine lacks, then runs every suite and counts. A suite that ran no test is a failure.
 * `npm test -- --only unit,integration` runs some of them while working.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { ALL_BINARIES } from '@subnetes/local-cluster/binary-catalog';
import { ensureBinaries } from '@subnetes/local-cluster/binaries';
import type { OnProgress } from '@subnetes/local-cluster/progress';
import { ensureSystemPackages } from '@subnetes/local-cluster/system-packages';
import { ALONE, WORKERS } from './alone.ts';
import { runStep, STATIC_STEPS } from './check.ts';
import { readTotals, type Totals } from './totals.ts';

/** vitest projects, cheapest first: a mistake should show before the cluster starts. */
const SUITES = ['architecture', 'unit', 'simulation', 'integration', 'cluster', 'e2e'] as const;

const ROOT = path.resolve(import.meta.dirname, '..');
const VITEST = path.join(ROOT, 'node_modules/.bin/vitest');

/** Suites start programs and servers some hundred times: what is compiled or initialised once need not be again. */
const CACHES = {
  NODE_COMPILE_CACHE: path.join(ROOT, 'node_modules/.cache/node-compile'),
  TESTKIT_CACHE: path.join(ROOT, 'node_modules/.cache/testkit'),
};

const printStep: OnProgress = (event) => {
  if (event.state === 'started') console.log(`… ${event.step}`);
  if (event.state === 'done') console.log(`✔ ${event.step}  ${((event.durationMs ?? 0) / 1000).toFixed(1)} s`);
  if (event.state === 'failed') console.log(`✘ ${event.step}: ${event.detail ?? ''}`);
};

/** The runs of vitest that a suite is, by their arguments. */
function runsOf(project: string): readonly (readonly string[])[] {
  if (project !== 'integration') return [[]];
  const lost = ALONE.filter((file) => !existsSync(path.join(ROOT, file)));
  if (lost.length > 0) throw new Error(`test/alone.ts names files that are not there: ${lost.join(', ')}`);
  const together = ['--fileParallelism', `--maxWorkers=${WORKERS}`, ...ALONE.map((file) => `--exclude=${file}`)];
  return [together, ALONE];
}

function runSuite(project: string): Totals {
  return sumOf(runsOf(project).map((args) => runVitest(project, args)));
}

/** Runs one vitest project, or some files of it; a crash or no test at all counts as one failure. */
function runVitest(project: string, more: readonly string[]): Totals {
  const folder = mkdtempSync(path.join(tmpdir(), 'subnetes-totals-'));
  const file = path.join(folder, 'totals.json');
  try {
    console.log(`\n== ${project}`);
    const env = { ...CACHES, ...process.env, SUBNETES_TEST_TOTALS: file };
    const args = ['run', '--project', project, ...more];
    const done = spawnSync(VITEST, args, { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'], env });
    const totals = readTotals(file);
    if (totals === undefined || totals.passed + totals.failed === 0) return oneFailure(`suite ${project} ran no test`);
    return done.status === 0 || totals.failed > 0 ? totals : oneFailure(`${project} ended with code ${done.status}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function oneFailure(what: string): Totals {
  return { passed: 0, failed: 1, skipped: 0, failures: [`✘ ${what}`] };
}

function runStatic(step: (typeof STATIC_STEPS)[number]): Totals {
  const isGood = runStep(step, { fresh: true });
  return isGood ? { passed: 1, failed: 0, skipped: 0, failures: [] } : oneFailure(`check ${step}`);
}

function sumOf(results: readonly Totals[]): Totals {
  const total = (key: 'passed' | 'failed' | 'skipped'): number => results.reduce((sum, result) => sum + result[key], 0);
  return {
    passed: total('passed'),
    failed: total('failed'),
    skipped: total('skipped'),
    failures: results.flatMap((result) => result.failures),
  };
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { only: { type: 'string' } } });
  const only = values.only?.split(',');
  const unknown = only?.filter((name) => name !== 'static' && !(SUITES as readonly string[]).includes(name)) ?? [];
  if (unknown.length > 0)
    throw new Error(`unknown suite ${unknown.join(', ')}; there are: static, ${SUITES.join(', ')}`);
  const isWanted = (name: string): boolean => only === undefined || only.includes(name);
  await ensureSystemPackages(printStep);
  await ensureBinaries(ALL_BINARIES, printStep);
  const results: Totals[] = [];
  if (isWanted('static')) results.push(...STATIC_STEPS.map(runStatic));
  for (const suite of SUITES.filter(isWanted)) results.push(runSuite(suite));
  const { passed, failed, skipped, failures } = sumOf(results);
  const hasFailed = failed > 0 || (process.env['CI'] !== undefined && skipped > 0);
  if (hasFailed) process.exitCode = 1;
  if (failures.length > 0) console.log(`\n== failures\n${failures.join('\n')}`);
  console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`);
}

await main();
