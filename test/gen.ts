/** `npm run gen` writes every generated file; `npm run gen -- --check` only compares and fails on a difference. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';

const ROOT = path.resolve(import.meta.dirname, '..');
const BIN = path.join(ROOT, 'node_modules/.bin');
const PROTO = path.join(ROOT, 'packages/proto');

/** Generators that know `--check` themselves; the chart comes last, since it holds copies of what the others write. */
const SCRIPTS = [
  'packages/consensus/build/write-kernel.ts',
  'packages/incentive/build/write-examples.ts',
  'packages/crd/src/write-crds.ts',
  'grafana/src/render.ts',
  'charts/src/write-chart-files.ts',
] as const;

function run(command: string, args: readonly string[], cwd = ROOT): boolean {
  const env = { ...process.env, PATH: `${BIN}:${process.env['PATH'] ?? ''}` };
  return spawnSync(path.join(BIN, command), args, { cwd, stdio: ['ignore', 'inherit', 'inherit'], env }).status === 0;
}

/** Relative paths of the files below `folder`, sorted. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .toSorted();
}

/** buf cannot compare: generates into a scratch folder. True if `packages/proto/gen` is the same. */
function protoIsFresh(): boolean {
  const scratch = mkdtempSync(path.join(tmpdir(), 'subnetes-gen-'));
  try {
    if (!run('buf', ['generate', '--output', scratch], PROTO)) return false;
    const fresh = filesBelow(path.join(scratch, 'gen'));
    const kept = filesBelow(path.join(PROTO, 'gen'));
    const stale = [...new Set([...fresh, ...kept])].filter((file) => {
      const [one, other] = [path.join(scratch, 'gen', file), path.join(PROTO, 'gen', file)];
      return !existsSync(one) || !existsSync(other) || !readFileSync(one).equals(readFileSync(other));
    });
    for (const file of stale) console.log(`differs: packages/proto/gen/${file}`);
    return stale.length === 0;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

const check = process.argv.includes('--check');
const protoIsDone = check ? run('buf', ['lint'], PROTO) && protoIsFresh() : run('buf', ['generate'], PROTO);
const results = [protoIsDone, ...SCRIPTS.map((script) => run('node', [script, ...(check ? ['--check'] : [])]))];
if (results.includes(false)) {
  if (check) console.error('Generated files are stale: run `npm run gen` and commit the result.');
  process.exitCode = 1;
}
