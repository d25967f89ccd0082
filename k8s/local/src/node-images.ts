import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClusterLayout } from '#cluster-layout.ts';
import { writeJson } from '#cluster-spec.ts';
import { supportsOverlay } from '#image-build.ts';
import { blobsOf, ociFolder, writeImportIndex } from '#oci-store.ts';
import type { StoredImage } from '#oci-store.ts';
import { runCommand } from '#run-command.ts';

/** The snapshotter that works on the cluster's file system. */
export async function snapshotterFor(layout: ClusterLayout): Promise<'overlayfs' | 'native'> {
  return (await supportsOverlay(layout.stateDir)) ? 'overlayfs' : 'native';
}

/** Imports images into the node's containerd, in one archive in which they share their layers. What is there already is left out. */
export async function importImages(
  layout: ClusterLayout,
  images: readonly StoredImage[],
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const known = await importedDigests(layout);
  const wanted = images.filter((image) => known.get(image.name) !== image.manifest);
  if (wanted.length === 0) return [];
  const folder = await mkdtemp(join(layout.stateDir, 'import-'));
  try {
    await writeImportIndex(folder, wanted);
    const digests = new Set((await Promise.all(wanted.map(blobsOf))).flat());
    const blobs = [...digests].map((digest) => `blobs/sha256/${digest.replace('sha256:', '')}`);
    const archive = join(folder, 'images.tar');
    await runCommand('tar', ['-cf', archive, '-C', folder, 'oci-layout', 'index.json', '-C', ociFolder(), ...blobs], {
      signal,
    });
    const snapshotter = await snapshotterFor(layout);
    await runCommand(
      'ctr',
      ['--address', layout.containerdSocket, '-n', 'k8s.io', 'images', 'import', '--snapshotter', snapshotter, archive],
      {
        signal,
      },
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  for (const image of wanted) known.set(image.name, image.manifest);
  await writeJson(layout.imageStamps, Object.fromEntries(known));
  return wanted.map((image) => image.name);
}

async function importedDigests(layout: ClusterLayout): Promise<Map<string, string>> {
  try {
    return new Map(Object.entries(JSON.parse(await readFile(layout.imageStamps, 'utf8')) as Record<string, string>));
  } catch {
    return new Map(); // the first import, or a stamp cut short: importing again is harmless
  }
}
