import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import type { Bus } from '@subnetes/bus/bus';
import { openNatsBus } from '@subnetes/bus/nats-bus';
import { ALL_EPOCHS_DUE, ALL_EPOCHS_PAID, epochScoredSubject, scoredMessageId } from '@subnetes/bus/subjects';
import {
  type EpochDue,
  EpochDueSchema,
  type EpochPaid,
  EpochPaidSchema,
  EpochScoredSchema,
} from '@subnetes/proto/gen/subnetes/events/v1/events_pb';
import { ListNeuronsResponseSchema } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { openDatabase } from '@subnetes/runtime/postgres';
import { startNats, type TestNats } from '@subnetes/testkit/nats';
import { startPostgres, type TestPostgres } from '@subnetes/testkit/postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, startLedger } from './ledger-process.ts';
import { desk, genesis, keyOf, owner, putSubnetOf, registerOf } from './market.ts';

let postgres: TestPostgres;
let nats: TestNats;

beforeAll(async () => {
  [postgres, nats] = await Promise.all([startPostgres(), startNats()]);
});
afterAll(async () => {
  await postgres[Symbol.asyncDispose]();
  await nats[Symbol.asyncDispose]();
});

/** Scores an epoch: the first neuron gets all incentive, the second all dividends, less a rao each. */
function scoredOf(due: EpochDue, change: { incentiveRao?: string } = {}) {
  const [miner, validator] = due.neurons;
  return create(EpochScoredSchema, {
    sequence: due.index,
    netuid: due.netuid,
    index: due.index,
    dueSequence: due.sequence,
    inputsSha256: new Uint8Array(32).fill(1),
    outputsSha256: new Uint8Array(32).fill(Number(due.index)),
    neurons: [
      {
        uid: miner!.uid,
        registrationId: miner!.registrationId,
        incentiveRao: change.incentiveRao ?? (BigInt(due.minerRao) - 1n).toString(),
        dividendRao: '0',
        incentiveU16: 65_535,
      },
      {
        uid: validator!.uid,
        registrationId: validator!.registrationId,
        incentiveRao: '0',
        dividendRao: (BigInt(due.validatorRao) - 1n).toString(),
        dividendsU16: 65_535,
        validatorPermit: true,
      },
    ],
  });
}

async function publishScored(bus: Bus, scored: ReturnType<typeof scoredOf>, messageId?: string): Promise<void> {
  await bus.publish(epochScoredSubject(scored.netuid), toBinary(EpochScoredSchema, scored), {
    messageId: messageId ?? scoredMessageId(scored.netuid, scored.index),
  });
}

test('a market pays its first epochs, exactly once, whatever the bus repeats', async () => {
  const databaseUrl = await postgres.createDatabase();
  const stop = new AbortController();
  await using bus = await openNatsBus({ url: nats.url, name: 'test' });
  await bus.ensureStream('SCORING');
  await using ledger = await startLedger({ databaseUrl, natsUrl: nats.url, genesis });
  const { client } = ledger;
  const put = await client.putSubnet(putSubnetOf('sp500'));
  expect(put).toMatchObject({ policyVersion: 1n, subnet: { netuid: 1, handle: 'sp500', ownerColdkey: owner.address } });
  const miner = await client.register(registerOf(1, 'garch'));
  const validator = await client.register(registerOf(1, 'val-a', { stakeRao: '4500000000000' }));
  expect([miner.neuron?.uid, validator.neuron?.uid]).toEqual([0, 1]);
  expect(validator.neuron?.stake?.amount).toBe('4500000000000');
  expect((await client.register(registerOf(1, 'garch'))).alreadyRegistered).toBe(true);

  const paid: EpochPaid[] = [];
  const pots: bigint[] = [];
  const scoring = bus.consume({
    stream: 'LEDGER',
    durable: 'test-scoring',
    subjects: [ALL_EPOCHS_DUE, ALL_EPOCHS_PAID],
    failed: () => {},
    signal: stop.signal,
    handle: async ([message]) => {
      if (message!.subject.includes('.paid.')) {
        paid.push(fromBinary(EpochPaidSchema, message!.payload));
        return;
      }
      const due = fromBinary(EpochDueSchema, message!.payload);
      const scored = scoredOf(due);
      pots.push(BigInt(due.potRao));
      await publishScored(bus, scored);
      await publishScored(bus, scored, `again/${due.index}`);
      await publishScored(bus, scoredOf(due, { incentiveRao: '5' }), `forged/${due.index}`);
    },
  });
  await eventually(async () => (paid.length >= 3 ? paid : undefined), 'three epochs are paid');
  stop.abort();
  await scoring;
  await eventually(async () => {
    const subnet = await client.getSubnet({ by: { case: 'netuid', value: 1 } });
    return subnet.lastPaidIndex >= 3n ? subnet : undefined;
  }, 'the ledger knows of them');
  // Two rao of each epoch are unattributed and come with one after it; blocks bring whole tokens.
  expect(pots.some((pot) => pot % 1_000_000_000n === 2n)).toBe(true);
  expect(paid.slice(0, 3).map(({ index }) => index)).toEqual([1n, 2n, 3n]);
  const bucket = await bus.bucket('endpoints');
  const endpoints = fromBinary(ListNeuronsResponseSchema, (await bucket.get('1')) ?? new Uint8Array());
  expect(endpoints.neurons.map(({ hotkey }) => hotkey)).toEqual([keyOf('garch').address, keyOf('val-a').address]);
  const audit = await client.audit({ verifyChain: true });
  expect(audit).toMatchObject({ differenceRao: '0', chainVerified: true, findings: [] });
  expect(audit.burnedRao).toBe('2000000000');
  const { balances } = await client.getBalances({ accounts: [owner.address, desk.address, 'mint', 'burned'] });
  expect(balances.find(({ account }) => account === 'mint')).toMatchObject({ negative: true });
  const refused = ledger.lines.filter((line) => line.includes('EPOCH_CONFLICT'));
  expect(refused.length).toBeGreaterThanOrEqual(3);
});

