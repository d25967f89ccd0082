/**
 * `npm run check`: types, lint, format, fresh generated files, unit, property, architecture and simulation tests; under
 * three minutes. What each step runs, and on which files it depends, stands in /project.json: nx keeps the outcome of
 * a step and tells it again while its files are the same. `npm run check -- --fresh` runs everything.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';

const ROOT = path.resolve(import.meta.dirname, '..');
const BIN = path.join(ROOT, 'node_modules/.bin');

export const STATIC_STEPS = ['types', 'types-of-the-page', 'lint', 'format', 'generated-files'] as const;
const TEST_STEPS = ['unit', 'architecture', 'simulation'] as const;

/** Runs one step with its output on the terminal. True if it ended well. */
export function runStep(step: string, { fresh }: { readonly fresh: boolean }): boolean {
  const started = performance.now();
  const args = [
    'run',
    `subnetes:${step}`,
    '--outputStyle=stream-without-prefixes',
    ...(fresh ? ['--skip-nx-cache'] : []),
  ];
  const done = spawnSync(path.join(BIN, 'nx'), args, {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
    // Its daemon would outlive the command.
    env: { ...process.env, NX_DAEMON: 'false', PATH: `${BIN}:${process.env['PATH'] ?? ''}` },
  });
  const ok = done.status === 0;
  console.log(`${ok ? '✔' : '✘'} ${step}  ${((performance.now() - started) / 1000).toFixed(1)} s`);
  return ok;
}

if (import.meta.main) {
  const fresh = process.argv.includes('--fresh');
  const failed = [...STATIC_STEPS, ...TEST_STEPS].filter((step) => !runStep(step, { fresh }));
  if (failed.length > 0) {
    console.error(`failed: ${failed.join(', ')}`);
    process.exitCode = 1;
  }
}
