import { create, toBinary } from '@bufbuild/protobuf';
import { EXAMPLE_FUNCTIONS_BASE64 } from '@subnetes/incentive/gen/example-functions';
import { signEnvelope } from '@subnetes/keys/envelope';
import { EnvelopeType } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import type { Neuron } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import { Scoring, WeightsSetSchema } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import { createRpcClient, type RpcClient } from '@subnetes/proto/grpc-client';
import { moduleRunner } from '@subnetes/replay/module-runner';
import { readInputs, recomputeEpoch, sha256Hex } from '@subnetes/replay/recompute-epoch';
import { openDatabase } from '@subnetes/runtime/postgres';
import { grpcServerTrust } from '@subnetes/runtime/tls';
import { startNats, type TestNats } from '@subnetes/testkit/nats';
import { startPostgres, type TestPostgres } from '@subnetes/testkit/postgres';
import { freePort } from '@subnetes/testkit/processes';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, type LedgerProcess, startLedger } from './ledger-process.ts';
import { genesis, keyOf, mandateOf, networkId, owner, policy, putSubnetOf, registerOf } from './market.ts';
import { keyHexOf, type Process, startScoring, startWitness } from './witnessed-market.ts';

/**
 * Ledger, scoring and a witness as processes, on real PostgreSQL and nats-server, with a policy that names a function: the
 * ledger pays nothing that the witness did not compute too. Tests follow each other, on one market.
 */
const teardown = new AsyncDisposableStack();
const MINERS = ['best', 'good', 'fair'];
const VALIDATORS = ['val-a', 'val-b'];
let postgres: TestPostgres;
let nats: TestNats;
let ledger: LedgerProcess;
let scoring: Process;
let witness: Process;
let client: RpcClient<typeof Scoring>;
let scoringUrl: string;
let ledgerPort = 0;
let grpcPort = 0;
let sequence = 0n;

const moduleOf = (name: keyof typeof EXAMPLE_FUNCTIONS_BASE64): Uint8Array =>
  new Uint8Array(Buffer.from(EXAMPLE_FUNCTIONS_BASE64[name], 'base64'));
const hashOf = (module: Uint8Array): string => Buffer.from(moduleRunner().take(module), 'hex').toString('hex');
const WINNER = moduleOf('winner-takes-most');
const SMOOTHING = moduleOf('smoothing');

const startTheScoring = async (): Promise<void> => {
  scoring = await startScoring({
    databaseUrl: scoringUrl,
    natsUrl: nats.url,
    ledgerPort,
    grpcPort,
    keys: [keyHexOf(1)],
  });
};
const publish = (module: Uint8Array) =>
  client.publishIncentiveFunction({ netuid: 1, module, authority: { case: 'mandate', value: mandateOf(owner) } });
const put = async (incentiveFunction: object | undefined) => {
  const more = incentiveFunction === undefined ? {} : { countermeasures: { incentiveFunction } };
  const { hyperparameters } = policy;
  const open = { ...policy, hyperparameters: { ...hyperparameters, commitReveal: 'Off', weightsRateLimitBlocks: 0 } };
  return ledger.client.putSubnet({ ...putSubnetOf('sp500'), policy: { ...open, ...more } });
};

beforeAll(async () => {
  [postgres, nats] = await Promise.all([startPostgres(), startNats()]);
  teardown.use(postgres);
  teardown.use(nats);
  const ledgerUrl = await postgres.createDatabase('ledger');
  scoringUrl = await postgres.createDatabase('scoring');
  [ledgerPort, grpcPort] = [await freePort(), await freePort()];
  const environment = { GRPC_PORT: String(ledgerPort), WITNESSES_REQUIRED: '1', WITNESS_KEYS: keyHexOf(1) };
  ledger = teardown.use(await startLedger({ databaseUrl: ledgerUrl, natsUrl: nats.url, genesis, environment }));
  await put(undefined);
  for (const name of MINERS) await ledger.client.register(registerOf(1, name));
  for (const name of VALIDATORS) await ledger.client.register(registerOf(1, name, { stakeRao: '3500000000000' }));
  await startTheScoring();
  teardown.defer(() => scoring[Symbol.asyncDispose]());
  const credentials = grpcServerTrust(undefined);
  client = teardown.use(createRpcClient(Scoring, { address: `127.0.0.1:${grpcPort}`, credentials }));
  witness = teardown.use(await startWitness({ seed: 1, ledgerPort, scoringPort: grpcPort }));
});
afterAll(() => teardown.disposeAsync());

