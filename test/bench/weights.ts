import { readdir, readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import process from 'node:process';
import { verifyEnvelopes } from '@subnetes/keys/envelope';
import { EnvelopeType, type SignedEnvelope } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import type { WeightsResult } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import type { SealedNeuron } from '@subnetes/scoring/domain/epoch-inputs';
import { startNats } from '@subnetes/testkit/nats';
import { startPostgres } from '@subnetes/testkit/postgres';
import { dueMessage } from '../../services/scoring/test/ledger-messages.ts';
import {
  openTestLedger,
  prepareDatabase,
  type ScoringProcess,
  startScoring,
  type TestLedger,
} from '../../services/scoring/test/live-market.ts';
import { hotkeyOf, NETWORK_ID, registrationOf } from '../../services/scoring/test/market.ts';
import { type Row, type Signatory, signatory } from '../../services/scoring/test/signing.ts';

/** 500 hotkeys, 125 in each of four subnets with 125 miners; ten commits and ten reveals of each: 10,000 submissions. */
const HOTKEYS = 500;
const SUBNETS = 4;
const VALIDATORS = HOTKEYS / SUBNETS;
const MINERS = 125;
const ROUNDS = 10;
/** Items of a call where a relay sends many at once; the service's own limit. */
const BATCH = 64;
/** Signatures that the service verifies together at most. */
const TOGETHER = 32;
/** Calls under way at once. */
const CONCURRENCY = 128;

type Progress = (line: string) => void;

/** Commits and reveals against the service as a process, over gRPC, on PostgreSQL with fsync and nats-server. */
export async function measureWeights(progress: Progress): Promise<Record<string, unknown>> {
  const [verifyMs, togetherMs] = [measureVerification(1), measureVerification(TOGETHER)];
  progress(
    `a signature verifies in ${verifyMs.toFixed(2)} ms on one thread, in ${togetherMs.toFixed(2)} of ${TOGETHER}`,
  );
  const single = await measureCalls(1, progress);
  const batched = await measureCalls(BATCH, progress);
  const verifyCpuSeconds = round((togetherMs * 2 * ROUNDS * HOTKEYS) / 1000);
  return {
    cores: availableParallelism(),
    hotkeys: HOTKEYS,
    subnets: SUBNETS,
    weightsPerRow: MINERS,
    verifyMs: round(verifyMs),
    verifiedTogether: TOGETHER,
    verifyTogetherMs: round(togetherMs),
    verifyCpuSeconds,
    single,
    batched,
    limit:
      `verifying ${2 * ROUNDS * HOTKEYS} sr25519 signatures, ${TOGETHER} at once, takes ${verifyCpuSeconds} s of the ` +
      `service's ${single.cpuSeconds.scoring} s of CPU; PostgreSQL takes ${single.cpuSeconds.postgres} s`,
  };
}

interface CallFigures {
  readonly itemsPerCall: number;
  readonly submissions: number;
  readonly refused: number;
  readonly seconds: number;
  readonly submissionsPerSecond: number;
  readonly callMsMedian: number;
  readonly callMsP99: number;
  /** Of all epochs between the rounds, which are not part of `seconds`. */
  readonly epochSeconds: number;
  /** `others`: what else the machine did meanwhile; without it the calls would have had all cores. */
  readonly cpuSeconds: Readonly<CpuSeconds>;
}

async function measureCalls(itemsPerCall: number, progress: Progress): Promise<CallFigures> {
  await using postgres = await startPostgres({ fsync: true });
  await using nats = await startNats();
  const databaseUrl = await postgres.createDatabase();
  await prepareDatabase(databaseUrl);
  await using ledger = await openTestLedger(nats.url);
  await using scoring = await startScoring({ databaseUrl, natsUrl: nats.url });
  const market = makeMarket();
  progress(`signing ${2 * ROUNDS * HOTKEYS} envelopes`);
  const rounds = market.rounds();
  const watch = { seconds: 0, epochSeconds: 0, durations: [] as number[], refused: 0 };
  const cpu: CpuSeconds = { scoring: 0, postgres: 0, client: 0, others: 0 };
  await sealAll(ledger, market, 1);
  for (const [at, round] of rounds.entries()) {
    const before = await cpuOf(scoring);
    const startedMs = performance.now();
    const outcome = await sendAll(scoring, round, itemsPerCall);
    watch.seconds += (performance.now() - startedMs) / 1000;
    const after = await cpuOf(scoring);
    for (const part of ['scoring', 'postgres', 'client', 'others'] as const) cpu[part] += after[part] - before[part];
    watch.durations.push(...outcome.durations);
    watch.refused += outcome.refused;
    const epochMs = performance.now();
    await sealAll(ledger, market, at + 2);
    watch.epochSeconds += (performance.now() - epochMs) / 1000;
    progress(`${itemsPerCall} a call: round ${at + 1} of ${rounds.length}, ${watch.seconds.toFixed(1)} s so far`);
  }
  const submissions = 2 * ROUNDS * HOTKEYS;
  const sorted = watch.durations.toSorted((a, b) => a - b);
  return {
    itemsPerCall,
    submissions,
    refused: watch.refused,
    seconds: round(watch.seconds),
    submissionsPerSecond: Math.round(submissions / watch.seconds),
    callMsMedian: round(sorted[Math.floor(sorted.length / 2)] ?? 0),
    callMsP99: round(sorted[Math.floor(sorted.length * 0.99)] ?? 0),
    epochSeconds: round(watch.epochSeconds),
    cpuSeconds: {
      scoring: round(cpu.scoring),
      postgres: round(cpu.postgres),
      client: round(cpu.client),
      others: round(cpu.others),
    },
  };
}

interface Market {
  readonly neurons: (netuid: number) => readonly SealedNeuron[];
  /** What is sent between two epochs: reveals of the interval before and commits of this one. */
  rounds(): readonly { readonly commits: readonly SignedEnvelope[]; readonly reveals: readonly SignedEnvelope[] }[];
}

function makeMarket(): Market {
  const validators = Array.from({ length: HOTKEYS }, (_, at) => ({
    netuid: 1 + (at % SUBNETS),
    uid: MINERS + Math.floor(at / SUBNETS),
    by: signatory(seedOf(at), registrationOf(at, 1)),
  }));
  const neurons = (netuid: number): readonly SealedNeuron[] => [
    ...Array.from({ length: MINERS }, (_, uid) => sealed(uid, hotkeyOf(uid), registrationOf(uid), 0n)),
    ...validators
      .filter((each) => each.netuid === netuid)
      .map(({ uid, by }) => sealed(uid, by.pair.address, by.registrationId, 1_000_000_000_000n)),
  ];
  const rounds = Array.from({ length: ROUNDS + 1 }, (_, at) => {
    const interval = at + 2;
    const sign = (own: (typeof validators)[number], of: number, how: 'commit' | 'reveal') =>
      own.by[how]({ netuid: own.netuid, interval: of }, rowOf(own.by, of));
    return {
      commits: at < ROUNDS ? validators.map((own) => sign(own, interval, 'commit')) : [],
      reveals: at > 0 ? validators.map((own) => sign(own, interval - 1, 'reveal')) : [],
    };
  });
  return { neurons, rounds: () => rounds };
}

/** A row of a hundred weights and more, with the report that a validator sends along. */
function rowOf({ registrationId }: Signatory, interval: number): Row {
  const seed = Number.parseInt(registrationId.slice(-4), 16);
  const uids = Array.from({ length: MINERS }, (_, uid) => uid);
  return {
    uids,
    values: uids.map((uid) => 1 + ((uid * 7919 + seed * 31 + interval) % 65_535)),
    salt: Array.from({ length: 16 }, (_, at) => (seed * 7 + at * 13 + interval) % 65_536),
    report: {
      replayDay: '2016-11-04',
      miners: uids.map((uid) => ({
        uid,
        registrationId: Buffer.from(registrationOf(uid), 'hex'),
        loss: 0.004 + uid / 100_000,
        judged: 20,
        answers: 20,
        invalid: 0,
      })),
    },
  };
}

function sealed(uid: number, hotkey: string, registrationId: string, stake: bigint): SealedNeuron {
  return { uid, hotkey, coldkey: hotkey, registeredAt: 2, registrationId, stake, ownerHotkey: false };
}

async function sealAll(ledger: TestLedger, market: Market, index: number): Promise<void> {
  const netuids = Array.from({ length: SUBNETS }, (_, at) => at + 1);
  for (const netuid of netuids) {
    await ledger.due(netuid, dueMessage(index, market.neurons(netuid), { maxValidators: VALIDATORS }));
  }
  await Promise.all(netuids.map((netuid) => ledger.untilScored(netuid, index)));
}

async function sendAll(
  { client }: ScoringProcess,
  { commits, reveals }: ReturnType<Market['rounds']>[number],
  itemsPerCall: number,
): Promise<{ readonly durations: readonly number[]; readonly refused: number }> {
  const calls = [
    ...chunksOf(reveals, itemsPerCall).map(
      (list) => async () => (await client.revealWeights({ reveals: [...list] })).results,
    ),
    ...chunksOf(commits, itemsPerCall).map(
      (list) => async () => (await client.commitWeights({ commits: [...list] })).results,
    ),
  ].values();
  const durations: number[] = [];
  let refused = 0;
  const drive = async (): Promise<void> => {
    for (const call of calls) {
      const startedMs = performance.now();
      const results: readonly WeightsResult[] = await call();
      durations.push(performance.now() - startedMs);
      refused += results.filter(({ ok }) => !ok).length;
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, drive));
  return { durations, refused };
}

/** Milliseconds for one signature of so many that are verified together, of as many keys, on this thread. */
function measureVerification(together: number): number {
  const demand = { networkId: Buffer.from(NETWORK_ID, 'hex'), type: EnvelopeType.COMMIT, block: 1n };
  const envelopes = Array.from({ length: together }, (_, at) => {
    const by = signatory(seedOf(at), registrationOf(at));
    return { envelope: by.commit({ netuid: 1, interval: 2 }, rowOf(by, 2)), demand };
  });
  const run = (times: number): void => {
    for (let done = 0; done < times; done += together)
      if (!verifyEnvelopes(envelopes).every(({ ok }) => ok)) throw new Error('they do not verify');
  };
  run(64); // tables are made at the first calls
  const startedMs = performance.now();
  run(320);
  return (performance.now() - startedMs) / 320;
}

const TICKS_PER_SECOND = 100;

type CpuSeconds = Record<'scoring' | 'postgres' | 'client' | 'others', number>;

/** CPU seconds so far: of the service, of our PostgreSQL, of this process, and of everything else on the machine. */
async function cpuOf({ server }: ScoringProcess): Promise<CpuSeconds> {
  const pids = (await readdir('/proc')).filter((name) => /^[0-9]+$/.test(name));
  const all = (await Promise.all(pids.map(processOf))).filter((each) => each !== undefined);
  const isOurs = (pid: number): boolean => all.some((each) => each.pid === pid && each.parent === process.pid);
  const sumOf = (list: typeof all): number => list.reduce((sum, { seconds }) => sum + seconds, 0);
  const scoring = sumOf(all.filter(({ pid }) => pid === server.pid));
  const postgres = sumOf(all.filter(({ pid, parent, name }) => name === 'postgres' && (isOurs(pid) || isOurs(parent))));
  const { user, system } = process.cpuUsage();
  const client = (user + system) / 1e6;
  const [busy = ''] = (await readFile('/proc/stat', 'utf8')).split('\n');
  const [u = 0, nice = 0, s = 0, , , irq = 0, softirq = 0] = busy.trim().split(/ +/).slice(1).map(Number);
  const machine = (u + nice + s + irq + softirq) / TICKS_PER_SECOND;
  return { scoring, postgres, client, others: machine - scoring - postgres - client };
}

async function processOf(
  name: string,
): Promise<
  { readonly pid: number; readonly parent: number; readonly name: string; readonly seconds: number } | undefined
> {
  try {
    const text = await readFile(`/proc/${name}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return {
      pid: Number(name),
      parent: Number(fields[1]),
      name: text.slice(text.indexOf('(') + 1, text.lastIndexOf(')')),
      seconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
    };
  } catch {
    return undefined; // it has ended meanwhile
  }
}

function seedOf(at: number): Uint8Array {
  const seed = Buffer.alloc(32, 1);
  seed.writeUInt32BE(at);
  return seed;
}

function chunksOf<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