test('while balances do not add up nothing is paid, and payments go on when they do', async () => {
  const databaseUrl = await postgres.createDatabase();
  const stop = new AbortController();
  await using admin = await openDatabase({ url: databaseUrl });
  await using broken = await startNats();
  await using bus = await openNatsBus({ url: broken.url, name: 'test' });
  await bus.ensureStream('SCORING');
  await using ledger = await startLedger({ databaseUrl, natsUrl: broken.url, genesis });
  const { client } = ledger;
  await client.putSubnet(putSubnetOf('sp500'));
  await client.register(registerOf(1, 'garch'));
  await client.register(registerOf(1, 'val-a'));
  const steal = (rao: number) =>
    admin.query(`UPDATE settled_accounts SET posted = posted + ${rao} WHERE id = $1`, [owner.address]);
  const metrics = async () => (await fetch(`${ledger.healthUrl}/metrics`)).text();
  const seen = (line: string) => async () => ((await metrics()).includes(line) ? true : undefined);
  // What entries tell beside the table would hide it.
  await eventually(async () => {
    const [row] = await admin.query(
      'SELECT sequence >= (SELECT max(sequence) FROM legs WHERE account = $1) AS done FROM settlement',
      [owner.address],
    );
    return row?.['done'] === true ? true : undefined;
  }, 'the balance is settled');
  await steal(1);
  await eventually(seen('\nsubnetes_ledger_conservation_difference_rao 1\n'), 'the audit finds the rao');
  const scoring = bus.consume({
    stream: 'LEDGER',
    durable: 'test-scoring',
    subjects: [ALL_EPOCHS_DUE],
    failed: () => {},
    signal: stop.signal,
    handle: async ([message]) => publishScored(bus, scoredOf(fromBinary(EpochDueSchema, message!.payload))),
  });
  await eventually(
    seen('subnetes_bus_messages_consumed_total{consumer="ledger",outcome="failed"}'),
    'a payment is put off',
  );
  expect((await client.getSubnet({ by: { case: 'netuid', value: 1 } })).lastPaidIndex).toBe(0n);
  expect(await client.audit({ verifyChain: true })).toMatchObject({ differenceRao: '1', chainVerified: false });
  await steal(-1);
  await eventually(seen('\nsubnetes_ledger_epoch_paid_index{subnet="1"} 1\n'), 'the epoch is paid');
  stop.abort();
  await scoring;
  expect(await metrics()).toContain('subnetes_ledger_invariant_ok{invariant="conservation"} 1');
});

test('on PGlite a killed ledger goes on where it was', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'subnetes-pglite-ledger-'));
  try {
    const options = { databaseUrl: `pglite:${folder}`, natsUrl: nats.url, genesis };
    const first = await startLedger(options);
    await first.client.putSubnet(putSubnetOf('sp500'));
    const { neuron } = await first.client.register(registerOf(1, 'garch'));
    await first.kill('SIGKILL');
    await first[Symbol.asyncDispose]();
    await using second = await startLedger(options);
    const { neurons } = await second.client.listNeurons({ netuid: 1 });
    expect(neurons.map(({ registrationId }) => registrationId)).toEqual([neuron?.registrationId]);
    expect(await second.client.audit({ verifyChain: true })).toMatchObject({ differenceRao: '0', chainVerified: true });
  } finally {
    await rm(folder, { recursive: true });
  }
});
