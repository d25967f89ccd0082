import { create, toBinary } from '@bufbuild/protobuf';
import { credentials } from '@grpc/grpc-js';
import { networkIdOf } from '@subnetes/keys/canonical-hash';
import { signEnvelope } from '@subnetes/keys/envelope';
import { EnvelopeType, type SignedEnvelope } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { type WalletOrder, WalletOrderSchema } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import type { Neuron } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import { type Slash, Slashing, SlashStatus, SlashType } from '@subnetes/proto/gen/subnetes/ledger/v1/slashing_pb';
import { Evidence, EvidenceState } from '@subnetes/proto/gen/subnetes/scoring/v1/evidence_pb';
import { type MinerReportSchema, Scoring, WeightsSetSchema } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { createRpcClient, type RpcClient } from '@subnetes/proto/grpc-client';
import { RpcError } from '@subnetes/proto/rpc-error';
import { grpcServerTrust } from '@subnetes/runtime/tls';
import {
  documentFaults,
  epochFaults,
  openNamedEpoch,
  shownRows,
  type ShownEpoch,
} from '@subnetes/replay/check-evidence';
import { type EvidenceDocument, type EvidenceEpoch, readEvidence } from '@subnetes/replay/evidence-document';
import { sha256Hex } from '@subnetes/replay/recompute-epoch';
import { startNats } from '@subnetes/testkit/nats';
import { startPostgres } from '@subnetes/testkit/postgres';
import { freePort } from '@subnetes/testkit/processes';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, type LedgerProcess, startLedger } from './ledger-process.ts';
import { desk, genesis, keyOf, mandateOf, owner, policy, putSubnetOf, registerOf } from './market.ts';
import { bytesOf, type Process, startScoring } from './witnessed-market.ts';

/**
 * Ledger and scoring as processes. Two validators with most of the stake say that `garch` never answers, and that `ewma` does; a
 * third one lies about `ewma`. Tests follow each other.
 */
const NETUID = 1;
const VALIDATORS = ['val-a', 'val-b', 'liar'] as const;
const arbiter = keyOf('arbiter');
const network = {
  ...genesis,
  unbondingBlocks: 4000,
  slashing: {
    conditions: [{ type: 'Unavailable', ppm: 50_000, epochs: 2, atLeast: 5 }],
    disputeBlocks: 40,
    decisionBlocks: 60,
    windowBlocks: 100_000,
    windowPpm: 400_000,
    reportDeposit: '10',
    deciders: { type: 'Arbiters', keys: [arbiter.address], required: 1 },
    distribution: { burnPpm: 500_000, reporterPpm: 100_000, insurancePpm: 400_000 },
  },
};
const networkId = networkIdOf(network);
const teardown = new AsyncDisposableStack();
let ledger: LedgerProcess;
let slashing: RpcClient<typeof Slashing>;
let scoring: Process;
let weights: RpcClient<typeof Scoring>;
let evidence: RpcClient<typeof Evidence>;
let startAgain: () => Promise<void>;

