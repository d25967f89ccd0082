import { copyFile, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { artefactOf } from '#binary-catalog.ts';
import type { BinaryName } from '#binary-catalog.ts';
import { binaryPath } from '#binaries.ts';
import { hashFile } from '#image-build.ts';
import type { ImageRecipe } from '#image-build.ts';
import { imageName } from '#image-names.ts';

const BUSYBOX = '/bin/busybox';
/** Commands of the volume helper and of the database's start script. */
export const APPLETS = [
  'sh',
  'cat',
  'chmod',
  'cp',
  'date',
  'echo',
  'env',
  'false',
  'grep',
  'head',
  'id',
  'ls',
  'mkdir',
  'mv',
  'nslookup',
  'printf',
  'rm',
  'sed',
  'sleep',
  'stat',
  'sync',
  'tail',
  'test',
  'touch',
  'true',
  'wget',
];

/** Images that the cluster itself needs to run: each a static binary on an empty root. */
export async function systemImages(): Promise<readonly ImageRecipe[]> {
  return [
    await staticImage('pause'),
    await staticImage('coredns'),
    await staticImage('local-path-provisioner'),
    await busybox(),
  ];
}

/** The images by what the add-ons' manifests name. */
export const SYSTEM_IMAGE = {
  coredns: imageName('coredns', artefactOf('coredns').version),
  localPathProvisioner: imageName('local-path-provisioner', artefactOf('local-path-provisioner').version),
  busybox: imageName('busybox', '1.35'),
} as const;

/** An image with one static binary of the catalogue, run as an ordinary user. */
export async function staticImage(binary: BinaryName): Promise<ImageRecipe> {
  const dockerfile = `FROM scratch\nCOPY ${binary} /${binary}\nUSER 65532:65532\nENTRYPOINT ["/${binary}"]\n`;
  return {
    name: imageName(binary, artefactOf(binary).version),
    inputs: await hashFile(binaryPath(binary)),
    dockerfile,
    prepare: (folder) => copyFile(binaryPath(binary), join(folder, binary)),
  };
}

async function busybox(): Promise<ImageRecipe> {
  return {
    name: SYSTEM_IMAGE.busybox,
    inputs: `${APPLETS.join(' ')} ${await hashFile(BUSYBOX)}`,
    dockerfile: `FROM scratch\nCOPY root /\nENV PATH=/bin\nCMD ["/bin/sh"]\n`,
    prepare: (folder) => putBusybox(join(folder, 'root', 'bin')),
  };
}

/** Copies busybox into a folder under each of its commands' names. Hard copies would count once per name, links do not. */
export async function putBusybox(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await copyFile(BUSYBOX, join(folder, 'busybox'));
  for (const applet of APPLETS) await symlink('busybox', join(folder, applet));
}
