import { toBinary } from '@bufbuild/protobuf';
import { openNatsBus } from '@subnetes/bus/nats-bus';
import { epochScoredSubject } from '@subnetes/bus/subjects';
import { sessionKeyOf } from '@subnetes/keys/session-key';
import { type EpochStatement, signStatement } from '@subnetes/keys/witness';
import { type EpochScored, EpochScoredSchema } from '@subnetes/proto/gen/subnetes/events/v1/events_pb';
import { startNats, type TestNats } from '@subnetes/testkit/nats';
import { startPostgres, type TestPostgres } from '@subnetes/testkit/postgres';
import { freePort } from '@subnetes/testkit/processes';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, type LedgerProcess, startLedger } from './ledger-process.ts';
import { genesis, networkId, putSubnetOf, registerOf } from './market.ts';
import {
  keyHexOf,
  openScoringDatabase,
  type Process,
  scoredFrom,
  secretOf,
  startScoring,
  startWitness,
  type StoredRow,
} from './witnessed-market.ts';

/**
 * Ledger, scoring and witnesses as processes, on real PostgreSQL and nats-server. Nobody gives weights, so validators are
 * paid by stake. Tests follow each other: each continues the market where the one before left it.
 */
const teardown = new AsyncDisposableStack();
const KEYS = [1, 2, 3].map(keyHexOf);
let postgres: TestPostgres;
let nats: TestNats;
let ledger: LedgerProcess;
let scoring: Process;
let database: Awaited<ReturnType<typeof openScoringDatabase>>;
let ledgerUrl: string;
let scoringUrl: string;
let grpcPort = 0;
let ledgerPort = 0;

const startTheLedger = async (required: number, keys = KEYS): Promise<void> => {
  const environment = {
    GRPC_PORT: String(ledgerPort),
    WITNESSES_REQUIRED: String(required),
    WITNESS_KEYS: keys.join(','),
  };
  ledger = await startLedger({ databaseUrl: ledgerUrl, natsUrl: nats.url, genesis, environment });
};
const startTheScoring = async (): Promise<void> => {
  scoring = await startScoring({ databaseUrl: scoringUrl, natsUrl: nats.url, ledgerPort, grpcPort, keys: KEYS });
};
const witness = (seed: number): Promise<Process> => startWitness({ seed, ledgerPort, scoringPort: grpcPort });

beforeAll(async () => {
  [postgres, nats] = await Promise.all([startPostgres(), startNats()]);
  teardown.use(postgres);
  teardown.use(nats);
  ledgerUrl = await postgres.createDatabase('ledger');
  scoringUrl = await postgres.createDatabase('scoring');
  [ledgerPort, grpcPort] = [await freePort(), await freePort()];
  await startTheLedger(1);
  teardown.defer(() => ledger[Symbol.asyncDispose]());
  await ledger.client.putSubnet(putSubnetOf('sp500'));
  await ledger.client.register(registerOf(1, 'garch'));
  await ledger.client.register(registerOf(1, 'val-a', { stakeRao: '4500000000000' }));
  await ledger.client.register(registerOf(1, 'val-b', { stakeRao: '2500000000000' }));
  await startTheScoring();
  teardown.defer(() => scoring[Symbol.asyncDispose]());
  database = teardown.use(await openScoringDatabase(scoringUrl));
});
afterAll(() => teardown.disposeAsync());

const subnet = () => ledger.client.getSubnet({ by: { case: 'netuid', value: 1 } });
const paidIndex = async (): Promise<number> => Number((await subnet()).lastPaidIndex);
const untilPaid = (index: number): Promise<number> =>
  eventually(async () => {
    const paid = await paidIndex();
    return paid >= index ? paid : undefined;
  }, `epoch ${index} is paid`);
/** The epoch that the ledger was told of and does not pay, with its signatures. */
const untilWaiting = (index: number, signed: number) =>
  eventually(async () => {
    const { unwitnessed } = await ledger.client.getNetwork({});
    return unwitnessed.find((each) => each.index === BigInt(index) && each.signed === signed);
  }, `epoch ${index} waits with ${signed} signatures`);
const untilBlocks = async (count: number): Promise<void> => {
  const { block } = await ledger.client.getNetwork({});
  await eventually(
    async () => ((await ledger.client.getNetwork({})).block >= block + BigInt(count) ? true : undefined),
    `${count} more blocks`,
  );
};
const untilMetric = (process: { metrics(): Promise<string> }, line: string) =>
  eventually(async () => ((await process.metrics()).includes(line) ? true : undefined), line);

