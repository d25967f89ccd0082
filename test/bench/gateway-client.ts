/** Runs inside the cluster's network namespace: reads what to call from stdin, prints figures as JSON. */
import { randomUUID } from 'node:crypto';
import { text } from 'node:stream/consumers';
import process from 'node:process';
import { requestMac, SESSION_HEADERS } from '@subnetes/keys/request-session';
import { openSession } from '@subnetes/serving-gateway/adapters/handshake';
import { identityOf } from '@subnetes/serving-gateway/adapters/gateway-identity';
import { openMinerPool } from '@subnetes/dial/miner-pool';
import { newestCloses } from '@subnetes/start/sample-closes';
import path from 'node:path';
import { Pool } from 'undici';

export interface ClientInput {
  readonly gateway: string;
  readonly apiKey: string;
  readonly model: string;
  readonly networkIdHex: string;
  readonly block: string;
  readonly gatewaySecretHex: string;
  readonly miners: readonly {
    readonly id: string;
    readonly netuid: number;
    readonly uid: number;
    readonly hotkey: string;
    readonly spkiSha256: string;
    readonly address: string;
  }[];
}

interface Percentiles {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface ClientFigures {
  readonly calls: number;
  readonly connections: number;
  readonly direct: Percentiles;
  readonly gateway: Percentiles;
  readonly addedP50Ms: number;
  readonly addedP99Ms: number;
}

const CALLS = 5000;
const CONNECTIONS = 8;
const WARM_UP = 400;

type Ask = () => Promise<void>;

function percentiles(latencies: readonly number[]): Percentiles {
  const sorted = latencies.toSorted((one, other) => one - other);
  const at = (share: number): number =>
    Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN) * 100) / 100;
  return { p50Ms: at(0.5), p99Ms: at(0.99) };
}

async function directAsk(input: ClientInput, path: string, body: Buffer): Promise<Ask> {
  const identity = identityOf(input.gatewaySecretHex);
  const context = {
    identity,
    networkId: Buffer.from(input.networkIdHex, 'hex'),
    block: BigInt(input.block),
    nowMs: Date.now(),
    monotonicMs: () => performance.now(),
  };
  const links = await Promise.all(
    input.miners.map(async (miner) => {
      const pool = openMinerPool({ host: miner.address, port: 8443, pinnedIp: undefined }, miner.spkiSha256);
      const opened = await openSession(pool, { ...miner, urls: [], expiresAtBlock: 0n }, context);
      if (!opened.ok) throw new Error(`miner ${miner.uid}: ${opened.reason}`);
      return { pool, session: opened.session };
    }),
  );
  let next = 0;
  return async () => {
    const link = links[next % links.length];
    next += 1;
    if (link === undefined) throw new Error('no miner serves');
    const [timestampMs, requestId] = [Date.now(), randomUUID()];
    const { statusCode, body: answer } = await link.pool.request({
      method: 'POST',
      path,
      body,
      headers: {
        'content-type': 'application/json',
        [SESSION_HEADERS.session]: link.session.id,
        [SESSION_HEADERS.requestId]: requestId,
        [SESSION_HEADERS.timestampMs]: String(timestampMs),
        [SESSION_HEADERS.mac]: requestMac(link.session.secret, { method: 'POST', path, body, timestampMs, requestId }),
      },
    });
    await answer.arrayBuffer();
    if (statusCode !== 200) throw new Error(`a miner answered ${statusCode}`);
  };
}

function gatewayAsk(input: ClientInput, path: string, body: Buffer): Ask {
  const pool = new Pool(input.gateway, { connections: CONNECTIONS });
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${input.apiKey}` };
  return async () => {
    const { statusCode, body: answer } = await pool.request({ method: 'POST', path, body, headers });
    const said = await answer.text();
    if (statusCode !== 200) throw new Error(`the gateway answered ${statusCode}: ${said.slice(0, 300)}`);
  };
}

/** Eight clients, each calling one after the other, direct and through the gateway in turn. */
async function measure(direct: Ask, gateway: Ask, calls: number): Promise<{ direct: number[]; gateway: number[] }> {
  const latencies = { direct: [] as number[], gateway: [] as number[] };
  let left = calls;
  const timed = async (ask: Ask, into: number[]): Promise<void> => {
    const started = performance.now();
    await ask();
    into.push(performance.now() - started);
  };
  const client = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await timed(direct, latencies.direct);
      await timed(gateway, latencies.gateway);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, client));
  return latencies;
}

const input = JSON.parse(await text(process.stdin)) as ClientInput;
const closes = await newestCloses(path.resolve(import.meta.dirname, '../..'));
const body = Buffer.from(
  JSON.stringify({ inputs: [{ name: 'closes', datatype: 'FP64', shape: [closes.length], data: closes }] }),
);
const infer = `/v2/models/${input.model}/infer`;
const [direct, gateway] = [await directAsk(input, infer, body), gatewayAsk(input, infer, body)];
await measure(direct, gateway, WARM_UP);
const latencies = await measure(direct, gateway, CALLS);
const [directly, through] = [percentiles(latencies.direct), percentiles(latencies.gateway)];
const round = (value: number): number => Math.round(value * 100) / 100;
console.log(
  JSON.stringify({
    calls: CALLS,
    connections: CONNECTIONS,
    direct: directly,
    gateway: through,
    addedP50Ms: round(through.p50Ms - directly.p50Ms),
    addedP99Ms: round(through.p99Ms - directly.p99Ms),
  }),
);
process.exit();
