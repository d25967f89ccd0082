import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { binaryPath } from '@subnetes/local-cluster/binaries';
import { expect, test } from 'vitest';
import { request } from 'undici';
import { endpoints, LOCAL, ROOT, services, tools } from './market.ts';

const [backUp = '', restore = ''] = [
  ...readFileSync(path.join(ROOT, 'docs/guides/backup.md'), 'utf8').matchAll(/```sh\n([\s\S]*?)```/g),
].map((match) => match[1] ?? '');

async function ledger(): Promise<{ readonly lastPaid: bigint; readonly sequence: bigint }> {
  using clients = await services();
  const { sequence } = await clients.ledger.getNetwork({});
  return {
    lastPaid: (await clients.ledger.getSubnet({ by: { case: 'handle', value: 'sp500' } })).lastPaidIndex,
    sequence,
  };
}

async function hashAt(sequence: bigint): Promise<string | undefined> {
  using clients = await services();
  const { entries } = await clients.ledger.listEntries({ afterSequence: sequence - 1n, limit: 1 });
  return entries[0] === undefined ? undefined : Buffer.from(entries[0].hash).toString('hex');
}

const INFER = {
  inputs: [{ name: 'closes', datatype: 'FP64', shape: [3], data: [2789.8, 2846.1, 2874.6] }],
};

/** What the gateway answers to a request with this key; 0 while it cannot be reached. */
async function statusWith(apiKey: string): Promise<number> {
  try {
    const { statusCode, body } = await request(`${endpoints().gateway}/v2/models/sp500.forecast/infer`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(INFER),
    });
    await body.dump();
    return statusCode;
  } catch {
    return 0; // its pod is being replaced
  }
}

async function createKey(name: string): Promise<{ readonly keyId: string; readonly secret: string }> {
  using clients = await services();
  return await clients.keys.createKey({ account: 'research', name });
}

async function revokeKey(keyId: string): Promise<void> {
  using clients = await services();
  await clients.keys.revokeKey({ keyId });
}

/** What a restore is for: all rows of all three databases are gone. */
async function loseEverything(): Promise<void> {
  const emptyAll = `DO $$ DECLARE name text; BEGIN FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public'
    LOOP EXECUTE format('TRUNCATE %I CASCADE', name); END LOOP; END $$`;
  for (const database of ['ledger', 'scoring', 'billing']) {
    const psql = ['/usr/lib/postgresql/15/bin/psql', '-h', '/tmp', '-U', 'postgres', '-d', database, '-c', emptyAll];
    await tools().kubectl(['-n', 'subnetes-system', 'exec', 'postgres-0', '--', ...psql]);
  }
}

const polling = { timeout: 180_000, interval: 500 };

test('the commands of the guide back up and restore a market that goes on paying', { timeout: 600_000 }, async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'subnetes-backup-'));
  const env = {
    ...process.env,
    KUBECONFIG: path.join(LOCAL, 'kubeconfig'),
    PATH: `${path.join(ROOT, 'node_modules/.bin')}:${path.dirname(binaryPath('kubectl'))}:${process.env['PATH']}`,
  };
  // The command line looks for .local from the checkout; the dumps lie in the scratch folder.
  const shell = (script: string) =>
    promisify(execFile)(
      'sh',
      [
        '-euc',
        `cd ${folder}\n${script.replaceAll('npx subnetes ledger verify', `(cd ${ROOT} && subnetes ledger verify)`)}`,
      ],
      { env },
    );
  try {
    const kept = await createKey('made before the backup');
    const ended = await createKey('revoked before the backup');
    await revokeKey(ended.keyId);
    await expect.poll(() => statusWith(kept.secret), polling).toBe(200);
    await shell(backUp);
    const late = await createKey('made after the backup');
    await expect.poll(() => statusWith(late.secret), polling).toBe(200);
    const dumped = await ledger();
    const hash = await hashAt(dumped.sequence - 50n);
    await expect
      .poll(async () => (await ledger()).lastPaid, { timeout: 120_000, interval: 500 })
      .toBeGreaterThan(dumped.lastPaid);
    await loseEverything();
    const { stdout } = await shell(restore);
    expect(stdout).toMatch(/✔|verified|difference/i);
    expect(await hashAt(dumped.sequence - 50n)).toBe(hash);
    await expect
      .poll(async () => (await ledger()).lastPaid, { timeout: 180_000, interval: 1000 })
      .toBeGreaterThanOrEqual(dumped.lastPaid + 2n);
    using clients = await services();
    expect(await clients.ledger.audit({ verifyChain: true })).toMatchObject({
      differenceRao: '0',
      chainVerified: true,
      findings: [],
    });
    // The bus was emptied: what is in it now, billing put there from its restored database.
    await expect.poll(() => statusWith(kept.secret), polling).toBe(200);
    expect(await statusWith(ended.secret)).toBe(401);
    expect(await statusWith(late.secret)).toBe(401);
    await revokeKey(kept.keyId);
    await expect.poll(() => statusWith(kept.secret), polling).toBe(401);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
