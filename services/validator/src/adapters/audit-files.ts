import { createHash } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { KeepAudit } from '#application/audit-answer.ts';

const FOLDER = 'audits';
/** The newest are kept: a dispute is decided long before so many more have failed. */
const KEPT_MAX = 512;

/** Failed audits as files in the state folder, each under the sha256 of its bytes. */
export function auditFiles(stateDir: string): KeepAudit {
  const folder = join(stateDir, FOLDER);
  return async (audit) => {
    const text = JSON.stringify(audit);
    const sha256 = createHash('sha256').update(text).digest('hex');
    await mkdir(folder, { recursive: true });
    const path = join(folder, `${sha256}.json`);
    const file = await open(`${path}.new`, 'w', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${path}.new`, path);
    await forgetOldest(folder);
    return sha256;
  };
}

/** What a report names of several failed audits: the hash of their hashes as a JSON list, in the order of their days. */
export function auditsHash(hashes: readonly string[]): Uint8Array {
  return createHash('sha256').update(JSON.stringify(hashes)).digest();
}

async function forgetOldest(folder: string): Promise<void> {
  const names = await readdir(folder);
  if (names.length <= KEPT_MAX) return;
  const files = await Promise.all(names.map(async (name) => ({ name, ms: (await stat(join(folder, name))).mtimeMs })));
  const oldest = files.toSorted((left, right) => left.ms - right.ms).slice(0, names.length - KEPT_MAX);
  for (const { name } of oldest) await rm(join(folder, name), { force: true });
}
