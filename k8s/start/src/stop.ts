import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { localConfig } from '@subnetes/local-cluster/config';
import { down } from '@subnetes/local-cluster/cluster';
import { unmountBelow } from '@subnetes/local-cluster/mounts';
import { inStep } from '@subnetes/local-cluster/progress';
import type { OnProgress } from '@subnetes/local-cluster/progress';

/** Removes the local cluster with all it holds and `.local`; with `purge` also what was compiled and built. */
export async function stop(context: {
  readonly root: string;
  readonly purge: boolean;
  readonly onProgress: OnProgress;
}): Promise<void> {
  await down({ onProgress: context.onProgress });
  await inStep('remove .local', context.onProgress, () => removeLocal(path.join(context.root, '.local')));
  if (!context.purge) return;
  const { cacheDir } = localConfig();
  await inStep(`remove ${cacheDir}`, context.onProgress, async () => {
    // The image builder keeps its storage mounted onto itself.
    await unmountBelow(cacheDir);
    await rm(cacheDir, { recursive: true, force: true });
  });
}

/** Folders `cluster-<name>` belong to other clusters of this checkout, `dev` to `npm run dev`; they may be running. */
async function removeLocal(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []); // no folder: nothing to remove
  const others = names.filter((name) => name.startsWith('cluster-') || name === 'dev');
  if (others.length === 0) return rm(folder, { recursive: true, force: true });
  for (const name of names.filter((candidate) => !others.includes(candidate))) {
    await rm(path.join(folder, name), { recursive: true, force: true });
  }
}
