import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ARTEFACTS, artefactOf, linkerFlags } from '#binary-catalog.ts';
import type { Artefact, BinaryName } from '#binary-catalog.ts';
import { takeLock } from '#build-lock.ts';
import { localConfig } from '#config.ts';
import { inStep, silent } from '#progress.ts';
import type { OnProgress } from '#progress.ts';
import { CommandError, runCommand } from '#run-command.ts';

const GO_ROOT = join(import.meta.dirname, '..', 'go');
const STAMP = 'built-from';
const TEMPORARY = '.building-';
/** The oldest toolchain that every module here accepts (their go.mod files name at most 1.25). */
const GO_MINOR_MIN = 25;

/** The Go toolchain is missing or too old; the message says what to install. */
export class GoToolchainError extends Error {
  override readonly name = 'GoToolchainError';
}

/** Where a binary stands, or will stand once `ensureBinaries` has built it. */
export function binaryPath(name: BinaryName): string {
  return join(artefactFolder(artefactOf(name)), name);
}

/** Which of `names` are missing or were built from other sources than this checkout's. */
export function missingBinaries(names: readonly BinaryName[]): readonly BinaryName[] {
  return names.filter((name) => !isBuilt(artefactOf(name)));
}

/**
 * Builds what is missing of `names` into the cache, one step of progress for each artefact with a running count of compiled packages.
 * With everything in the cache it only compares stamps. A build goes to a folder of its own that is renamed at the end, so an
 * interrupted one is never mistaken for a finished one; its leftovers are removed by the next build.
 * @throws GoToolchainError without a usable Go; CommandError when the compiler fails.
 */
export async function ensureBinaries(
  names: readonly BinaryName[],
  onProgress: OnProgress = silent,
  signal?: AbortSignal,
): Promise<void> {
  if (missingBinaries(names).length === 0) return;
  await requireGo();
  await using _lock = await takeLock(join(binRoot(), '.lock'), {
    signal,
    onWait: (pid) =>
      onProgress({
        step: 'build binaries',
        state: 'progress',
        detail: `waiting for process ${pid}, which is building them`,
      }),
  });
  await removeLeftovers();
  const missing = new Set(missingBinaries(names).map(artefactOf));
  for (const artefact of ARTEFACTS.filter((candidate) => missing.has(candidate))) {
    await inStep(`build ${artefact.name} ${artefact.version}`, onProgress, (report) => build(artefact, report, signal));
  }
}

function binRoot(): string {
  return join(localConfig().cacheDir, 'bin');
}

function artefactFolder(artefact: Artefact): string {
  return join(binRoot(), `${artefact.name}-${artefact.version}`);
}

function isBuilt(artefact: Artefact): boolean {
  const stamp = join(artefactFolder(artefact), STAMP);
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== sourceHash(artefact)) return false;
  return artefact.binaries.every((name) => existsSync(binaryPath(name)));
}

/** Hash of all that decides about the result: pinned versions, flags and our own sources of the target. */
function sourceHash(artefact: Artefact): string {
  const module = join(GO_ROOT, artefact.module);
  const hash = createHash('sha256').update(linkerFlags()).update(artefact.target);
  for (const file of ['go.mod', 'go.sum']) hash.update(readFileSync(join(module, file)));
  const own = join(module, artefact.target);
  if (artefact.target.startsWith('./') && statSync(own).isDirectory()) {
    for (const file of readdirSync(own).toSorted()) hash.update(file).update(readFileSync(join(own, file)));
  }
  return hash.digest('hex');
}

async function build(
  artefact: Artefact,
  report: (detail: string) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const temporary = await mkdtemp(join(binRoot(), TEMPORARY));
  let packages = 0;
  let lastReportMs = 0;
  const args = ['build', '-v', '-mod=readonly', '-trimpath', '-buildvcs=false', '-ldflags', linkerFlags()];
  await runCommand('go', [...args, '-o', join(temporary, artefact.file), artefact.target], {
    cwd: join(GO_ROOT, artefact.module),
    env: { CGO_ENABLED: '0', GOFLAGS: '', GOWORK: 'off' },
    signal,
    onErrorLine: (line) => {
      packages += line.startsWith('go: ') ? 0 : 1;
      if (performance.now() - lastReportMs < 500) return;
      lastReportMs = performance.now();
      report(line.startsWith('go: ') ? line.slice(4) : `${packages} packages compiled`);
    },
  });
  for (const name of artefact.binaries) {
    if (name !== artefact.file) await symlink(artefact.file, join(temporary, name));
  }
  await writeFile(join(temporary, STAMP), sourceHash(artefact));
  await rm(artefactFolder(artefact), { recursive: true, force: true });
  await rename(temporary, artefactFolder(artefact));
}

async function removeLeftovers(): Promise<void> {
  await mkdir(binRoot(), { recursive: true });
  for (const entry of readdirSync(binRoot())) {
    if (entry.startsWith(TEMPORARY)) await rm(join(binRoot(), entry), { recursive: true, force: true });
  }
}

async function requireGo(): Promise<void> {
  const advice = `install Go 1.${GO_MINOR_MIN} or newer (https://go.dev/doc/install) and put its bin folder on PATH`;
  let version: string;
  try {
    version = await runCommand('go', ['env', 'GOVERSION']);
  } catch (cause) {
    if (!(cause instanceof CommandError)) throw cause;
    throw new GoToolchainError(`the go command could not be run: ${advice}`, { cause });
  }
  const minor = Number(/^go1\.(\d+)/.exec(version.trim())?.[1] ?? Number.NaN);
  if (!(minor >= GO_MINOR_MIN)) throw new GoToolchainError(`${version.trim()} is too old: ${advice}`);
}
