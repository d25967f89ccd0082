import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { KINDS, renderCrd } from './custom-resource-definition.ts';

const CRD_DIR = path.resolve(import.meta.dirname, '../../../crds');

/**
 * Files under `crds/` that differ from a fresh generation, strays included; empty when all is fresh.
 * With `write` they are put right.
 */
export async function staleCrds(directory: string, options: { write: boolean }): Promise<string[]> {
  const rendered = KINDS.map(renderCrd);
  const stale: string[] = [];
  for (const { fileName, yaml } of rendered) {
    const file = path.join(directory, fileName);
    const before = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (before === yaml) continue;
    stale.push(fileName);
    if (!options.write) continue;
    await mkdir(directory, { recursive: true });
    await writeFile(file, yaml);
  }
  const known = new Set(rendered.map((crd) => crd.fileName));
  const present = await readdir(directory).catch(() => [] as string[]); // no folder yet: every file is listed above
  return [...stale, ...present.filter((name) => name.endsWith('.yaml') && !known.has(name))];
}

if (import.meta.main) {
  const check = process.argv.includes('--check');
  const stale = await staleCrds(CRD_DIR, { write: !check });
  for (const fileName of stale) console.log(`${check ? 'differs' : 'written'}: crds/${fileName}`);
  if (check && stale.length > 0) {
    console.log('Run `npm run gen` and commit the result.');
    process.exitCode = 1;
  }
}
