import { create, toBinary } from '@bufbuild/protobuf';
import { credentials } from '@grpc/grpc-js';
import { networkIdOf } from '@subnetes/keys/canonical-hash';
import { signEnvelope } from '@subnetes/keys/envelope';
import { EnvelopeType } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { Governance } from '@subnetes/proto/gen/subnetes/ledger/v1/governance_pb';
import { type WalletOrder, WalletOrderSchema } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { Slashing } from '@subnetes/proto/gen/subnetes/ledger/v1/slashing_pb';
import { createRpcClient } from '@subnetes/proto/grpc-client';
import { startNats, type TestNats } from '@subnetes/testkit/nats';
import { startPostgres, type TestPostgres } from '@subnetes/testkit/postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, type LedgerProcess, startLedger } from './ledger-process.ts';
import { desk, genesis as usual, keyOf, mandateOf, owner, putSubnetOf, registerOf } from './market.ts';

const TAO = 1_000_000_000n;
const genesis = {
  ...usual,
  governance: { deposit: '1', votingBlocks: 60, timelockBlocks: 2, quorumPpm: 0 },
};
const networkId = networkIdOf(genesis);
const arbiter = keyOf('arbiter');

let postgres: TestPostgres;
let nats: TestNats;
beforeAll(async () => {
  [postgres, nats] = await Promise.all([startPostgres(), startNats()]);
});
afterAll(async () => {
  await Promise.all([postgres[Symbol.asyncDispose](), nats[Symbol.asyncDispose]()]);
});

let sequence = 0n;
function submit({ client }: LedgerProcess, name: string, value: object) {
  sequence += 1n;
  const order = { case: name, value } as unknown as WalletOrder['order'];
  const payload = toBinary(WalletOrderSchema, create(WalletOrderSchema, { order } as never));
  const terms = { networkId, type: EnvelopeType.WALLET_ORDER, sequence, expiresAtBlock: 1_000_000n };
  return client.submitOrder({ order: signEnvelope({ ...terms, payload }, desk) });
}

/** What the ledger says of its blocks. */
async function pace({ client }: LedgerProcess): Promise<{ readonly rewardRao: string; readonly blockTimeMs: number }> {
  const { blockRewardRao: rewardRao, blockTimeMs } = await client.getNetwork({});
  return { rewardRao, blockTimeMs };
}

/** What boards are told that the token is called. */
async function tokenNames({ healthUrl }: LedgerProcess): Promise<readonly string[]> {
  const text = await (await fetch(`${healthUrl}/metrics`)).text();
  return [...text.matchAll(/^subnetes_ledger_token_info\{symbol="(\w+)"\} 1$/gm)].map(([, name = '']) => name);
}

/** What the next blocks mint each, in rao, and how many there were. */
async function watched({ client }: LedgerProcess, atLeast: bigint) {
  const from = await client.getNetwork({});
  const to = await eventually(async () => {
    const network = await client.getNetwork({});
    return network.block >= from.block + atLeast ? network : undefined;
  }, `${atLeast} more blocks are made`);
  const blocks = to.block - from.block;
  return { each: (BigInt(to.issuedRao) - BigInt(from.issuedRao)) / blocks, blocks };
}

test('a passed proposal changes reward, block time, symbol and slashing of a running ledger, and a restarted one goes on so', async () => {
  const place = { databaseUrl: await postgres.createDatabase(), natsUrl: nats.url, genesis };
  const changes = {
    blockRewardRao: (3n * TAO).toString(),
    blockTimeMs: 400,
    symbol: 'SUB',
    halving: 'None',
    unbondingBlocks: 50,
    slashing: {
      conditions: [{ type: 'DoubleSigning', ppm: 50_000, maxRao: '7' }],
      disputeBlocks: 20,
      decisionBlocks: 30,
      windowBlocks: 100,
      windowPpm: 60_000,
      reportDepositRao: '5',
      arbiters: [arbiter.address],
      arbitersRequired: 1,
      burnPpm: 1_000_000,
    },
  };
  const told = { rewardRao: (3n * TAO).toString(), blockTimeMs: 400 };
  {
    await using ledger = await startLedger(place);
    await ledger.client.putSubnet(putSubnetOf('sp500', mandateOf(owner, { networkId })));
    const mandate = mandateOf(desk, { networkId });
    await ledger.client.register(registerOf(1, 'garch', { stakeRao: TAO.toString(), mandate, networkId }));
    expect(await pace(ledger)).toEqual({ rewardRao: TAO.toString(), blockTimeMs: 100 });
    expect(await tokenNames(ledger)).toEqual(['TAO']);
    await submit(ledger, 'propose', { title: 'Slower', action: { action: { case: 'network', value: changes } } });
    await submit(ledger, 'vote', { proposal: 1n, choice: 'Yes' });
    await eventually(async () => ((await pace(ledger)).blockTimeMs === 400 ? true : undefined), 'blocks are slower');
    expect(await pace(ledger)).toEqual(told);
    expect(await tokenNames(ledger)).toEqual(['SUB']);
    expect(await watched(ledger, 3n)).toMatchObject({ each: 3n * TAO });
    await ledger.kill('SIGKILL');
  }
  await using ledger = await startLedger(place);
  expect(await pace(ledger)).toEqual(told);
  expect(await ledger.client.getNetwork({})).toMatchObject({ symbol: 'TAO', displaySymbol: 'SUB', halving: 'None' });
  const began = performance.now();
  const { each, blocks } = await watched(ledger, 5n);
  expect(each).toBe(3n * TAO);
  // The first of them may come at once, and the second as well where the first came late; a ledger that went by its file would
  // make them four times as fast.
  expect(performance.now() - began).toBeGreaterThan((Number(blocks) - 2) * 400 - 50);
  const address = { address: `127.0.0.1:${ledger.grpcPort}`, credentials: credentials.createInsecure() };
  using governance = createRpcClient(Governance, address);
  using slashing = createRpcClient(Slashing, address);
  expect(await governance.getProposal({ id: 1n })).toMatchObject({
    state: 'Executed',
    action: { action: { case: 'network', value: changes } },
  });
  expect(await slashing.getSlashingTerms({})).toMatchObject({
    enabled: true,
    unbondingBlocks: 50n,
    arbiters: [arbiter.address],
    conditions: [{ ppm: 50_000, maxRao: '7' }],
  });
  expect((await ledger.client.audit({})).findings).toEqual([]);
});
