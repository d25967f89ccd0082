import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { waitFor } from '@subnetes/testkit/processes';
import { expect, test } from 'vitest';
import { durableServers } from './durable-servers.ts';
import { startLedger } from './ledger-process.ts';
import { genesis } from './market.ts';
import { balanceOf, expectBooks, fund, SHOP, startLoad, untilMore } from './retrying-client.ts';

/** Wall time of the ledger's process jumps both ways while clients pay; nothing that it decides may follow. */
const servers = durableServers();

const HOUR_MS = 3_600_000;
/** From the real time: ahead, far behind, a leap second, and right again. */
const JUMPS_MS = [HOUR_MS, -HOUR_MS, -1000, 0];
const PRELOAD = pathToFileURL(path.join(import.meta.dirname, 'jumping-clock.mjs')).href;
/** Blocks that no test lives to see, and fewer than an hour has. */
const HOLD_BLOCKS = 30_000n;

test('wall time that jumps both ways ends no hold, makes no block up and loses no payment', async () => {
  const databaseUrl = await servers.postgres.createDatabase();
  const environment = { NODE_OPTIONS: `--import=${PRELOAD}`, WALL_JUMPS_MS: JUMPS_MS.join(',') };
  await using ledger = await startLedger({ databaseUrl, natsUrl: servers.nats.url, genesis, environment });
  await fund(ledger);
  const began = performance.now();
  const first = await ledger.client.getNetwork({});
  const hold = { id: 'h', account: SHOP, amount: { asset: 'TAO', amount: '7' } };
  await ledger.client.createHolds({ holds: [{ ...hold, expiresAtBlock: first.block + HOLD_BLOCKS }] });
  const load = startLoad(() => [ledger], 4);
  const metrics = async () => (await fetch(`${ledger.healthUrl}/metrics`)).text();
  const jumped = async (direction: string): Promise<number> =>
    Number(
      new RegExp(`clock_jumped_seconds_total\\{direction="${direction}"\\} ([0-9.e+]+)`).exec(await metrics())?.[1] ??
        0,
    );
  let before = 0;
  for (const offsetMs of JUMPS_MS) {
    await untilMore(load, 50);
    const direction = offsetMs > before ? 'forward' : 'backward';
    const told = await jumped(direction);
    ledger.child.kill('SIGUSR2');
    const seconds = Math.abs(offsetMs - before) / 1000;
    await waitFor(`a jump to ${offsetMs} ms`, async () => (await jumped(direction)) > told + seconds - 0.2);
    before = offsetMs;
    await untilMore(load, 50);
  }
  const last = await ledger.client.getNetwork({});
  const blocksMax = (performance.now() - began) / genesis.blockTimeMs + 2; // one that came late, and the one that was due right after it
  expect(Number(last.block - first.block)).toBeLessThanOrEqual(blocksMax);
  expect(last.block).toBeGreaterThan(first.block);
  expect(await ledger.client.getAccount({ account: SHOP })).toMatchObject({ heldRao: '7', holdsTotal: 1 });
  await load.stop();
  await expectBooks(ledger, load);
  await ledger.client.voidHolds({ holdIds: ['h'] });
  expect((await ledger.client.getAccount({ account: SHOP })).spendableRao).toBe(String(await balanceOf(ledger, SHOP)));
});
