import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { IMAGE_USER } from '#pod-settings.ts';
import { CommandError, runCommand } from '#run-command.ts';

/** Libraries that an `ldd` output names, the loader included; the kernel's own (linux-vdso) has no file. @throws Error naming one that is missing */
export function librariesOf(lddOutput: string): readonly string[] {
  return lddOutput.split('\n').flatMap((line) => {
    if (line.includes('not found')) throw new Error(`a shared library is missing: ${line.trim()}`);
    const path = /(?:=> )?(\/\S+) \(0x/.exec(line.trim())?.[1];
    return path === undefined ? [] : [path];
  });
}

/** Copies files to the same paths below `root`, with every shared library that they need. Links are followed. */
export async function copyWithLibraries(root: string, files: readonly string[]): Promise<void> {
  const libraries = new Set<string>();
  for (const file of files) for (const library of await neededLibraries(file)) libraries.add(library);
  for (const path of [...files, ...libraries]) await copyInto(root, path);
}

/** Copies only the shared libraries of files. */
export async function copyLibraries(root: string, files: readonly string[]): Promise<void> {
  for (const file of files) for (const library of await neededLibraries(file)) await copyInto(root, library);
}

/** Copies a file or folder to its path below `root`, or to `target` below it. */
export async function copyInto(root: string, path: string, target: string = path): Promise<void> {
  const to = join(root, target);
  if (existsSync(to)) return;
  await mkdir(dirname(to), { recursive: true });
  await cp(path, to, { recursive: true, dereference: true, preserveTimestamps: true });
}

/** Users, name lookup order and a writable /tmp: what programs expect of any system. */
export async function writeSystemFiles(root: string): Promise<void> {
  await mkdir(join(root, 'etc'), { recursive: true });
  await mkdir(join(root, 'tmp'), { recursive: true });
  await chmod(join(root, 'tmp'), 0o1777);
  await writeFile(
    join(root, 'etc/passwd'),
    `root:x:0:0:root:/:/sbin/nologin\nsubnetes:x:${IMAGE_USER}:${IMAGE_USER}:subnetes:/tmp:/sbin/nologin\n`,
  );
  await writeFile(join(root, 'etc/group'), `root:x:0:\nsubnetes:x:${IMAGE_USER}:\n`);
  await writeFile(join(root, 'etc/nsswitch.conf'), 'passwd: files\ngroup: files\nhosts: files dns\n');
}

/** Shared libraries that a program or module needs; none for a static program or a script. */
export async function neededLibraries(file: string): Promise<readonly string[]> {
  try {
    return librariesOf(await runCommand('ldd', [file]));
  } catch (error) {
    // ldd's answer for a static program or a script.
    if (error instanceof CommandError && error.stderr.includes('not a dynamic executable')) return [];
    throw error;
  }
}
