import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Settings of the whole machine that a kubelet changes at its start (pkg/kubelet/cm, setupKernelTunables). */
const CHANGED_BY_KUBELET = [
  'vm/overcommit_memory',
  'vm/panic_on_oom',
  'kernel/panic',
  'kernel/panic_on_oops',
  'kernel/keys/root_maxkeys',
  'kernel/keys/root_maxbytes',
];

const RUN = '/run';
/** Below /run: the settings and this note of them are both gone after a reboot. */
const SAVED = join(RUN, 'subnetes-kernel-settings.json');

/** Notes the machine's settings before the first cluster changes them; a note that exists is older and stays. */
export async function saveKernelSettings(): Promise<void> {
  const settings = Object.fromEntries(
    CHANGED_BY_KUBELET.map((name) => [name, readFileSync(`/proc/sys/${name}`, 'utf8').trim()]),
  );
  await writeFile(SAVED, JSON.stringify(settings), { flag: 'wx' }).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  });
}

/** Gives the machine its settings back once no cluster of ours is left on it. */
export async function restoreKernelSettings(): Promise<void> {
  if (readdirSync(RUN).some((name) => /^subnetes-[0-9a-f]{8}$/.test(name))) return;
  const saved = await readFile(SAVED, 'utf8').catch(() => '{}'); // nothing was started since the last reboot
  for (const [name, value] of Object.entries(JSON.parse(saved) as Record<string, string>)) {
    if (CHANGED_BY_KUBELET.includes(name)) writeFileSync(`/proc/sys/${name}`, value);
  }
  await rm(SAVED, { force: true });
}