const subnet = () => ledger.client.getSubnet({ by: { case: 'netuid', value: 1 } });
const neurons = async (): Promise<readonly Neuron[]> => (await ledger.client.listNeurons({ netuid: 1 })).neurons;

/** Validators weigh the miners as 6 : 4 : 2, in the open. */
async function setWeights(): Promise<void> {
  const registered = await neurons();
  const uidOf = (name: string): Neuron => {
    const found = registered.find(({ hotkey }) => hotkey === keyOf(name).address);
    if (found === undefined) throw new Error(`${name} is not registered`);
    return found;
  };
  const rows = MINERS.map((name, at) => ({ uid: uidOf(name).uid, value: 60_000 - 20_000 * at }));
  rows.sort((left, right) => left.uid - right.uid);
  const sets = VALIDATORS.map((name) => {
    sequence += 1n;
    const payload = toBinary(
      WeightsSetSchema,
      create(WeightsSetSchema, { netuid: 1, uids: rows.map(({ uid }) => uid), values: rows.map(({ value }) => value) }),
    );
    const { registrationId } = uidOf(name);
    const type = EnvelopeType.SET_WEIGHTS;
    return signEnvelope({ networkId, type, registrationId, sequence, expiresAtBlock: 90_000n, payload }, keyOf(name));
  });
  const { results } = await client.setWeights({ sets });
  expect(results.map(({ ok, reason, message }) => (ok ? 'taken' : `${reason}: ${message}`))).toEqual([
    'taken',
    'taken',
  ]);
}

interface Outputs {
  readonly mechanisms: readonly {
    readonly policy?: { readonly incentiveFunction?: { sha256: string; refusal: unknown } };
  }[];
}

/** The first paid epoch from now on of which the function's record says so, as stored. */
async function untilPaid(what: string, holds: (outputs: Outputs, inputs: Record<string, unknown>) => boolean) {
  const from = (await subnet()).lastPaidIndex;
  return eventually(async () => {
    const { lastPaidIndex } = await subnet();
    for (let index = from + 1n; index <= lastPaidIndex; index += 1n) {
      const epoch = await client.getEpoch({ netuid: 1, index, withoutMetagraph: true });
      const inputs = JSON.parse(epoch.inputsJson) as Record<string, unknown>;
      if (holds(JSON.parse(epoch.outputsJson) as Outputs, inputs)) return { ...epoch, index };
    }
    return undefined;
  }, what);
}

const recordOf = ({ mechanisms }: Outputs) => mechanisms[0]?.policy?.incentiveFunction;

/** What the ledger paid miners by an epoch, in the order of their quality. */
async function paidByLedger(index: bigint): Promise<bigint[]> {
  const paid: { netuid: number; index: number; neurons: { uid: number; incentive: string }[] }[] = [];
  for (let after = 0n; ;) {
    const { entries } = await ledger.client.listEntries({ afterSequence: after, limit: 1000 });
    for (const { kind, payloadJson } of entries) if (kind === 'EpochPaid') paid.push(JSON.parse(payloadJson));
    const last = entries.at(-1);
    if (last === undefined) break;
    after = last.sequence;
  }
  const entry = paid.find((each) => BigInt(each.index) === index);
  const registered = await neurons();
  return MINERS.map((name) => {
    const uid = registered.find(({ hotkey }) => hotkey === keyOf(name).address)?.uid;
    return BigInt(entry?.neurons.find((each) => each.uid === uid)?.incentive ?? 0);
  });
}