beforeAll(async () => {
  const [postgres, nats] = await Promise.all([startPostgres(), startNats()]);
  teardown.use(postgres);
  teardown.use(nats);
  const [ledgerPort, grpcPort] = [await freePort(), await freePort()];
  const environment = { GRPC_PORT: String(ledgerPort) };
  const databaseUrl = await postgres.createDatabase('ledger');
  ledger = teardown.use(await startLedger({ databaseUrl, natsUrl: nats.url, genesis: network, environment }));
  const channel = { address: `127.0.0.1:${ledgerPort}`, credentials: credentials.createInsecure() };
  slashing = teardown.use(createRpcClient(Slashing, channel));
  const hyperparameters = { ...policy.hyperparameters, tempo: 15, commitReveal: 'Off', weightsRateLimitBlocks: 1 };
  const subnet = { ...putSubnetOf('sp500', mandateOf(owner, { networkId })), policy: { ...policy, hyperparameters } };
  await ledger.client.putSubnet(subnet);
  const mandate = mandateOf(desk, { networkId });
  const stakes = { garch: '100', ewma: '100', 'val-a': '4000', 'val-b': '2500', liar: '3000' };
  for (const [name, tokens] of Object.entries(stakes)) {
    await ledger.client.register(registerOf(NETUID, name, { stakeRao: `${tokens}000000000`, mandate, networkId }));
  }
  const scoringUrl = await postgres.createDatabase('scoring');
  const start = () => startScoring({ databaseUrl: scoringUrl, natsUrl: nats.url, ledgerPort, grpcPort, keys: [] });
  scoring = await start();
  teardown.defer(() => scoring[Symbol.asyncDispose]());
  startAgain = async () => {
    await scoring.server.stop('SIGKILL');
    scoring = await start();
  };
  const address = { address: `127.0.0.1:${grpcPort}`, credentials: grpcServerTrust(undefined) };
  weights = teardown.use(createRpcClient(Scoring, address));
  evidence = teardown.use(createRpcClient(Evidence, address));
});
afterAll(() => teardown.disposeAsync());

let sequence = 0n;

/** What one validator saw of both miners, signed. */
function reportBy(name: string, neurons: readonly Neuron[], silent: readonly string[]): SignedEnvelope {
  const uidOf = (hotkey: string) => neurons.find((each) => each.hotkey === keyOf(hotkey).address)!;
  const miners = ['garch', 'ewma'].map(uidOf).map(({ uid, registrationId, hotkey }) => {
    const unanswered = silent.some((own) => keyOf(own).address === hotkey) ? 9 : 0;
    return { uid, registrationId, answers: 20, invalid: unanswered, unanswered } satisfies MessageInitShape<
      typeof MinerReportSchema
    >;
  });
  const { registrationId } = uidOf(name);
  const uids = miners.map(({ uid }) => uid);
  const row = { netuid: NETUID, uids, values: [1, 9], report: { miners, replayDay: '2010-01-25' } };
  sequence += 1n;
  const payload = toBinary(WeightsSetSchema, create(WeightsSetSchema, row));
  const terms = { networkId, registrationId, sequence, expiresAtBlock: 50_000n, payload };
  return signEnvelope({ ...terms, type: EnvelopeType.SET_WEIGHTS }, keyOf(name));
}

type Told<T> = T extends readonly (infer Item)[]
  ? Told<Item>[]
  : T extends object
    ? { -readonly [Key in keyof T]: Told<T[Key]> }
    : T;

/** Evidence that scoring could have written and that nobody signed. */
const LIES: readonly (readonly [
  lie: (epoch: Told<EvidenceEpoch>, document: Told<EvidenceDocument & { readonly format: 1 }>) => void,
  RegExp,
])[] = [
  [(epoch) => void (epoch.count = 10), /its stake does not say 10/],
  [
    (epoch) => {
      for (const said of epoch.said) [said.count, said.rows[0]!.count] = [12, 12];
      epoch.count = 12;
    },
    /it signed 9, not 12/,
  ],
  [(epoch) => void (epoch.said[0]!.stake = '9999000000000000'), /has another stake, or no permit/],
  [(epoch) => void (epoch.stake = '1'), /have a permit, not 1/],
  [(epoch) => void (epoch.said[1]! = epoch.said[0]!), /a validator is counted twice/],
  [(epoch) => void (epoch.said[0]!.rows[0]!.sequence = '999999'), /another envelope is shown/],
  [(epoch) => void (epoch.inputsSha256 = 'a'.repeat(64)), /its inputs are other ones/],
  [(_epoch, document) => void document.epochs.pop(), /ends with another epoch|less than its condition/],
  [(_epoch, document) => void (document.registrationId = 'b'.repeat(64)), /it signed 0, not 9/],
];

async function shownEpoch(index: number): Promise<ShownEpoch> {
  const asked = { netuid: NETUID, index: BigInt(index) };
  const { inputsJson } = await weights.getEpoch({ ...asked, withoutMetagraph: true });
  return { inputsJson, rows: await shownRows(weights.getSignedRows(asked)), beacon: undefined };
}

