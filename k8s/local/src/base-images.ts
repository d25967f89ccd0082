import { mkdir, readdir, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hashFile, hashFolder } from '#image-build.ts';
import type { ImageRecipe } from '#image-build.ts';
import { copyInto, copyLibraries, copyWithLibraries, neededLibraries, writeSystemFiles } from '#image-files.ts';
import { imageName } from '#image-names.ts';
import { APPLETS, putBusybox, staticImage } from '#system-images.ts';

const POSTGRES_DIR = '/usr/lib/postgresql/15';
const POSTGRES_SHARE = '/usr/share/postgresql/15';
const PROMETHEUS = '/usr/bin/prometheus';

/** Build files, and the JIT compiler: PostgreSQL goes on without it, and with it the image would carry all of LLVM. */
const NOT_NEEDED = /^(bitcode|pgxs|llvmjit.*)$/;

export const BASE_IMAGE = imageName('base');

/** Node.js of this process (the version that the repository pins) with its libraries, a user and /tmp; nothing else, not even a shell. */
export async function baseImage(): Promise<ImageRecipe> {
  return {
    name: BASE_IMAGE,
    inputs: `${await recipeHash()} ${process.version} ${await hashFile(process.execPath)}`,
    dockerfile: 'FROM scratch\nCOPY root /\nENV PATH=/usr/local/bin:/usr/bin:/bin\nUSER 65532:65532\n',
    prepare: async (folder) => {
      const root = join(folder, 'root');
      await writeSystemFiles(root);
      await copyInto(root, process.execPath, '/usr/local/bin/node');
      await copyLibraries(root, [process.execPath]);
      // Empty since glibc 2.34, but native modules built for older systems still name it.
      const libc = (await neededLibraries(process.execPath)).find((path) => path.includes('/libc.so')) ?? '';
      await copyInto(root, join(dirname(libc), 'librt.so.1'));
    },
  };
}

/** nats-server, PostgreSQL and Prometheus. */
export async function thirdPartyImages(): Promise<readonly ImageRecipe[]> {
  // One tag for all: the chart names every image by the product's version.
  return [
    { ...(await staticImage('nats-server')), name: imageName('nats-server') },
    await postgresImage(),
    await prometheusImage(),
  ];
}

/** Debian's PostgreSQL with its modules, time zones, the C.UTF-8 locale and a small shell for start scripts. */
async function postgresImage(): Promise<ImageRecipe> {
  return {
    name: imageName('postgres'),
    inputs: `${await recipeHash()} ${await hashFolder(join(POSTGRES_DIR, 'bin'))} ${APPLETS.join(' ')} ${await hashFile('/bin/busybox')}`,
    dockerfile: `FROM scratch
COPY root /
ENV PATH=${POSTGRES_DIR}/bin:/bin LANG=C.UTF-8
USER 65532:65532
ENTRYPOINT ["postgres"]
`,
    prepare: async (folder) => {
      const root = join(folder, 'root');
      await writeSystemFiles(root);
      await putBusybox(join(root, 'bin'));
      await copyInto(root, join(POSTGRES_DIR, 'bin'));
      const modules = (await readdir(join(POSTGRES_DIR, 'lib'))).filter((name) => !NOT_NEEDED.test(name));
      for (const name of modules) await copyInto(root, join(POSTGRES_DIR, 'lib', name));
      await copyInto(root, POSTGRES_SHARE);
      await copyInto(root, '/usr/share/zoneinfo');
      await copyInto(root, '/usr/lib/locale/C.utf8');
      const programs = (await readdir(join(POSTGRES_DIR, 'bin'))).map((name) => join(POSTGRES_DIR, 'bin', name));
      const libraries = modules.filter((name) => name.endsWith('.so')).map((name) => join(POSTGRES_DIR, 'lib', name));
      await copyLibraries(root, [...programs, ...libraries]);
    },
  };
}

async function prometheusImage(): Promise<ImageRecipe> {
  return {
    name: imageName('prometheus'),
    inputs: `${await recipeHash()} ${await hashFile(PROMETHEUS)}`,
    dockerfile: 'FROM scratch\nCOPY root /\nUSER 65532:65532\nENTRYPOINT ["/bin/prometheus"]\n',
    prepare: async (folder) => {
      const root = join(folder, 'root');
      await writeSystemFiles(root);
      await copyWithLibraries(root, [PROMETHEUS]);
      await mkdir(join(root, 'bin'), { recursive: true });
      await symlink(PROMETHEUS, join(root, 'bin', 'prometheus'));
    },
  };
}

/** This file and what it copies with: another choice of files makes another image. */
async function recipeHash(): Promise<string> {
  return `${await hashFile(import.meta.filename)} ${await hashFile(join(import.meta.dirname, 'image-files.ts'))}`;
}
