// Runs on any Node from 20 on and without packages: it brings the project's packages, and with them its own Node 24.
import { spawnSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';

export const ROOT = path.resolve(import.meta.dirname, '../..');
const NODE_24 = path.join(ROOT, 'node_modules/.bin/node');
const STAMP = path.join(ROOT, 'node_modules/.subnetes-lock-sha256');

const lockHash = () =>
  createHash('sha256')
    .update(readFileSync(path.join(ROOT, 'package-lock.json')))
    .digest('hex');

/** True if node_modules belongs to the lockfile as it is now. */
export function nodePackagesAreInstalled() {
  if (!existsSync(NODE_24)) return false;
  // A tree that npm filled by hand has no stamp; npm's own record tells whether it is whole.
  if (!existsSync(STAMP)) return false;
  return readFileSync(STAMP, 'utf8') === lockHash();
}

/** Runs `npm ci`. Throws with npm's last lines where it fails. */
export function installNodePackages() {
  const done = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 64 << 20,
    // allowScripts denies its script; an npm that does not know allowScripts runs it, and it would fetch GPU libraries.
    env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' },
  });
  if (done.status !== 0) {
    // npm says what is wrong first, and then prints its whole usage.
    const lines = `${done.stdout ?? ''}${done.stderr ?? ''}`.split('\n').filter((line) => line.startsWith('npm error'));
    throw new Error(`npm ci failed:\n${lines.slice(0, 15).join('\n')}`);
  }
  if (!existsSync(NODE_24))
    throw new Error('npm ci did not bring node_modules/.bin/node: are install scripts allowed for the package "node"?');
  writeFileSync(STAMP, lockHash());
}

/** Hands over to Node 24 with the same terminal; signals reach the child, its exit code becomes ours. */
export function handOver(script, args) {
  const env = { ...process.env, PATH: `${path.join(ROOT, 'node_modules/.bin')}:${process.env.PATH}` };
  const child = spawn(NODE_24, [path.join(ROOT, script), ...args], { stdio: 'inherit', env, cwd: ROOT });
  // The terminal sends Ctrl-C to the whole group; the child cleans up and decides when we end.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
}