let reportedIn = 0n;

/** Lets the validators report in each new interval. A machine that is too busy for one lets the run begin anew. */
async function report(): Promise<void> {
  try {
    await reportOnce();
  } catch (error) {
    if (!(error instanceof RpcError)) throw error; // scoring starts, or has not heard of the subnet
  }
}

async function reportOnce(): Promise<void> {
  const { interval } = await weights.getInterval({ netuid: NETUID });
  if (interval === reportedIn || interval < 2n) return;
  reportedIn = interval;
  const { neurons } = await ledger.client.listNeurons({ netuid: NETUID });
  const silent = { 'val-a': ['garch'], 'val-b': ['garch'], liar: ['ewma'] };
  await weights.setWeights({ sets: VALIDATORS.map((name) => reportBy(name, neurons, silent[name])) });
}

async function slashes(): Promise<readonly Slash[]> {
  return (await slashing.listSlashes({})).slashes;
}

async function untilSlash(wanted: (slash: Slash) => boolean, what: string): Promise<Slash> {
  return eventually(async () => {
    await report();
    return (await slashes()).find(wanted);
  }, what);
}

const stakeOf = async (name: string): Promise<bigint> => {
  const { neurons } = await ledger.client.listNeurons({ netuid: NETUID });
  return BigInt(neurons.find(({ hotkey }) => hotkey === keyOf(name).address)?.stake?.amount ?? '0');
};

async function order(signer: typeof desk, wanted: WalletOrder['order']): Promise<void> {
  sequence += 1n;
  const payload = toBinary(WalletOrderSchema, create(WalletOrderSchema, { order: wanted } as never));
  const terms = { networkId, sequence, expiresAtBlock: 50_000n, payload };
  await ledger.client.submitOrder({ order: signEnvelope({ ...terms, type: EnvelopeType.WALLET_ORDER }, signer) });
}

test('a miner that never answers is reported with evidence that anybody can read, though scoring was killed between', async () => {
  await eventually(async () => {
    await report();
    return reportedIn > 2n ? true : undefined;
  }, 'validators have reported');
  await startAgain();
  const slash = await untilSlash(() => true, 'garch is reported');
  expect(slash).toMatchObject({
    type: SlashType.UNAVAILABLE,
    status: SlashStatus.PENDING,
    hotkey: keyOf('garch').address,
    reporter: '',
    measured: 9n,
  });
  const found = await eventually(async () => {
    const record = await evidence.getEvidence({ sha256: slash.evidenceSha256 });
    return record.state === EvidenceState.REPORTED ? record : undefined;
  }, 'scoring has put down what became of it');
  expect(found).toMatchObject({ hotkey: slash.hotkey, netuid: NETUID, slashId: slash.slashId });
  expect(bytesOf(sha256Hex(found.documentJson))).toEqual(new Uint8Array(slash.evidenceSha256));
  const document = readEvidence(found.documentJson)!;
  const epochs = await epochsOf(document, slash.evidenceSha256);
  expect(epochs).toHaveLength(2);
  for (const { index, inputsSha256, said } of epochs) {
    const epoch = await weights.getEpoch({ netuid: NETUID, index: BigInt(index), withoutMetagraph: true });
    expect(inputsSha256).toBe(Buffer.from(epoch.summary!.inputsSha256).toString('hex'));
    expect(said).toHaveLength(2);
  }
  const follows = async (of: EvidenceDocument & { readonly format: 1 }): Promise<readonly string[]> => {
    const faults = documentFaults(of);
    for (const epoch of of.epochs) faults.push(...epochFaults(of, epoch, await shownEpoch(epoch.index)));
    return faults;
  };
  // Evidence that holds its epochs, as it was written before, is checked as one that names them.
  const whole = { ...document, format: 1 as const, epochs };
  expect(await follows(whole)).toEqual([]);
  for (const [lie, fault] of LIES) {
    const told = structuredClone(whole);
    lie(told.epochs[0]!, told);
    expect((await follows(told)).join()).toMatch(fault);
  }
  const replayed = await weights.replayEpoch({ netuid: NETUID, index: BigInt(epochs.at(-1)!.index) });
  expect(replayed).toMatchObject({ equal: true, evidence: [{ equal: true }] });
});

