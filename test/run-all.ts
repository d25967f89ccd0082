/**
 * `npm test`: installs what the machine lacks, then runs every suite and counts. A suite that ran no test is a failure.
 * `npm test -- --only unit,integration` runs some of them while working.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
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

interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

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
  const folder = mkdtempSync(path.join(tmpdir(), 'subnetes-report-'));
  const report = path.join(folder, 'report.json');
  try {
    console.log(`\n== ${project}`);
    const args = [
      'run',
      '--project',
      project,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
      ...more,
    ];
    const env = { ...CACHES, ...process.env };
    const done = spawnSync(VITEST, args, { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'], env });
    const totals = readReport(report);
    if (totals === undefined || totals.passed + totals.failed === 0) {
      console.log(`suite ${project} ran no test`);
      return { passed: 0, failed: 1, skipped: 0 };
    }
    // A file that could not be loaded fails the run without failing a test.
    return done.status !== 0 && totals.failed === 0 ? { ...totals, failed: 1 } : totals;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readReport(file: string): Totals | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined; // vitest crashed before it could write
  }
  const report = JSON.parse(text) as Record<string, number>;
  const skipped = (report['numPendingTests'] ?? 0) + (report['numTodoTests'] ?? 0);
  return { passed: report['numPassedTests'] ?? 0, failed: report['numFailedTests'] ?? 0, skipped };
}

function sumOf(results: readonly Totals[]): Totals {
  const total = (key: keyof Totals): number => results.reduce((sum, result) => sum + result[key], 0);
  return { passed: total('passed'), failed: total('failed'), skipped: total('skipped') };
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
  if (isWanted('static')) {
    const steps = STATIC_STEPS.map((step) => runStep(step, { fresh: true }));
    results.push({ passed: steps.filter(Boolean).length, failed: steps.filter((ok) => !ok).length, skipped: 0 });
  }
  for (const suite of SUITES.filter(isWanted)) results.push(runSuite(suite));
  const { passed, failed, skipped } = sumOf(results);
  const hasFailed = failed > 0 || (process.env['CI'] !== undefined && skipped > 0);
  if (hasFailed) process.exitCode = 1;
  console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`);
}

await main();
