import { Scoring } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import { createRpcClient, type RpcClient } from '@subnetes/proto/grpc-client';
import { openDatabase } from '@subnetes/runtime/postgres';
import type { Database } from '@subnetes/runtime/sql';
import { grpcServerTrust } from '@subnetes/runtime/tls';
import { startNats } from '@subnetes/testkit/nats';
import { startPostgres } from '@subnetes/testkit/postgres';
import { freePort } from '@subnetes/testkit/processes';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, type LedgerProcess, startLedger } from './ledger-process.ts';
import { genesis, policy, putSubnetOf, registerOf } from './market.ts';
import { setWeightsBy } from './signed-weights.ts';
import {
  keyHexOf,
  openScoringDatabase,
  type Process,
  scoredFrom,
  startScoring,
  startWitness,
  type StoredRow,
} from './witnessed-market.ts';

/**
 * Ledger, scoring and a witness as processes: two validators sign weights, and scoring lies about them. Tests follow each other.
 */
const NETUID = 1;
const teardown = new AsyncDisposableStack();
let ledger: LedgerProcess;
let rpc: RpcClient<typeof Scoring>;
let rows: Awaited<ReturnType<typeof openScoringDatabase>>;
let database: Database;
let witness: (seed: number) => Promise<Process>;

beforeAll(async () => {
  const [postgres, nats] = await Promise.all([startPostgres(), startNats()]);
  teardown.use(postgres);
  teardown.use(nats);
  const [ledgerPort, grpcPort] = [await freePort(), await freePort()];
  const keys = [keyHexOf(1)];
  const environment = { GRPC_PORT: String(ledgerPort), WITNESSES_REQUIRED: '1', WITNESS_KEYS: keys.join(',') };
  const ledgerUrl = await postgres.createDatabase('ledger');
  ledger = teardown.use(await startLedger({ databaseUrl: ledgerUrl, natsUrl: nats.url, genesis, environment }));
  const hyperparameters = { ...policy.hyperparameters, commitReveal: 'Off', weightsRateLimitBlocks: 1 };
  await ledger.client.putSubnet({ ...putSubnetOf('sp500'), policy: { ...policy, hyperparameters } });
  await ledger.client.register(registerOf(NETUID, 'garch'));
  await ledger.client.register(registerOf(NETUID, 'ewma'));
  await ledger.client.register(registerOf(NETUID, 'val-a', { stakeRao: '4500000000000' }));
  await ledger.client.register(registerOf(NETUID, 'val-b', { stakeRao: '2500000000000' }));
  const databaseUrl = await postgres.createDatabase('scoring');
  teardown.use(await startScoring({ databaseUrl, natsUrl: nats.url, ledgerPort, grpcPort, keys }));
  rpc = teardown.use(
    createRpcClient(Scoring, { address: `127.0.0.1:${grpcPort}`, credentials: grpcServerTrust(undefined) }),
  );
  rows = teardown.use(await openScoringDatabase(databaseUrl));
  database = teardown.use(await openDatabase({ url: databaseUrl }));
  witness = (seed) => startWitness({ seed, ledgerPort, scoringPort: grpcPort });
});
afterAll(() => teardown.disposeAsync());

const subnet = () => ledger.client.getSubnet({ by: { case: 'netuid', value: NETUID } });
const paidIndex = async (): Promise<number> => Number((await subnet()).lastPaidIndex);
const untilPaid = (index: number) =>
  eventually(async () => ((await paidIndex()) >= index ? true : undefined), `epoch ${index} is paid`);
/** The newest epoch, once it is scored and waits for its witness: of the one before, a witness that ends may have signed the next. */
const untilWaiting = () =>
  eventually(async () => {
    const { unwitnessed } = await ledger.client.getNetwork({});
    const waiting = unwitnessed.find(({ netuid }) => netuid === NETUID);
    if (waiting === undefined) return undefined;
    const signed = await database.query('SELECT 1 FROM epoch_witnesses WHERE netuid = $1 AND epoch_index = $2', [
      NETUID,
      Number(waiting.index),
    ]);
    return signed.length === 0 ? waiting : undefined;
  }, 'an epoch waits for its witness');

/** Lets validators send weights, which count in the epoch that is scored next, and waits for that one to be paid. */
async function setAndPay(...sent: Parameters<typeof setWeightsBy>[1][]): Promise<number> {
  const registered = await ledger.client.listNeurons({ netuid: NETUID });
  const sets = sent.map((each) => setWeightsBy(registered.neurons, each));
  const { interval } = await rpc.getInterval({ netuid: NETUID });
  const { results } = await rpc.setWeights({ sets });
  expect(results.map(({ ok, reason }) => [ok, reason])).toEqual(sets.map(() => [true, '']));
  await untilPaid(Number(interval) + 1); // the interval may just have ended
  return Number(interval) + 1;
}