test('without its witness an epoch waits, is told to people, and blocks go on', async () => {
  await untilWaiting(1, 0);
  await untilBlocks(25); // more than two tempos
  expect(await subnet()).toMatchObject({ epochIndex: 1n, lastPaidIndex: 0n });
  expect(await ledger.client.getNetwork({})).toMatchObject({ witnessesRequired: 1 });
  const text = await (await fetch(`${ledger.healthUrl}/metrics`)).text();
  const blocks = /subnetes_ledger_epoch_unwitnessed_blocks\{subnet="1"\} (\d+)/.exec(text)?.[1];
  expect(Number(blocks)).toBeGreaterThanOrEqual(25);
  expect(ledger.lines.some((line) => line.includes('signed by 0 of the 1 witnesses'))).toBe(true);
});

/** What a scoring that lies would have in its store, and why a witness does not sign it. */
const LIES: readonly (readonly [string, string, (row: StoredRow) => StoredRow])[] = [
  ['an amount', 'AMOUNTS_DIFFER', (row) => ({ ...row, scored: shifted(row.scored) })],
  [
    'a stake, and all that follows from it',
    'SEAL_DIFFERS',
    (row) => scoredFrom(row, row.inputs.replaceAll('"stake":"4500000000000"', '"stake":"5500000000000"')),
  ],
  [
    'a bond that the epoch before did not leave',
    'CARRIED_OVER_DIFFERS',
    (row) => scoredFrom(row, row.inputs.replace('"bonds":[]', '"bonds":[[1,65535]]')),
  ],
  [
    'a rule of the policy',
    'POLICY_DIFFERS',
    (row) => scoredFrom(row, row.inputs.replace('"maxValidators":4', '"maxValidators":1')),
  ],
  ['outputs', 'OUTPUTS_DIFFER', (row) => ({ ...row, outputs: row.outputs.replace('"active":true', '"active":false') })],
];

/** Ten rao from one validator to the other: the sum is right. */
function shifted(scored: EpochScored): EpochScored {
  const change = new Map([
    [1, -10n],
    [2, 10n],
  ]);
  const neurons = scored.neurons.map((neuron) => ({
    ...neuron,
    dividendRao: (BigInt(neuron.dividendRao) + (change.get(neuron.uid) ?? 0n)).toString(),
  }));
  return { ...scored, neurons };
}

test.for(LIES)('a scoring that lies about %s is not signed and not paid', async ([, reason, lie]) => {
  const honest = await database.read(1, 1);
  expect(honest).toBeDefined();
  const lying = lie(honest!);
  expect(lying).not.toEqual(honest);
  await database.write(1, 1, lying);
  await using watching = await witness(1);
  await untilMetric(watching, `subnetes_witness_refused_total{reason="${reason}"} 1`);
  expect(await watching.metrics()).not.toContain('subnetes_witness_signed_total{');
  await database.write(1, 1, honest!);
  expect(await database.witnesses()).toBe(0);
  expect(await paidIndex()).toBe(0);
});

const statementOf = (scored: EpochScored, change: Partial<EpochStatement> = {}): EpochStatement => ({
  networkId,
  netuid: scored.netuid,
  index: Number(scored.index),
  dueSequence: Number(scored.dueSequence),
  inputsSha256: Buffer.from(scored.inputsSha256).toString('hex'),
  outputsSha256: Buffer.from(scored.outputsSha256).toString('hex'),
  neurons: scored.neurons.map((each) => ({
    uid: each.uid,
    registrationId: Buffer.from(each.registrationId).toString('hex'),
    incentive: BigInt(each.incentiveRao),
    dividend: BigInt(each.dividendRao),
  })),
  ...change,
});

test('what is published with signatures that are forged, foreign or of other amounts is not paid', async () => {
  const { scored } = (await database.read(1, 1))!;
  const [key, stranger] = [1, 9].map((seed) => sessionKeyOf(secretOf(seed)));
  const right = signStatement(statementOf(scored), key!);
  const told: EpochScored[] = [
    { ...scored, witnesses: [message({ ...right, signature: right.signature.map((byte) => byte ^ 1) })] },
    { ...scored, witnesses: [message(signStatement(statementOf(scored), stranger!))] },
    { ...scored, witnesses: [message(signStatement(statementOf(scored, { networkId: secretOf(5) }), key!))] },
    { ...shifted(scored), witnesses: [message(right)] },
    { ...scored, witnesses: Array.from({ length: 17 }, () => message(right)) },
  ];
  await using bus = await openNatsBus({ url: nats.url, name: 'test' });
  for (const [at, each] of told.entries()) {
    await bus.publish(epochScoredSubject(1), toBinary(EpochScoredSchema, each), { messageId: `forged/${at}` });
  }
  await eventually(
    async () => (ledger.lines.some((line) => line.includes('carries 17 signatures')) ? true : undefined),
    'all were read',
  );
  expect(await paidIndex()).toBe(0);
});

