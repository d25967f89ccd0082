import { readFile } from 'node:fs/promises';
import { runCommand } from '#run-command.ts';

/** Mount points of a /proc/self/mountinfo text at or below `folder`, deepest and latest first: the order to unmount them in. */
export function mountsBelow(folder: string, mountinfo: string): readonly string[] {
  return mountinfo
    .split('\n')
    .map((line) => unescapeOctal(line.split(' ')[4] ?? ''))
    .filter((point) => point === folder || point.startsWith(`${folder}/`))
    .toReversed()
    .toSorted((a, b) => b.split('/').length - a.split('/').length);
}

/** The kernel writes space, tab, newline and backslash in paths as \040 and so on (proc(5)). */
function unescapeOctal(path: string): string {
  return path.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCodePoint(Number.parseInt(octal, 8)));
}

/** Mount points at or below `folder` now. */
export async function currentMounts(folder: string): Promise<readonly string[]> {
  return mountsBelow(folder, await readFile('/proc/self/mountinfo', 'utf8'));
}

/**
 * Unmounts all that is mounted at or below `folder`, lazily where something still holds it.
 * @throws Error when mounts are left after three rounds: deleting the folder would then delete what is mounted there.
 */
export async function unmountBelow(folder: string): Promise<void> {
  let failure: unknown;
  for (let round = 0; round < 3; round += 1) {
    const mounts = await currentMounts(folder);
    if (mounts.length === 0) return;
    for (const point of mounts) {
      try {
        await runCommand('umount', ['--lazy', point]);
      } catch (error) {
        failure = error; // the next round looks again: an outer unmount may have taken it along
      }
    }
  }
  const left = await currentMounts(folder);
  if (left.length > 0) throw new Error(`still mounted below ${folder}: ${left.join(', ')}`, { cause: failure });
}
