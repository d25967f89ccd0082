import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startPostgres, type TestPostgres } from '@subnetes/testkit/postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStore } from '../src/adapters/open-store.ts';
import { Auditor, verifyJournal } from '../src/application/audit.ts';
import { ledgerHashes, openLedger } from '../src/application/open-ledger.ts';
import type { Sequencer } from '../src/application/sequencer.ts';
import { JournalAudit } from '../src/domain/audit/journal-audit.ts';
import { Findings } from '../src/domain/audit/finding.ts';
import { produceBlock } from '../src/domain/economy/emission.ts';
import { putSubnet } from '../src/domain/economy/put-subnet.ts';
import { carryOut, type WalletOrder } from '../src/domain/economy/wallet-order.ts';
import { causeOf, expectConserved, mandateOf, stateText, TAO, testPolicy } from '../src/test/ledger-state.ts';
import { genesisWithTokens } from '../src/test/pool-state.ts';

const MIGRATIONS = path.join(import.meta.dirname, '../migrations');

let postgres: TestPostgres;
let folder: string;
beforeAll(async () => {
  postgres = await startPostgres();
  folder = await mkdtemp(path.join(tmpdir(), 'subnetes-pools-'));
});
afterAll(async () => {
  await postgres[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const hashes = ledgerHashes(({ netuid, hotkey, block }) => Buffer.from(`${netuid}/${hotkey}/${block}`).toString('hex'));
const genesis = genesisWithTokens(
  { poolPpm: 500_000, movingPpm: 100_000, movingHalvingBlocks: 10 },
  { emissionPolicy: { name: 'Flow', version: 1, fromBlock: 4 } },
);

async function openOn(url: string) {
  const halts: unknown[] = [];
  const opened = await openStore({ url, migrations: MIGRATIONS });
  const sequencer = await openLedger({
    store: opened.store,
    hashes,
    genesis,
    monotonicMs: () => performance.now(),
    retryDelay: () => Promise.reject(new Error('the database went away')),
    onHalt: (cause) => halts.push(cause),
  });
  return { opened, sequencer, halts };
}

async function begin(sequencer: Sequencer): Promise<void> {
  for (const handle of ['sp500', 'gold']) {
    const put = await sequencer.submit({
      run: (ledger) =>
        putSubnet(ledger, {
          netuid: 0,
          handle,
          policy: testPolicy,
          emission: 'Started',
          registration: 'Open',
          mandate: mandateOf('owner'),
          cause: causeOf(handle, { kind: 'Subnet' }),
        }),
    });
    expect(put).toMatchObject({ ok: true });
  }
}

/** Swaps of two wallets in two pools, blocks between them. */
async function trade(sequencer: Sequencer, from: number): Promise<void> {
  for (let at = 0; at < 40; at += 1) {
    const netuid = 1 + (at % 2);
    const order: WalletOrder =
      at % 3 === 2
        ? { type: 'SwapSell', netuid, amount: BigInt(at) * 10_000_000n, minOut: 1n, allowPartial: false }
        : { type: 'SwapBuy', netuid, amount: BigInt(1 + at) * 20_000_000n, limitPrice: 5n * TAO, allowPartial: true };
    const signed = { signer: at % 5 === 0 ? 'owner' : 'desk', sequence: from + at, expiresAtBlock: 10_000, order };
    await sequencer.submit({ run: (ledger) => carryOut(ledger, signed) });
    if (at % 4 === 3) await sequencer.submit({ run: (ledger) => produceBlock(ledger, 0) });
  }
}

const state = (sequencer: Sequencer): Promise<string> =>
  sequencer.read((ledger) => {
    expectConserved(ledger);
    return stateText(ledger);
  });

test.for([
  ['PostgreSQL', () => postgres.createDatabase()],
  ['PGlite', async () => `pglite:${path.join(folder, 'pools')}`],
] as const)('pools are read back from %s as they were in memory, and both audits find nothing', async ([, urlOf]) => {
  const url = await urlOf();
  const [opens, closes]: [string[], string[]] = [[], []];
  for (let round = 0; round < 3; round += 1) {
    const { opened, sequencer, halts } = await openOn(url);
    if (round === 0) await begin(sequencer);
    opens.push(await state(sequencer));
    await trade(sequencer, 1 + round * 100);
    closes.push(await state(sequencer));
    await sequencer.close();
    expect(halts).toEqual([]);
    await opened[Symbol.asyncDispose]();
  }
  expect(opens.slice(1)).toEqual(closes.slice(0, -1));
  await using store = await openStore({ url, migrations: MIGRATIONS });
  expect(await verifyJournal(store.store, hashes)).toEqual({ verified: true, firstBrokenSequence: 0, findings: [] });
  expect(await new Auditor(store.store, genesis).audit()).toMatchObject({ difference: 0n, broken: [] });
  const entries = await store.store.readEntries({ afterSequence: 0, limit: 1000 });
  expect(new Set(entries.map(({ kind }) => kind))).toEqual(
    new Set([
      'Genesis',
      'SubnetChanged',
      'PoolOpened',
      'OrderSwapBuy',
      'OrderSwapSell',
      'Block',
      'EpochDue',
      'EmissionSwitched',
    ]),
  );
  const [audit, findings] = [new JournalAudit(hashes.chain), new Findings()];
  for (const entry of entries) audit.take(entry, findings);
  expect(findings.all).toEqual([]);
});