test('rows that validators signed are signed for by the witness, and paid', async () => {
  await using _watching = await witness(1);
  await untilPaid(1);
  await setAndPay({ name: 'val-a', values: [3, 1] }, { name: 'val-b', values: [1, 1] });
  const paid = await setAndPay({ name: 'val-a', values: [9, 1] });
  const scored = (await rows.read(NETUID, paid))!.scored;
  expect(scored.neurons.filter(({ incentiveRao }) => BigInt(incentiveRao) > 0n)).toHaveLength(2);
});

interface Inputs {
  mechanisms: { epoch: { neurons: { lastUpdate: number; weights: [number, number][] }[] } }[];
  reports: { validatorUid: number; interval: number; sequence: string }[];
}

/** What scoring would store if its inputs were other ones. */
function inputsChanged(row: StoredRow, change: (inputs: Inputs) => void): StoredRow {
  const inputs = JSON.parse(row.inputs) as Inputs;
  change(inputs);
  return scoredFrom(row, JSON.stringify(inputs)); // the order of members is kept: it is the canonical one
}

const VAL_A = 2;
const VAL_B = 3;
const rowIn = (inputs: Inputs, uid: number) => inputs.mechanisms[0]!.epoch.neurons[uid]!;
const originIn = (inputs: Inputs, uid: number) => inputs.reports.find(({ validatorUid }) => validatorUid === uid)!;

/** Exchanges the envelopes that stand with the newest rows of both validators. */
async function exchangeEnvelopes(): Promise<void> {
  const newest = await database.query<{ id: string; envelope: Uint8Array; at: string }>(
    `SELECT r.registration_id AS id, r.envelope, r.interval_index::text AS at FROM rows_in_force f
     JOIN weight_rows r USING (netuid, registration_id, mechanism_id, interval_index, source) ORDER BY r.uid`,
  );
  const [first, second] = newest;
  for (const [to, from] of [
    [first!, second!],
    [second!, first!],
  ] as const) {
    await database.query('UPDATE weight_rows SET envelope = $3 WHERE registration_id = $1 AND interval_index = $2', [
      to.id,
      to.at,
      from.envelope,
    ]);
  }
}

const LIES: readonly (readonly [string, string, (row: StoredRow) => Promise<StoredRow>, (() => Promise<void>)?])[] = [
  [
    'a row that was changed',
    'WEIGHTS_DIFFER',
    async (row) => inputsChanged(row, (inputs) => void (rowIn(inputs, VAL_A).weights[0]![1] += 1)),
  ],
  [
    'a row that nobody signed',
    'WEIGHTS_UNSIGNED',
    async (row) =>
      inputsChanged(row, (inputs) => {
        inputs.reports = inputs.reports.filter(({ validatorUid }) => validatorUid !== VAL_B);
        rowIn(inputs, VAL_B).weights = [[0, 65_535]];
      }),
  ],
  [
    'an old row in the place of a newer one',
    'WEIGHTS_OUTDATED',
    async (row) => {
      const [old] = await database.query<{ at: string; block: string; sequence: string; weights: string }>(
        `SELECT interval_index::text AS at, block::text, envelope_sequence::text AS sequence, weights FROM weight_rows
         WHERE uid = ${VAL_A} ORDER BY weight_rows.interval_index LIMIT 1`,
      );
      return inputsChanged(row, (inputs) => {
        Object.assign(rowIn(inputs, VAL_A), {
          lastUpdate: Number(old!.block),
          weights: JSON.parse(old!.weights) as unknown,
        });
        Object.assign(originIn(inputs, VAL_A), { interval: Number(old!.at), sequence: old!.sequence });
      });
    },
  ],
  [
    'a row of another hotkey',
    'WEIGHTS_UNSIGNED',
    async (row) => {
      await exchangeEnvelopes();
      return row;
    },
    exchangeEnvelopes,
  ],
];

test.for(LIES)('%s is not signed for and not paid; the true one is', async ([, reason, lie, undo]) => {
  const { index } = await untilWaiting();
  const honest = (await rows.read(NETUID, Number(index)))!;
  await rows.write(NETUID, Number(index), await lie(honest));
  {
    await using watching = await witness(1);
    const line = `subnetes_witness_refused_total{reason="${reason}"} 1`;
    await eventually(async () => ((await watching.metrics()).includes(line) ? true : undefined), line);
    expect(await watching.metrics()).not.toContain('subnetes_witness_signed_total{');
  }
  expect(await paidIndex()).toBe(Number(index) - 1);
  await rows.write(NETUID, Number(index), honest);
  await undo?.();
  await using _watching = await witness(1);
  await untilPaid(Number(index));
});
