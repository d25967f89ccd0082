import { mkdir, readdir, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { artefactOf } from '#binary-catalog.ts';
import { hashFile, hashFolder } from '#image-build.ts';
import type { ImageRecipe } from '#image-build.ts';
import { copyInto, copyLibraries, copyWithLibraries, neededLibraries, writeSystemFiles } from '#image-files.ts';
import { imageName } from '#image-names.ts';
import { putBusybox, staticImage } from '#system-images.ts';

const POSTGRES_DIR = '/usr/lib/postgresql/15';
const POSTGRES_SHARE = '/usr/share/postgresql/15';
const PROMETHEUS = '/usr/bin/prometheus';

/** Build files, and the JIT compiler: PostgreSQL goes on without it, and with it the image would carry all of LLVM. */
const NOT_NEEDED = /^(bitcode|pgxs|llvmjit.*)$/;

/** The images of third parties that the chart runs, by the names that its values give them. */
export const THIRD_PARTY_IMAGE = {
  postgres: imageName('postgres', '15'),
  prometheus: imageName('prometheus', '2.42'),
  natsServer: imageName('nats-server', artefactOf('nats-server').version),
} as const;

export const BASE_IMAGE = imageName('base');

/** Node.js of this process (the version that the repository pins) with its libraries, a user and /tmp; nothing else, not even a shell. */
export async function baseImage(): Promise<ImageRecipe> {
  return {
    name: BASE_IMAGE,
    inputs: `${process.version} ${await hashFile(process.execPath)}`,
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
  return [await staticImage('nats-server'), await postgresImage(), await prometheusImage()];
}

/** Debian's PostgreSQL with its modules, time zones, the C.UTF-8 locale and a small shell for start scripts. */
async function postgresImage(): Promise<ImageRecipe> {
  return {
    name: THIRD_PARTY_IMAGE.postgres,
    inputs: `without ${NOT_NEEDED.source} ${await hashFolder(join(POSTGRES_DIR, 'bin'))} ${await hashFile('/bin/busybox')}`,
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
    name: THIRD_PARTY_IMAGE.prometheus,
    inputs: await hashFile(PROMETHEUS),
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
