/**
 * `npm run lock`: completes package-lock.json with the builds of other platforms that optional dependencies name. npm
 * leaves out those that the registry at hand does not carry, and then `npm ci` refuses the lockfile everywhere.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

interface Entry {
  version?: string;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
}

const CPUS: Readonly<Record<string, string>> = { aarch64: 'arm64', armv7: 'arm', wasm32: 'wasm32' };

/** Platform fields that such a package has, read off its name; undefined where the name tells none. */
export function platformOf(name: string): Pick<Entry, 'os' | 'cpu' | 'libc'> | undefined {
  const os = /darwin|win32|freebsd|linux|android|openharmony|wasi/.exec(name)?.[0];
  const cpu = /x64|arm64|aarch64|armv7|arm|ppc64|riscv64|s390x|ia32|wasm32/.exec(name.slice(name.indexOf('/')))?.[0];
  if (os === undefined || cpu === undefined) return undefined;
  const musl = /musl/.test(name) ? { libc: ['musl'] } : {};
  return { ...(os === 'wasi' ? {} : { os: [os] }), cpu: [CPUS[cpu] ?? cpu], ...musl };
}

/** Entries that the lockfile lacks, by their place in the tree. */
export function missingEntries(packages: Readonly<Record<string, Entry>>): Map<string, Entry> {
  const missing = new Map<string, Entry>();
  for (const [place, { optionalDependencies = {} }] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      const platform = platformOf(name);
      if (platform === undefined) continue;
      const [nested, top] = [`${place}/node_modules/${name}`, `node_modules/${name}`];
      const known = packages[nested] ?? packages[top] ?? missing.get(nested) ?? missing.get(top);
      if (known?.version === version) continue;
      missing.set(known === undefined ? top : nested, { version, ...platform, optional: true });
    }
  }
  return missing;
}

if (import.meta.main) {
  const file = path.resolve(import.meta.dirname, '../package-lock.json');
  const lock = JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, Entry> };
  const missing = missingEntries(lock.packages);
  const sorted = Object.entries({ ...lock.packages, ...Object.fromEntries(missing) }).toSorted(([one], [other]) =>
    one < other ? -1 : 1,
  );
  writeFileSync(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, undefined, 2)}\n`);
  console.log(`${missing.size} entries added`);
}
