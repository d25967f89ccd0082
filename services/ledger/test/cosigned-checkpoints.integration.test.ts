import { cp, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { RpcError } from '@subnetes/proto/rpc-error';
import { freePort, type ServerProcess, startProcess, temporaryFolder, waitFor } from '@subnetes/testkit/processes';
import { programEnvironment } from '@subnetes/testkit/program-environment';
import { ledgerOrigin } from '@subnetes/transparency/ledger-origin';
import { cosigner, noteSigner } from '@subnetes/transparency/note-signer';
import { judgeCheckpoint, trustPolicy } from '@subnetes/transparency/trust-policy';
import { formatVerifierKey } from '@subnetes/transparency/verifier-key';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, type LedgerProcess, startLedger } from './ledger-process.ts';
import { genesis, networkId } from './market.ts';

/** A ledger, and a witness of another owner that follows it: the processes as they are deployed. */
const LOG_SECRET = '5a'.repeat(32);
const WITNESS_SECRET = '6b'.repeat(32);
const NAME = 'witness.example/one';
const WITNESS_MAIN = path.join(import.meta.dirname, '../../witness/src/main.ts');

const log = valueOf(noteSigner(ledgerOrigin(Buffer.from(networkId).toString('hex')), Buffer.from(LOG_SECRET, 'hex')));
const witness = valueOf(cosigner(NAME, Buffer.from(WITNESS_SECRET, 'hex')));
const policy = valueOf(
  trustPolicy({ origin: log.key.name, logKeys: [log.key], witnesses: [witness.key], witnessesMin: 0 }),
);

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let port: number;

beforeAll(async () => {
  folder = await temporaryFolder('cosigned');
  port = await freePort();
  for (const [name, secret] of Object.entries({
    log: LOG_SECRET,
    checkpoints: WITNESS_SECRET,
    epochs: '7c'.repeat(32),
  })) {
    await writeFile(path.join(folder.path, name), secret);
  }
});
afterAll(() => folder[Symbol.asyncDispose]());

function valueOf<T>(decision: { readonly ok: true; readonly value: T } | { readonly ok: false }): T {
  if (!decision.ok) throw new Error('refused');
  return decision.value;
}

const at = (name: string): string => path.join(folder.path, name);

async function startWitness(): Promise<ServerProcess> {
  const witnessing = await startProcess({
    command: process.execPath,
    args: [WITNESS_MAIN],
    env: {
      ...programEnvironment(),
      INSECURE_MODE: 'loopback',
      HEALTH_PORT: '0',
      LEDGER_URL: '127.0.0.1:1', // epochs are not what this is about
      SCORING_URL: '127.0.0.1:1',
      WITNESS_KEY_FILE: at('epochs'),
      CHECKPOINT_DIR: at('witnessed'),
      CHECKPOINT_KEY_FILE: at('checkpoints'),
      CHECKPOINT_NAME: NAME,
      LOG_KEYS: formatVerifierKey(log.key),
      HTTP_PORT: String(port),
    },
  });
  await waitFor('the witness to serve', () => /checkpoints are signed/.test(witnessing.output()) || undefined);
  return witnessing;
}

const openLedger = (database: string): Promise<LedgerProcess> =>
  startLedger({
    databaseUrl: `pglite:${at(database)}`,
    natsUrl: 'nats://127.0.0.1:1',
    genesis,
    environment: {
      LOG_KEY_FILE: at('log'),
      CHECKPOINT_BLOCKS: '1',
      CHECKPOINT_WITNESSES: `http://127.0.0.1:${port} ${formatVerifierKey(witness.key)}`,
    },
  });

/** The newest checkpoint above a size that so many witnesses have signed. */
async function checkpointOf(ledger: LedgerProcess, { above, witnesses }: { above: number; witnesses: number }) {
  return eventually(async () => {
    try {
      const judged = valueOf(judgeCheckpoint((await ledger.client.getCheckpoint({})).note, policy));
      return judged.checkpoint.size > above && judged.witnesses.length === witnesses ? judged.checkpoint : undefined;
    } catch (error) {
      if (error instanceof RpcError && error.reason === 'NO_CHECKPOINT') return undefined;
      throw error;
    }
  }, `a checkpoint above ${above} has ${witnesses} signatures of witnesses`);
}

/** What the ledger makes of incidents, by which payouts stop and people are called. */
const trusts = (ledger: LedgerProcess, is: boolean): Promise<true> =>
  eventually(
    async () => {
      const metrics = await (await fetch(`${ledger.healthUrl}/metrics`)).text();
      const line = `subnetes_ledger_invariant_ok{invariant="outside_audit"} ${is ? 1 : 0}`;
      return metrics.includes(line) ? true : undefined;
    },
    `the ledger ${is ? 'is not in doubt' : 'stops payouts'}`,
  );

test('a witness signs what continues, is not waited for, remembers through a kill, and signs no fork', async () => {
  let witnessing = await startWitness();
  let reached: number;
  {
    await using ledger = await openLedger('true');
    const first = await checkpointOf(ledger, { above: 0, witnesses: 1 });
    await witnessing.stop('SIGKILL');
    const alone = await checkpointOf(ledger, { above: first.size, witnesses: 0 });
    witnessing = await startWitness();
    reached = (await checkpointOf(ledger, { above: alone.size, witnesses: 1 })).size;
    await trusts(ledger, true);
  }
  await cp(at('true'), at('old'), { recursive: true });
  {
    await using fork = await openLedger('fork');
    await waitFor(
      'the witness to refuse the fork',
      () => /"code":"(PROOF_WRONG|ROOT_MISMATCH)"/.test(witnessing.output()) || undefined,
      120_000,
    );
    expect((await checkpointOf(fork, { above: reached, witnesses: 0 })).size).toBeGreaterThan(reached);
    await trusts(fork, false);
  }
  {
    await using again = await openLedger('true');
    await checkpointOf(again, { above: reached + 20, witnesses: 1 });
    await trusts(again, true);
  }
  // A copy of before, restored by mistake: what the witness has signed since is not in it.
  await using old = await openLedger('old');
  await trusts(old, false);
  await witnessing.stop('SIGTERM');
}, 300_000);
