import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, readlink, rm, statfs, symlink, writeFile } from 'node:fs/promises';
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

const CONTEXT = 'context-';

/** Magic number of overlayfs (statfs(2)), on which overlay cannot be stacked. */
const OVERLAYFS_MAGIC = 0x79_4c_76_30;

/** Whether overlay mounts can have their upper folders at `path`. */
export async function supportsOverlay(path: string): Promise<boolean> {
  return (await statfs(path)).type !== OVERLAYFS_MAGIC;
}

/** Builds an image with buildah, without a network, unless the store has it already made from the same inputs. */
export async function ensureImage(recipe: ImageRecipe, options: BuildOptions): Promise<StoredImage> {
  const inputs = createHash('sha256')
    .update(recipe.inputs)
    .update(recipe.dockerfile)
    .update(JSON.stringify(recipe.buildArgs ?? {}))
    .digest('hex');
  const present = await findImage(recipe.name, inputs);
  if (present !== undefined) return present;
  await prepareStore();
  await using _lock = await takeLock(join(localConfig().cacheDir, 'images', '.lock'), { signal: options.signal });
  return inStep(`image ${shortName(recipe.name)}`, options.onProgress, async (report) => {
    await removeLeftovers();
    const folder = await mkdtemp(join(localConfig().cacheDir, 'images', CONTEXT));
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

/** Build folders of runs that were killed: whoever holds the lock has the only live one, and has not made it yet. */
async function removeLeftovers(): Promise<void> {
  const folder = join(localConfig().cacheDir, 'images');
  for (const name of await readdir(folder)) {
    if (name.startsWith(CONTEXT)) await rm(join(folder, name), { recursive: true, force: true });
  }
}

async function build(
  recipe: ImageRecipe,
  context: { readonly folder: string; readonly inputs: string; readonly signal: AbortSignal | undefined },
): Promise<StoredImage> {
  const args = Object.entries(recipe.buildArgs ?? {}).map(([key, value]) => `--build-arg=${key}=${value}`);
  // Every image has the same time: equal contents then give equal layers.
  const fixed = ['--isolation=chroot', '--pull-never', '--timestamp=0', '--quiet', '--format=oci'];
  const { signal } = context;
  await buildah(['bud', ...fixed, ...args, `--tag=${recipe.name}`, context.folder], { signal });
  await buildah(['push', '--quiet', recipe.name, `oci:${ociFolder()}:${tagOf(recipe.name)}`], { signal });
  // The image that had this name before is nameless now and only takes room.
  await buildah(['rmi', '--prune'], { signal });
  return recordImage(recipe.name, context.inputs, tagOf(recipe.name));
}

/** Puts a stored image into buildah's storage, where builds on top of it and pushes look for it; builds alone leave it there as well. */
export async function ensureInStorage(image: StoredImage, signal?: AbortSignal): Promise<void> {
  const digests = await buildah(['images', '--quiet', '--no-trunc', '--filter', `reference=${image.name}`], {
    signal,
  }).catch(() => '');
  if (digests.trim() !== '') return;
  // buildah makes a name from the folder's path, and a part like ".cache" is not allowed in names.
  const link = `/run/subnetes-oci-${process.pid}`;
  await rm(link, { force: true });
  await symlink(ociFolder(), link);
  try {
    const id = await buildah(['pull', '--quiet', `oci:${link}:${tagOf(image.name)}`], { signal });
    await buildah(['tag', id.trim(), image.name], { signal });
    await buildah(['rmi', `localhost${link}:latest`], { signal }); // takes away that name alone
  } finally {
    await rm(link, { force: true });
  }
}

/**
 * Runs buildah on a storage of our own below the cache, apart from the machine's. Unless asked for the host's network it runs in a
 * namespace without a link, so that whatever a Dockerfile says, a build reaches nothing.
 */
export async function buildah(
  args: readonly string[],
  options: { readonly signal?: AbortSignal | undefined; readonly network?: 'none' | 'host' } = {},
): Promise<string> {
  const root = join(localConfig().cacheDir, 'images', 'storage');
  const runRoot = join(localConfig().cacheDir, 'images', 'run');
  await mkdir(root, { recursive: true });
  const driver = (await supportsOverlay(root)) ? 'overlay' : 'vfs';
  const storage = ['--root', root, '--runroot', runRoot, '--storage-driver', driver];
  const [program, before] = options.network === 'host' ? ['buildah', []] : ['unshare', ['--net', 'buildah']];
  return runCommand(program, [...before, ...storage, ...args], {
    // No file of the machine decides where images come from: everything is built here.
    env: { CONTAINERS_REGISTRIES_CONF: '/dev/null' },
    signal: options.signal,
  });
}

function tagOf(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9._-]/g, '_');
}

/** Hash of a folder's names, links and contents; `keep` leaves out what is not to count (it also sees folders, and skips what is below). */
export async function hashFolder(folder: string, keep: (path: string) => boolean = () => true): Promise<string> {
  const hash = createHash('sha256');
  const walk = async (current: string): Promise<void> => {
    const entries = await readdir(current, { withFileTypes: true });
    for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(current, entry.name);
      const name = relative(folder, path);
      if (!keep(name)) continue;
      hash.update(name).update('\0');
      if (entry.isDirectory()) await walk(path);
      else if (entry.isSymbolicLink()) hash.update(await readlink(path));
      else if (entry.isFile()) hash.update(await hashFile(path));
    }
  };
  await walk(folder);
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