test('the ledger pays what the function gives, and a witness computed the same', async () => {
  expect(await publish(WINNER)).toMatchObject({ repeatedCall: false });
  await expect(publish(Uint8Array.of(1, 2, 3))).rejects.toMatchObject({ reason: 'MODULE_MALFORMED' });
  const sha256 = hashOf(WINNER);
  const { subnet: changed } = await put({ sha256 });
  expect(changed?.pending?.policy?.countermeasures?.incentiveFunction).toMatchObject({ sha256, fuel: 20_000_000 });
  await eventually(async () => ((await subnet()).lastPaidIndex >= 1n ? true : undefined), 'permits are there');
  await setWeights();
  const { index, inputsJson, summary } = await untilPaid(
    'the function decided',
    (outputs) => recordOf(outputs)?.refusal === null,
  );
  const paid = await paidByLedger(index);
  const total = paid.reduce((left, right) => left + right, 0n);
  expect(total).toBeGreaterThan(0n);
  expect((paid[0]! * 100n) / total).toBe(70n);
  const runner = moduleRunner();
  runner.take((await client.getIncentiveFunction({ sha256: Buffer.from(sha256, 'hex') })).module);
  const again = recomputeEpoch(readInputs(inputsJson), sha256Hex(inputsJson), runner);
  expect(again.outputsSha256).toBe(Buffer.from(summary!.outputsSha256).toString('hex'));
  expect(await client.replayEpoch({ netuid: 1, index })).toMatchObject({ equal: true });
  expect(await witness.metrics()).not.toMatch(/subnetes_witness_refused_total\{[^}]*\} [1-9]/);
});

test('another digest is another version, in force with its epoch; scoring that was killed goes on with its state', async () => {
  await publish(SMOOTHING);
  const sha256 = hashOf(SMOOTHING);
  const before = (await subnet()).active?.version;
  expect((await put({ sha256 })).policyVersion).toBeGreaterThan(before ?? 0n);
  await untilPaid('the new function decided', (outputs) => recordOf(outputs)?.sha256 === sha256);
  await scoring.server.stop('SIGKILL');
  await scoring[Symbol.asyncDispose]();
  await startTheScoring();
  const { inputsJson, index } = await untilPaid(
    'it decided after the restart',
    (outputs) => recordOf(outputs)?.refusal === null,
  );
  expect(JSON.parse(inputsJson)).toMatchObject({ mechanisms: [{ state: { incentiveFunction: { sha256 } } }] });
  expect(await client.replayEpoch({ netuid: 1, index })).toMatchObject({ equal: true });
});

test('a run that is refused is paid by the consensus, signed, and told', async () => {
  await put({ sha256: hashOf(WINNER), fuel: 10 });
  const { index } = await untilPaid(
    'it was refused',
    (outputs) => recordOf(outputs)?.refusal !== null && recordOf(outputs) !== undefined,
  );
  const paid = await paidByLedger(index);
  const total = paid.reduce((left, right) => left + right, 0n);
  expect((paid[0]! * 100n) / total).toBe(50n); // 6 of 12
  const { incentiveFunctions } = await client.getMetagraph({ netuid: 1 });
  expect(incentiveFunctions).toMatchObject([{ refusal: 'FUEL_EXHAUSTED', fuelUsed: 10 }]);
});

test('a module that was lost stops no payout; published again it decides again', async () => {
  await put({ sha256: hashOf(WINNER) });
  await untilPaid('it decides', (outputs) => recordOf(outputs)?.refusal === null);
  {
    await using database = await openDatabase({ url: scoringUrl });
    await database.query('DELETE FROM incentive_function_publications');
    await database.query('DELETE FROM incentive_functions');
  }
  await untilPaid('an epoch was paid without it', (_, inputs) => inputs['functionMissing'] === true);
  await expect(client.getIncentiveFunction({ sha256: Buffer.from(hashOf(WINNER), 'hex') })).rejects.toMatchObject({
    reason: 'UNKNOWN_FUNCTION',
  });
  await publish(WINNER);
  await untilPaid('it decides again', (outputs) => recordOf(outputs)?.refusal === null);
  expect(await ledger.client.audit({ verifyChain: true })).toMatchObject({ differenceRao: '0', chainVerified: true });
});
