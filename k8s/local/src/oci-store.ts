import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeJson } from '#cluster-spec.ts';
import { localConfig } from '#config.ts';

/** One image in the store. */
export type StoredImage = {
  readonly name: string;
  /** Hash of everything that the image was made from. */
  readonly inputs: string;
  /** Digest of the manifest, `sha256:…`. */
  readonly manifest: string;
  readonly mediaType: string;
  readonly manifestBytes: number;
  readonly layers: readonly { readonly digest: string; readonly compressedBytes: number }[];
};

type Descriptor = {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
};
type Manifest = { readonly config: Descriptor; readonly layers: readonly Descriptor[] };

/** The store's folder: an OCI image layout, in which images share their layers, with an index of our own beside it. */
export function ociFolder(): string {
  return join(localConfig().cacheDir, 'images', 'oci');
}

function indexFile(): string {
  return join(localConfig().cacheDir, 'images', 'images.json');
}

/** All images of the store by name; empty when the index is missing or damaged (they are then built again). */
export async function storedImages(): Promise<ReadonlyMap<string, StoredImage>> {
  try {
    const list = JSON.parse(await readFile(indexFile(), 'utf8')) as StoredImage[];
    return new Map(list.map((image) => [image.name, image]));
  } catch {
    return new Map();
  }
}

/** The stored image of this name and these inputs, if all of its parts are there. */
export async function findImage(name: string, inputs: string): Promise<StoredImage | undefined> {
  const image = (await storedImages()).get(name);
  if (image === undefined || image.inputs !== inputs) return undefined;
  const blobs = await blobsOf(image).catch(() => undefined);
  return blobs?.every((digest) => existsSync(blobPath(digest))) === true ? image : undefined;
}

/** Digests of an image's manifest, configuration and layers. */
export async function blobsOf(image: StoredImage): Promise<readonly string[]> {
  const manifest = await readManifest(image.manifest);
  return [image.manifest, manifest.config.digest, ...manifest.layers.map((layer) => layer.digest)];
}

/** Enters the image that buildah has pushed under `tag` into the index, in place of an older one of that name. */
export async function recordImage(name: string, inputs: string, tag: string): Promise<StoredImage> {
  const layout = JSON.parse(await readFile(join(ociFolder(), 'index.json'), 'utf8')) as { manifests: Descriptor[] };
  const descriptor = layout.manifests.find((entry) => entry.annotations?.['org.opencontainers.image.ref.name'] === tag);
  if (descriptor === undefined) throw new Error(`buildah left no image ${tag} in ${ociFolder()}`);
  const manifest = await readManifest(descriptor.digest);
  const image: StoredImage = {
    name,
    inputs,
    manifest: descriptor.digest,
    mediaType: descriptor.mediaType,
    manifestBytes: descriptor.size,
    layers: manifest.layers.map((layer) => ({ digest: layer.digest, compressedBytes: layer.size })),
  };
  const images = new Map(await storedImages()).set(name, image);
  await writeJson(indexFile(), [...images.values()]);
  await removeUnused([...images.values()]);
  return image;
}

/** Makes the store's folders. */
export async function prepareStore(): Promise<void> {
  await mkdir(ociFolder(), { recursive: true });
}

/** The `index.json` and `oci-layout` with which containerd imports just these images under their full names. */
export async function writeImportIndex(folder: string, images: readonly StoredImage[]): Promise<void> {
  const manifests = images.map((image) => ({
    mediaType: image.mediaType,
    digest: image.manifest,
    size: image.manifestBytes,
    annotations: { 'io.containerd.image.name': image.name },
  }));
  await writeFile(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }));
  await writeFile(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
}

async function readManifest(digest: string): Promise<Manifest> {
  return JSON.parse(await readFile(blobPath(digest), 'utf8')) as Manifest;
}

function blobPath(digest: string): string {
  return join(ociFolder(), 'blobs', 'sha256', digest.replace('sha256:', ''));
}

/** Deletes blobs that no image of the index needs, so that rebuilding does not fill the disk. */
async function removeUnused(images: readonly StoredImage[]): Promise<void> {
  const used = new Set((await Promise.all(images.map(blobsOf))).flat().map((digest) => digest.replace('sha256:', '')));
  const folder = join(ociFolder(), 'blobs', 'sha256');
  for (const file of await readdir(folder)) if (!used.has(file)) await rm(join(folder, file), { force: true });
  const layout = JSON.parse(await readFile(join(ociFolder(), 'index.json'), 'utf8')) as { manifests: Descriptor[] };
  const manifests = layout.manifests.filter((entry) => used.has(entry.digest.replace('sha256:', '')));
  await writeJson(join(ociFolder(), 'index.json'), { ...layout, manifests });
}