/** The epochs of evidence, each out of the text that scoring shows for its hash. */
async function epochsOf(document: EvidenceDocument, sha256: Uint8Array): Promise<EvidenceEpoch[]> {
  const epochs: EvidenceEpoch[] = [];
  if (document.format === 1) throw new Error('scoring writes evidence of format 2');
  for (const named of document.epochs) {
    const { documentJson } = await evidence.getEvidenceEpoch({ sha256, index: BigInt(named.index) });
    const opened = openNamedEpoch(named, documentJson);
    expect(opened.faults).toEqual([]);
    epochs.push(opened.epoch!);
  }
  return epochs;
}

test('nobody disputes: the owner’s stake is taken, and no other’s', async () => {
  const before = { garch: await stakeOf('garch'), ewma: await stakeOf('ewma') };
  const done = await eventually(
    async () => (await slashes()).find(({ status }) => status === SlashStatus.EXECUTED),
    'the slash is carried out',
  );
  expect(BigInt(done.takenRao)).toBe(5_000_000_000n);
  expect(before.garch - (await stakeOf('garch'))).toBeLessThanOrEqual(5_000_000_000n);
  expect(await stakeOf('ewma')).toBeGreaterThanOrEqual(before.ewma);
});

test('it goes on: a second report, which its owner disputes, is dropped by the arbiter', async () => {
  const [first] = await slashes();
  const second = await untilSlash(({ slashId }) => !Buffer.from(slashId).equals(first!.slashId), 'a second report');
  expect(second).toMatchObject({ hotkey: keyOf('garch').address, status: SlashStatus.PENDING });
  expect(second.instance).not.toBe(first!.instance);
  const { slashId } = second;
  await order(desk, { case: 'disputeSlash', value: { slashId, statement: 'our network was cut off' } as never });
  await order(arbiter, { case: 'voteSlash', value: { slashId, upholds: false } as never });
  const dropped = await eventually(
    async () =>
      await slashing.getSlash({ slashId }).then((slash) => (slash.status === SlashStatus.DROPPED ? slash : undefined)),
    'the slash is dropped',
  );
  expect(dropped.takenRao).toBe('0');
});

test('evidence that there is not is not found, and what is no hash is refused', async () => {
  const unknown = evidence.getEvidence({ sha256: new Uint8Array(32) });
  await expect(unknown).rejects.toMatchObject({ reason: 'UNKNOWN_EVIDENCE' });
  await expect(evidence.getEvidence({ sha256: new Uint8Array(3) })).rejects.toMatchObject({
    reason: 'INVALID_ARGUMENT',
  });
  const known = (await slashes())[0]!.evidenceSha256;
  await expect(evidence.getEvidenceEpoch({ sha256: known, index: 999_999n })).rejects.toMatchObject({
    reason: 'UNKNOWN_EVIDENCE',
  });
  await expect(evidence.listEvidence({ netuid: NETUID, limit: 101 })).rejects.toMatchObject({
    reason: 'INVALID_ARGUMENT',
  });
});

test('of a miner that answers there is no slash, whatever a third of the stake says', async () => {
  const accused = new Set((await slashes()).map(({ hotkey }) => hotkey));
  expect([...accused]).toEqual([keyOf('garch').address]);
  const { evidence: measured } = await evidence.listEvidence({ netuid: NETUID });
  expect(measured.every(({ hotkey }) => hotkey === keyOf('garch').address)).toBe(true);
  const counted = await scoring.metrics();
  expect(counted).toMatch(/subnetes_scoring_evidence_total\{subnet="1",type="Unavailable",result="reported"\} [1-9]/);
  expect(counted).toMatch(/subnetes_scoring_evidence_total\{subnet="1",type="FailedAudits",result="refused"\} 0/);
});
