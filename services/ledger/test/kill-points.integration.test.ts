import { isOutage } from '@subnetes/proto/rpc-error';
import { expect, test } from 'vitest';
import { durableServers } from './durable-servers.ts';
import { type LedgerProcess, startLedger } from './ledger-process.ts';
import { genesis } from './market.ts';
import { balanceOf, fund, FUNDS, send, SHOP } from './retrying-client.ts';
import { startStatementWire, type WireMoment } from './statement-wire.ts';

/** The writer is killed at each step of one commit: nothing acknowledged is lost, nothing is there by half, a retry books once. */
const servers = durableServers();

/** The first batch that a test sends carries this in its entries, and no block does. */
const MARK = 'kill-point-code';

/** From a process that is started to one that answers. */
const READY_MS_MAX = 10_000;

const MOMENTS: readonly (readonly [string, WireMoment])[] = [
  ['before its entries are sent', { text: MARK, when: 'before' }],
  ['once its entries are in and not committed', { text: MARK, when: 'uncommitted' }],
  ['once it is committed and not answered', { text: MARK, when: 'after' }],
];

test('killed at each step of a commit, it comes back with all or nothing of it', async () => {
  const databaseUrl = await servers.postgres.createDatabase();
  await using wire = await startStatementWire(databaseUrl);
  const start = (): Promise<LedgerProcess> =>
    startLedger({ databaseUrl: wire.url, natsUrl: servers.nats.url, genesis, environment: { AUDIT_INTERVAL: '1h' } });
  let ledger = await start();
  await fund(ledger);
  for (const [at, [name, moment]] of MOMENTS.entries()) {
    const ids = [`k${at}/0`, `k${at}/1`];
    const dying = ledger;
    wire.arm(moment, () => void dying.child.kill('SIGKILL'));
    const outcome = await send(dying, ids, 20_000, MARK).then(
      () => 'acknowledged',
      (error: unknown) => (isOutage(error) ? 'lost' : 'refused'),
    );
    await dying.kill('SIGKILL');
    await dying[Symbol.asyncDispose]();
    const began = performance.now();
    ledger = await start();
    expect(performance.now() - began).toBeLessThan(READY_MS_MAX);
    const { results } = await send(ledger, ids, 20_000, MARK);
    expect([name, outcome, results.map(({ ok }) => ok)]).toEqual([name, 'lost', [true, true]]);
    const booked = BigInt(2 * (at + 1));
    expect([name, await balanceOf(ledger, 'network'), await balanceOf(ledger, SHOP)]).toEqual([
      name,
      booked,
      FUNDS - booked,
    ]);
  }
  const audit = await ledger.client.audit({ verifyChain: true });
  expect(audit).toMatchObject({ differenceRao: '0', chainVerified: true, findings: [] });
  await ledger[Symbol.asyncDispose]();
});
