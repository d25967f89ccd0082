import { binaryPath } from '#binaries.ts';
import type { ClusterLayout } from '#cluster-layout.ts';
import { CommandError, runCommand } from '#run-command.ts';
import { waitUntil } from '#wait-until.ts';

/** The same kubectl as a user's, with the user's kubeconfig. */
export function kubectl(
  layout: ClusterLayout,
): (args: readonly string[], objects?: readonly object[]) => Promise<string> {
  return async (args, objects) => {
    const input = objects?.map((object) => JSON.stringify(object)).join('\n---\n');
    return runCommand(
      binaryPath('kubectl'),
      ['--kubeconfig', layout.kubeconfig, ...args],
      input === undefined ? {} : { input },
    );
  };
}

/** Whether a command in a pod succeeds; a failure of kubectl itself is thrown. */
export async function succeedsInPod(
  run: ReturnType<typeof kubectl>,
  pod: string,
  command: readonly string[],
): Promise<boolean> {
  try {
    await run(['exec', pod, '--', ...command]);
    return true;
  } catch (error) {
    if (error instanceof CommandError && error.stderr.includes('command terminated with exit code')) return false;
    throw error;
  }
}

/** Waits until a command in a pod succeeds (or fails): rules change some milliseconds after the API has accepted them. */
export async function untilInPod(
  run: ReturnType<typeof kubectl>,
  pod: string,
  expectation: { readonly command: readonly string[]; readonly succeeds: boolean },
): Promise<void> {
  const { command, succeeds } = expectation;
  await waitUntil(async () => ((await succeedsInPod(run, pod, command)) === succeeds ? true : undefined), {
    timeoutMs: 15_000,
    what: `"${command.join(' ')}" in ${pod} to ${succeeds ? 'succeed' : 'fail'}`,
  });
}
