import { networkIdOf } from '@subnetes/keys/canonical-hash';
import { signEnvelope } from '@subnetes/keys/envelope';
import { create, toBinary } from '@bufbuild/protobuf';
import { credentials } from '@grpc/grpc-js';
import { EnvelopeType } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { type WalletOrder, WalletOrderSchema } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { Pools } from '@subnetes/proto/gen/subnetes/ledger/v1/pools_pb';
import { createRpcClient } from '@subnetes/proto/grpc-client';
import { isOutage } from '@subnetes/proto/rpc-error';
import { startNats, type TestNats } from '@subnetes/testkit/nats';
import { startPostgres, type TestPostgres } from '@subnetes/testkit/postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LedgerProcess, startLedger } from './ledger-process.ts';
import { desk, genesis as plain, mandateOf, owner, putSubnetOf } from './market.ts';
import { startStatementWire, type WireMoment } from './statement-wire.ts';

/** The writer is killed at each step of the commit of each order at a pool: the pool is as if that had happened once, or not. */
const genesis = { ...plain, blockTimeMs: 600_000, subnetTokens: { type: 'Balancer', initialLiquidity: '100' } };
const networkId = networkIdOf(genesis);
const TAO = 1_000_000_000n;

let postgres: TestPostgres;
let nats: TestNats;
beforeAll(async () => {
  [postgres, nats] = await Promise.all([startPostgres({ fsync: true }), startNats()]);
});
afterAll(async () => {
  await postgres[Symbol.asyncDispose]();
  await nats[Symbol.asyncDispose]();
});

const bounds = { netuid: 1, limitPriceRao: '', allowPartial: false };
const ORDERS: readonly (readonly [kind: string, order: WalletOrder['order']])[] = [
  [
    'OrderSwapBuy',
    {
      case: 'swapBuy',
      value: { $typeName: 'subnetes.ledger.v1.SwapBuyOrder', ...bounds, amountRao: String(10n * TAO), minOut: '1' },
    },
  ],
  [
    'OrderTransferAlpha',
    {
      case: 'transferAlpha',
      value: { $typeName: 'subnetes.ledger.v1.TransferAlphaOrder', netuid: 1, to: owner.address, amount: '5000' },
    },
  ],
  [
    'OrderSwapSell',
    {
      case: 'swapSell',
      value: { $typeName: 'subnetes.ledger.v1.SwapSellOrder', ...bounds, amount: String(TAO), minOutRao: '1' },
    },
  ],
];

function signed(sequence: bigint, order: WalletOrder['order']) {
  const payload = toBinary(WalletOrderSchema, create(WalletOrderSchema, { order }));
  return signEnvelope(
    { networkId, type: EnvelopeType.WALLET_ORDER, sequence, expiresAtBlock: 1_000_000n, payload },
    desk,
  );
}

/** What everybody sees of the pool and of what two wallets have. */
async function seen({ client, grpcPort }: LedgerProcess) {
  using pools = createRpcClient(Pools, {
    address: `127.0.0.1:${grpcPort}`,
    credentials: credentials.createInsecure(),
  });
  const { pools: list } = await pools.listPools({});
  const wallets = [desk.address, owner.address];
  const { balances } = await client.getBalances({ accounts: [...wallets, 'burned'] });
  const holdings = await Promise.all(wallets.map((account) => pools.listHoldings({ account })));
  return {
    pools: list.map(({ taoReserve, alphaReserve, volumeRao, priceRao }) => [
      taoReserve?.amount,
      alphaReserve?.amount,
      volumeRao,
      priceRao,
    ]),
    balances: balances.map(({ posted }) => posted?.amount),
    holdings: holdings.map(({ holdings: each }) => each.map(({ units }) => units?.amount)),
  };
}

const again = (error: unknown): string =>
  isOutage(error) ? 'lost' : String((error as { readonly reason?: string }).reason);

test('killed at each step of each order, the pool comes to the same as without', async () => {
  const start = (databaseUrl: string): Promise<LedgerProcess> =>
    startLedger({ databaseUrl, natsUrl: nats.url, genesis, environment: { AUDIT_INTERVAL: '1h' } });
  await using calm = await start(await postgres.createDatabase());
  await calm.client.putSubnet(putSubnetOf('sp500', mandateOf(owner, { networkId })));
  await using wire = await startStatementWire(await postgres.createDatabase());
  let ledger = await start(wire.url);
  await ledger.client.putSubnet(putSubnetOf('sp500', mandateOf(owner, { networkId })));
  const outcomes: string[] = [];
  let sequence = 0n;
  for (const [kind, order] of ORDERS) {
    for (const when of ['before', 'uncommitted', 'after'] as const satisfies readonly WireMoment['when'][]) {
      sequence += 1n;
      await calm.client.submitOrder({ order: signed(sequence, order) });
      const dying = ledger;
      wire.arm({ text: kind, when }, () => void dying.child.kill('SIGKILL'));
      const submit = (to: LedgerProcess) =>
        to.client.submitOrder({ order: signed(sequence, order) }, { deadlineMs: 2000 }).then(() => 'done', again);
      const first = await submit(dying);
      await dying.kill('SIGKILL');
      await dying[Symbol.asyncDispose]();
      ledger = await start(wire.url);
      outcomes.push(`${when}: ${first}, ${await submit(ledger)}`);
      expect([kind, when, await seen(ledger)]).toEqual([kind, when, await seen(calm)]);
    }
  }
  const told = ['before: lost, done', 'uncommitted: lost, done', 'after: lost, ENVELOPE_REPLAYED'];
  expect(outcomes).toEqual(ORDERS.flatMap(() => told));
  const audit = await ledger.client.audit({ verifyChain: true });
  expect(audit).toMatchObject({ differenceRao: '0', chainVerified: true, findings: [] });
  await ledger[Symbol.asyncDispose]();
});
