/** `npm run check`: types, lint, format, fresh generated files, unit, property and architecture tests; under three minutes. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';

export interface CheckStep {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
}

const BIN = path.resolve(import.meta.dirname, '../node_modules/.bin');
const ROOT = path.resolve(import.meta.dirname, '..');

export const STATIC_STEPS: readonly CheckStep[] = [
  { name: 'types', command: ['tsc', '-p', '.'] },
  { name: 'types of the page', command: ['tsc', '-p', 'services/console/src/page'] },
  {
    name: 'lint',
    command: ['oxlint', '--deny-warnings', 'packages', 'services', 'operator', 'grafana', 'k8s', 'test'],
  },
  { name: 'format', command: ['oxfmt', '--check', 'packages', 'services', 'operator', 'grafana', 'k8s', 'test'] },
  { name: 'generated files', command: ['node', 'test/gen.ts', '--check'] },
];

/** Runs one step with its output on the terminal. True if it ended well. */
export function runStep(step: CheckStep): boolean {
  const started = performance.now();
  const [command, ...args] = step.command;
  const done = spawnSync(path.join(BIN, command), args, {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, PATH: `${BIN}:${process.env['PATH'] ?? ''}` },
  });
  const ok = done.status === 0;
  console.log(`${ok ? '✔' : '✘'} ${step.name}  ${((performance.now() - started) / 1000).toFixed(1)} s`);
  return ok;
}

if (import.meta.main) {
  const suites: CheckStep = {
    name: 'unit, property, architecture and simulation tests',
    command: ['vitest', 'run', '--project', 'unit', '--project', 'architecture', '--project', 'simulation'],
  };
  const failed = [...STATIC_STEPS, suites].filter((step) => !runStep(step));
  if (failed.length > 0) {
    console.error(`failed: ${failed.map((step) => step.name).join(', ')}`);
    process.exitCode = 1;
  }
}
