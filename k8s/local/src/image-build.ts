import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, readlink, rm, statfs, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { takeLock } from '#build-lock.ts';
import { localConfig } from '#config.ts';
import { findImage, ociFolder, prepareStore, recordImage } from '#oci-store.ts';
import type { StoredImage } from '#oci-store.ts';
import { inStep } from '#progress.ts';
import type { OnProgress } from '#progress.ts';
import { runCommand } from '#run-command.ts';

/** An image and how it is made. */
export type ImageRecipe = {
  /** Full name with registry and tag. */
  readonly name: string;
  /** Text that changes whenever the image would: versions and hashes of its inputs. */
  readonly inputs: string;
  readonly dockerfile: string;
  readonly buildArgs?: Readonly<Record<string, string>>;
  /** Puts the files that the Dockerfile copies into the build folder. */
  readonly prepare: (folder: string) => Promise<void>;
};

export type BuildOptions = { readonly onProgress: OnProgress; readonly signal?: AbortSignal | undefined };

/** Magic number of overlayfs (statfs(2)), on which overlay cannot be stacked. */
const OVERLAYFS_MAGIC = 0x79_4c_76_30;

/** Whether overlay mounts can have their upper folders at `path`. */
export async function supportsOverlay(path: string): Promise<boolean> {
  return (await statfs(path)).type !== OVERLAYFS_MAGIC;
}

/** Builds an image with buildah, without a network, unless the store has it already made from the same inputs. */
export async function ensureImage(recipe: ImageRecipe, options: BuildOptions): Promise<StoredImage> {
  const inputs = createHash('sha256').update(recipe.inputs).update(recipe.dockerfile).update(JSON.stringify(recipe.buildArgs ?? {})).digest('hex');
  const present = await findImage(recipe.name, inputs);
  if (present !== undefined) return present;
  await prepareStore();
  await using _lock = await takeLock(join(localConfig().cacheDir, 'images', '.lock'), { signal: options.signal });
  return inStep(`image ${shortName(recipe.name)}`, options.onProgress, async (report) => {
    const folder = await mkdtemp(join(localConfig().cacheDir, 'images', 'context-'));
    try {
      report('collecting files');
      await recipe.prepare(folder);
      await writeFile(join(folder, 'Dockerfile'), recipe.dockerfile);
      report('building');
      return await build(recipe, { folder, inputs, signal: options.signal });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}

async function build(
  recipe: ImageRecipe,
  context: { readonly folder: string; readonly inputs: string; readonly signal: AbortSignal | undefined },
): Promise<StoredImage> {
  const args = Object.entries(recipe.buildArgs ?? {}).map(([key, value]) => `--build-arg=${key}=${value}`);
  // Every image has the same time: equal contents then give equal layers.
  const fixed = ['--isolation=chroot', '--pull-never', '--timestamp=0', '--quiet', '--format=oci'];
  await buildah(['bud', ...fixed, ...args, `--tag=${recipe.name}`, context.folder], context.signal);
  const tag = recipe.name.replaceAll(/[^A-Za-z0-9._-]/g, '_');
  await buildah(['push', '--quiet', recipe.name, `oci:${ociFolder()}:${tag}`], context.signal);
  return recordImage(recipe.name, context.inputs, tag);
}

/** Runs buildah on a storage of our own below the cache, apart from the machine's. */
export async function buildah(args: readonly string[], signal?: AbortSignal): Promise<string> {
  const root = join(localConfig().cacheDir, 'images', 'storage');
  const runRoot = join(localConfig().cacheDir, 'images', 'run');
  await mkdir(root, { recursive: true });
  const driver = (await supportsOverlay(root)) ? 'overlay' : 'vfs';
  // A network namespace without a link: whatever a Dockerfile says, a build cannot reach anything.
  const command = ['--net', 'buildah', '--root', root, '--runroot', runRoot, '--storage-driver', driver];
  return runCommand('unshare', [...command, ...args], {
    // No file of the machine decides where images come from: everything is built here.
    env: { CONTAINERS_REGISTRIES_CONF: '/dev/null' },
    signal,
  });
}

/** Hash of a folder's names, links and contents. */
export async function hashFolder(folder: string): Promise<string> {
  const hash = createHash('sha256');
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries.toSorted((a, b) => join(a.parentPath, a.name).localeCompare(join(b.parentPath, b.name)))) {
    const path = join(entry.parentPath, entry.name);
    hash.update(relative(folder, path)).update('\0');
    if (entry.isSymbolicLink()) hash.update(await readlink(path));
    else if (entry.isFile()) hash.update(await hashFile(path));
  }
  return hash.digest('hex');
}

/** Hash of a file's content. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) hash.update(chunk);
  return hash.digest('hex');
}

function shortName(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}
