import { expect, test } from 'vitest';
import { missingEntries, platformOf } from '../complete-lockfile.ts';
import { read, repositoryFiles } from './repository.ts';

interface Lockfile {
  readonly packages: Readonly<
    Record<string, { version?: string; optionalDependencies?: Record<string, string> } & Record<string, unknown>>
  >;
}

const { packages } = JSON.parse(read('package-lock.json')) as Lockfile;

test('the lockfile names the builds of every platform', () => {
  expect([...missingEntries(packages).keys()], 'run npm run lock').toEqual([]);
});

test('the lockfile belongs to the manifests', () => {
  const manifests = repositoryFiles().filter((file) => /(^|\/)package\.json$/.test(file));
  expect(manifests.length).toBeGreaterThan(15);
  const differing = manifests.filter((file) => {
    const manifest = JSON.parse(read(file)) as Record<string, Record<string, string> | undefined>;
    const locked = packages[file === 'package.json' ? '' : file.slice(0, -'/package.json'.length)] ?? {};
    return ['dependencies', 'devDependencies'].some(
      (key) =>
        JSON.stringify(sorted(manifest[key])) !==
        JSON.stringify(sorted(locked[key] as Record<string, string> | undefined)),
    );
  });
  expect(differing, 'run npm run lock').toEqual([]);
});

test('of each package that has a script to install it is decided whether that runs', () => {
  const { allowScripts } = JSON.parse(read('package.json')) as {
    readonly allowScripts: Readonly<Record<string, boolean>>;
  };
  const scripted = Object.entries(packages)
    .filter(([, entry]) => entry['hasInstallScript'] === true)
    .map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length));
  expect(scripted.toSorted(), 'name it in allowScripts').toEqual(Object.keys(allowScripts).toSorted());
});

test('npm knows each setting of the project', () => {
  const known = new Set(['omit-lockfile-registry-resolved', 'fund', 'audit', 'save-exact']);
  const names = read('.npmrc')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('=', 1)[0] ?? '');
  expect(names.filter((name) => !known.has(name))).toEqual([]);
});

test.for([
  ['@oxlint/binding-linux-x64-musl', { os: ['linux'], cpu: ['x64'], libc: ['musl'] }],
  ['@bufbuild/buf-linux-armv7', { os: ['linux'], cpu: ['arm'] }],
  ['@oxlint-tsgolint/win32-arm64', { os: ['win32'], cpu: ['arm64'] }],
  ['left-pad', undefined],
] as const)('%s is for %o', ([name, platform]) => {
  expect(platformOf(name)).toEqual(platform);
});

function sorted(record: Record<string, string> | undefined): [string, string][] {
  return Object.entries(record ?? {}).toSorted(([one], [other]) => (one < other ? -1 : 1));
}
