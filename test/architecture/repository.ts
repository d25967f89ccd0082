import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseSync } from 'oxc-parser';

export const ROOT = path.resolve(import.meta.dirname, '../..');

export interface Import {
  readonly file: string;
  readonly specifier: string;
}

let cachedFiles: readonly string[] | undefined;

/** Files that belong to the repository: tracked, or new and not ignored. Relative paths, sorted. */
export function repositoryFiles(): readonly string[] {
  cachedFiles ??= execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '--deduplicate'], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  })
    .split('\n')
    .filter((file) => file !== '')
    .toSorted();
  return cachedFiles;
}

export function read(file: string): string {
  return readFileSync(path.join(ROOT, file), 'utf8');
}

/** TypeScript sources that people write. */
export function sources(): readonly string[] {
  return repositoryFiles().filter(
    (file) => /\.(ts|tsx)$/.test(file) && !file.includes('/gen/') && !file.endsWith('.d.ts'),
  );
}

export function isTest(file: string): boolean {
  return /\.(test|contract)\.tsx?$/.test(file) || /(^|\/)test\//.test(file) || file.startsWith('packages/testkit/');
}

/** Static and dynamic imports and re-exports of a source file. */
export function importsOf(file: string): readonly Import[] {
  const { module } = parseSync(file, read(file));
  const names = [
    ...module.staticImports.map((entry) => entry.moduleRequest.value),
    ...module.staticExports.flatMap((entry) => entry.entries.map((exported) => exported.moduleRequest?.value ?? '')),
  ];
  const dynamic = [...read(file).matchAll(/\bimport\(\s*'([^']+)'\s*\)/g)].map((match) => match[1] ?? '');
  return [...names, ...dynamic].filter((name) => name !== '').map((specifier) => ({ file, specifier }));
}

/** `services/ledger`, `packages/bus`, `operator`, …: the workspace that a file belongs to. */
export function workspaceOf(file: string): string {
  const parts = file.split('/');
  const depth = ['packages', 'services'].includes(parts[0] ?? '')
    ? 2
    : file.startsWith('k8s/samples/')
      ? 4
      : file.startsWith('k8s/')
        ? 2
        : 1;
  return parts.slice(0, depth).join('/');
}

/** Deployables with the common skeleton. */
export function deployables(): readonly string[] {
  const services = repositoryFiles()
    .filter((file) => /^services\/[^/]+\/package\.json$/.test(file))
    .map((file) => path.dirname(file));
  return [...services, 'operator'];
}
