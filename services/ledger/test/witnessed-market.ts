import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { openDatabase } from '@subnetes/runtime/postgres';
import type { Database } from '@subnetes/runtime/sql';
import { sessionKeyOf } from '@subnetes/keys/session-key';
import { type EpochScored, EpochScoredSchema } from '@subnetes/proto/gen/subnetes/events/v1/events_pb';
import { readInputs, recomputeEpoch, sha256Hex } from '@subnetes/replay/recompute-epoch';
import { freePort, startServer, type ServerProcess } from '@subnetes/testkit/processes';
import { programEnvironment } from '@subnetes/testkit/program-environment';

const SERVICES = path.resolve(import.meta.dirname, '../..');

export const secretOf = (seed: number): Uint8Array => new Uint8Array(32).fill(seed);
export const keyHexOf = (seed: number): string => Buffer.from(sessionKeyOf(secretOf(seed)).publicKey).toString('hex');

/** Another service as a process, told by its environment, with its metrics. */
export interface Process extends AsyncDisposable {
  readonly server: ServerProcess;
  metrics(): Promise<string>;
}

async function startProcess(service: string, env: Readonly<Record<string, string>>): Promise<Process> {
  const healthPort = await freePort();
  const health = `http://127.0.0.1:${healthPort}`;
  const server = await startServer({
    command: process.execPath,
    args: [path.join(SERVICES, service, 'src/main.ts')],
    env: {
      ...programEnvironment(),
      LOG_LEVEL: 'warn',
      INSECURE_MODE: 'loopback',
      HEALTH_PORT: String(healthPort),
      ...env,
    },
    ready: async () => (await fetch(`${health}/readyz`)).status === 200,
  });
  return {
    server,
    metrics: async () => (await fetch(`${health}/metrics`)).text(),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

export function startScoring(parts: {
  readonly databaseUrl: string;
  readonly natsUrl: string;
  readonly ledgerPort: number;
  readonly grpcPort: number;
  readonly keys: readonly string[];
}): Promise<Process> {
  return startProcess('scoring', {
    DATABASE_URL: parts.databaseUrl,
    NATS_URL: parts.natsUrl,
    LEDGER_URL: `127.0.0.1:${parts.ledgerPort}`,
    GRPC_PORT: String(parts.grpcPort),
    VERIFY_THREADS: '0',
    WITNESS_KEYS: parts.keys.join(','),
  });
}

export async function startWitness(parts: {
  readonly seed: number;
  readonly ledgerPort: number;
  readonly scoringPort: number;
}): Promise<Process> {
  const folder = await mkdtemp(path.join(tmpdir(), 'subnetes-witness-'));
  const keyFile = path.join(folder, 'secret-key');
  await writeFile(keyFile, Buffer.from(secretOf(parts.seed)).toString('hex'));
  const witness = await startProcess('witness', {
    LEDGER_URL: `127.0.0.1:${parts.ledgerPort}`,
    SCORING_URL: `127.0.0.1:${parts.scoringPort}`,
    WITNESS_KEY_FILE: keyFile,
  });
  return {
    ...witness,
    async [Symbol.asyncDispose]() {
      await witness[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}

/** What scoring keeps of an epoch: a lie is another row. */
export interface StoredRow {
  readonly inputs: string;
  readonly outputs: string;
  readonly scored: EpochScored;
}

/** Scoring's database, as one who may change it sees it. */
export async function openScoringDatabase(url: string): Promise<
  AsyncDisposable & {
    read(netuid: number, index: number): Promise<StoredRow | undefined>;
    write(netuid: number, index: number, row: StoredRow): Promise<void>;
    witnesses(): Promise<number>;
  }
> {
  const database: Database = await openDatabase({ url });
  return {
    read: async (netuid, index) => {
      const [row] = await database.query<{ inputs_json: string; outputs_json: string; scored: Uint8Array }>(
        'SELECT inputs_json, outputs_json, scored FROM epochs WHERE netuid = $1 AND epoch_index = $2',
        [netuid, index],
      );
      return (
        row && { inputs: row.inputs_json, outputs: row.outputs_json, scored: fromBinary(EpochScoredSchema, row.scored) }
      );
    },
    write: async (netuid, index, { inputs, outputs, scored }) => {
      await database.query(
        `UPDATE epochs SET inputs_json = $3, inputs_sha256 = $4, outputs_json = $5, outputs_sha256 = $6, scored = $7
         WHERE netuid = $1 AND epoch_index = $2`,
        [netuid, index, inputs, sha256Hex(inputs), outputs, sha256Hex(outputs), toBinary(EpochScoredSchema, scored)],
      );
    },
    witnesses: async () => {
      const [row] = await database.query<{ count: string }>('SELECT count(*)::text AS count FROM epoch_witnesses');
      return Number(row?.count);
    },
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}

/** A row that a scoring would have which was told other inputs: right in itself, to the last hash. */
export function scoredFrom(row: StoredRow, inputs: string): StoredRow {
  const inputsSha256 = sha256Hex(inputs);
  const { outputsJson, outputsSha256, neurons } = recomputeEpoch(readInputs(inputs), inputsSha256);
  const scored = {
    ...row.scored,
    inputsSha256: bytesOf(inputsSha256),
    outputsSha256: bytesOf(outputsSha256),
    neurons: row.scored.neurons.map((told, at) => ({
      ...told,
      incentiveRao: String(neurons[at]?.incentiveRao),
      dividendRao: String(neurons[at]?.dividendRao),
      incentiveU16: neurons[at]?.incentive ?? 0,
      dividendsU16: neurons[at]?.dividends ?? 0,
      validatorPermit: neurons[at]?.permit ?? false,
    })),
  };
  return { inputs, outputs: outputsJson, scored };
}

export function bytesOf(hex: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(hex, 'hex'));
}