function message({ publicKey, signature }: { readonly publicKey: Uint8Array; readonly signature: Uint8Array }) {
  return { $typeName: 'subnetes.common.v1.WitnessSignature' as const, publicKey, signature };
}

test('a witness that comes late signs what it recomputed; the epoch is paid, and the next has all that accrued', async () => {
  const { nextEpochBlock } = await subnet();
  await using watching = await witness(1);
  await untilPaid(1);
  await untilMetric(watching, 'subnetes_witness_signed_total{subnet="1"}');
  await untilPaid(3);
  const entries = await journal();
  const [first, second] = entries.filter(({ kind }) => kind === 'EpochPaid').map(({ payload }) => payload);
  expect(first?.witnesses).toMatchObject([{ key: KEYS[0] }]);
  expect(second?.witnesses).toMatchObject([{ key: KEYS[0] }]);
  const seals = entries.filter(({ kind }) => kind === 'EpochDue').map(({ payload }) => payload.epoch!);
  // Nothing was sealed while the first epoch waited: the second came with all the blocks since, a token each.
  expect(seals[1]!.block).toBeGreaterThan(Number(nextEpochBlock) + 10);
  expect(BigInt(seals[1]!.pot)).toBeGreaterThanOrEqual(BigInt(seals[1]!.block - seals[0]!.block) * 10n ** 9n);
  expect(await ledger.client.audit({ verifyChain: true })).toMatchObject({ differenceRao: '0', chainVerified: true });
});

interface Payload {
  readonly epoch?: { readonly block: number; readonly pot: string };
  readonly witnesses?: readonly { readonly key: string; readonly signature: string }[];
}

async function journal(): Promise<readonly { readonly kind: string; readonly payload: Payload }[]> {
  const found: { kind: string; payload: Payload }[] = [];
  for (let after = 0n; ;) {
    const { entries } = await ledger.client.listEntries({ afterSequence: after, limit: 1000 });
    for (const { kind, payloadJson } of entries) found.push({ kind, payload: JSON.parse(payloadJson) as Payload });
    const last = entries.at(-1);
    if (last === undefined) return found;
    after = last.sequence;
  }
}

test('witness, scoring and ledger are killed: every epoch is paid once, when all are back', async () => {
  const before = await paidIndex();
  {
    await using first = await witness(1);
    await untilPaid(before + 1);
    await scoring.server.stop('SIGKILL');
    await first.server.stop('SIGKILL');
  }
  await startTheScoring();
  await using again = await witness(1);
  await untilPaid(before + 2);
  await ledger.kill('SIGKILL');
  await ledger[Symbol.asyncDispose]();
  await startTheLedger(1);
  await untilPaid(before + 4);
  const paid = (await journal()).filter(({ kind }) => kind === 'EpochPaid');
  expect(paid.length).toBe(await paidIndex());
  expect(again.server.pid).toBeGreaterThan(0);
});

test('two of three: one signature is not enough, the second pays, a rule that is lowered pays what waited', async () => {
  await ledger[Symbol.asyncDispose]();
  await startTheLedger(2);
  const index = Number((await subnet()).lastPaidIndex) + 1;
  {
    await using _first = await witness(1);
    await untilWaiting(index, 1);
    expect(await paidIndex()).toBe(index - 1);
    await using _second = await witness(3);
    await untilPaid(index + 1);
  }
  await untilBlocks(40); // what both had signed is paid by then
  const waiting = Number((await subnet()).epochIndex);
  await untilBlocks(12);
  expect(await paidIndex()).toBe(waiting - 1);
  await ledger[Symbol.asyncDispose]();
  await startTheLedger(0, []);
  await untilPaid(waiting);
  const paid = (await journal()).filter(({ kind }) => kind === 'EpochPaid');
  expect(paid[index - 1]?.payload.witnesses?.map(({ key }) => key)).toEqual([KEYS[0], KEYS[2]]);
  expect(paid[waiting - 1]?.payload.witnesses).toBeUndefined();
});
