import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { lockFolder } from '@subnetes/runtime/folder-lock';
import type { WitnessedTree, WitnessState } from '@subnetes/transparency/witness';
import { z } from 'zod';

const storedTree = z.strictObject({
  origin: z.string(),
  size: z.int().min(0),
  root: z.string().regex(/^[0-9a-f]{64}$/),
});

/**
 * What was signed last of each log, a file each. It is on the disk before an answer leaves: a witness that forgets signs a fork.
 * @throws OutageError when another process has the folder
 */
export async function witnessedTrees(folder: string): Promise<WitnessState & AsyncDisposable> {
  await mkdir(folder, { recursive: true });
  const lock = await lockFolder(folder);
  let last: Promise<unknown> = Promise.resolve();
  return {
    read: (origin) => readTree(folder, origin),
    replace(origin, before, tree) {
      const done = last.then(() => replaceTree(folder, origin, { before, tree }));
      last = done.catch(() => {}); // the caller has the error; the next one only waits for its end
      return done;
    },
    [Symbol.asyncDispose]: () => lock[Symbol.asyncDispose](),
  };
}

async function readTree(folder: string, origin: string): Promise<WitnessedTree | undefined> {
  let text: string;
  try {
    text = await readFile(fileOf(folder, origin), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  // A file that cannot be read ends the process: to begin anew would be to forget.
  const { size, root } = storedTree.parse(JSON.parse(text));
  return { size, root: Buffer.from(root, 'hex') };
}

async function replaceTree(
  folder: string,
  origin: string,
  { before, tree }: { readonly before: number; readonly tree: WitnessedTree },
): Promise<boolean> {
  const stored = await readTree(folder, origin);
  if ((stored?.size ?? 0) !== before) return false;
  const path = fileOf(folder, origin);
  const draft = `${path}.next`;
  await writeSynced(draft, JSON.stringify({ origin, size: tree.size, root: Buffer.from(tree.root).toString('hex') }));
  await rename(draft, path);
  await syncFolder(folder);
  return true;
}

async function writeSynced(path: string, text: string): Promise<void> {
  await using file = await open(path, 'w', 0o600);
  await file.writeFile(text);
  await file.sync();
}

/** Else a new name may be gone after a crash. */
async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, 'r');
  await handle.sync();
}

/** Origins have slashes. */
function fileOf(folder: string, origin: string): string {
  return join(folder, `${createHash('sha256').update(origin).digest('hex')}.json`);
}
