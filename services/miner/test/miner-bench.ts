import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { createHash, generateKeyPairSync, randomBytes, randomUUID, sign } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signEnvelope } from '@subnetes/keys/envelope';
import { newHotkeyFile, readHotkeyFile } from '@subnetes/keys/key-file';
import { HANDSHAKE_PATH, newEphemeralKey, requestMac, sessionSecret } from '@subnetes/keys/request-session';
import { signedBytes } from '@subnetes/keys/signed-bytes';
import { applied } from '@subnetes/neuron/market-view';
import type { MarketState, MarketView } from '@subnetes/neuron/market-view';
import { EnvelopeType, SignedEnvelopeSchema } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import type { SignedEnvelope } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { SubnetUpdateSchema } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import {
  HandshakeAcceptSchema,
  HandshakeHelloSchema,
  HandshakeRequestSchema,
  HandshakeResponseSchema,
} from '@subnetes/proto/gen/subnetes/miner/v1/miner_pb';
import { systemClock } from '@subnetes/runtime/clock';
import { createLogger } from '@subnetes/telemetry/logger';
import { createMetrics } from '@subnetes/telemetry/metrics';
import { Agent, request } from 'undici';
import { loadModels } from '#adapters/load-models.ts';
import { startMiner } from '#adapters/start-miner.ts';

export const networkId = new Uint8Array(32).fill(7);
export const minerRegistration = new Uint8Array(32).fill(1);
export const validatorRegistration = new Uint8Array(32).fill(2);
export const validator = readHotkeyFile(JSON.stringify(newHotkeyFile()));
export const gatewayKey = generateKeyPairSync('ed25519');
export const gatewayPublicKey = Buffer.from(String(gatewayKey.publicKey.export({ format: 'jwk' }).x), 'base64url');
export const BLOCK = 50n;
const models = new URL('../../../k8s/samples/finance/trainer/models/', import.meta.url);

/** A miner of the sample on a free port, with a market made by hand and a client that speaks its protocol. */
export async function openBench(model = 'garch.onnx', maxInFlight = 8) {
  const directory = mkdtempSync(join(tmpdir(), 'subnetes-miner-'));
  const hotkeyText = JSON.stringify(newHotkeyFile());
  writeFileSync(join(directory, 'hotkey.json'), hotkeyText);
  const hotkey = readHotkeyFile(hotkeyText);
  const content = readFileSync(new URL(model, models));
  const file = join(directory, model);
  writeFileSync(file, content);
  const sha256 = createHash('sha256').update(content).digest('hex');
  const format = model.endsWith('.onnx') ? 'Onnx' : 'Script';
  const announced: SignedEnvelope[] = [];
  const metrics = createMetrics({ service: 'miner', version: 'test', processMetrics: false });
  const view = fakeView(hotkey.address);
  const miner = await startMiner({
    neuron: {
      networkId,
      registrationId: minerRegistration,
      netuid: 1,
      ledgerUrl: '',
      scoringUrl: '',
      hotkeyFile: join(directory, 'hotkey.json'),
      publicUrls: ['https://garch.finance.svc:8443'],
      gatewayPublicKeys: [gatewayPublicKey],
    },
    models: await loadModels([{ file, format, sha256, mechanismId: 0 }]),
    maxInFlight,
    view,
    announce: async (announcement) => void announced.push(announcement),
    listen: { host: '127.0.0.1', port: 0 },
    clock: systemClock,
    metrics,
    log: createLogger({ service: 'miner', level: 'silent' }),
  });
  const agent = new Agent({ connect: { rejectUnauthorized: false }, pipelining: 1 });
  return {
    url: `https://127.0.0.1:${miner.port}`,
    hotkey,
    announced,
    metrics,
    miner,
    agent,
    view,
    async [Symbol.asyncDispose]() {
      await agent.destroy();
      await miner[Symbol.asyncDispose]();
      rmSync(directory, { recursive: true });
    },
  };
}
export type Bench = Awaited<ReturnType<typeof openBench>>;

function fakeView(minerHotkey: string): MarketView {
  const update = create(SubnetUpdateSchema, {
    networkId,
    block: BLOCK,
    snapshot: true,
    subnet: {
      netuid: 1,
      handle: 'sp500',
      active: { policy: { serving: { models: [{ name: 'forecast', mechanismId: 0 }] } } },
    },
    neurons: [
      { uid: 0, hotkey: minerHotkey, registrationId: minerRegistration, stake: { asset: 'TAO', amount: '0' } },
      {
        uid: 1,
        hotkey: validator.address,
        registrationId: validatorRegistration,
        stake: { asset: 'TAO', amount: '5' },
      },
    ],
  });
  const state: MarketState = applied(undefined, update);
  return {
    state: () => state,
    async blockAfter(block, signal) {
      if (state.block > block) return state;
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    },
    async [Symbol.asyncDispose]() {},
  };
}

export type Greeting = {
  readonly envelope?: {
    readonly signature?: Uint8Array;
    readonly registrationId?: Uint8Array;
    readonly signer?: string;
  };
  readonly hello?: {
    readonly minerHotkey?: string;
    readonly timeMs?: bigint;
    readonly nonce?: Uint8Array;
    readonly ephemeralPublicKey?: Uint8Array;
  };
  readonly network?: Uint8Array;
  readonly expiresAtBlock?: bigint;
};

/** A greeting by the validator, with whatever a test changes about it. */
export function greeting(bench: Bench, changes: Greeting = {}) {
  const ephemeral = newEphemeralKey();
  const nonce = randomBytes(16);
  const hello = create(HandshakeHelloSchema, {
    ephemeralPublicKey: ephemeral.publicKey,
    nonce,
    timeMs: BigInt(Date.now()),
    minerHotkey: bench.hotkey.address,
    ...changes.hello,
  });
  const terms = {
    networkId: changes.network ?? networkId,
    type: EnvelopeType.HANDSHAKE,
    registrationId: validatorRegistration,
    sequence: BigInt(Date.now()),
    expiresAtBlock: changes.expiresAtBlock ?? BLOCK + 5n,
    payload: toBinary(HandshakeHelloSchema, hello),
  };
  const envelope = create(SignedEnvelopeSchema, { ...signEnvelope(terms, validator), ...changes.envelope });
  return {
    ephemeral,
    nonce,
    body: toBinary(HandshakeRequestSchema, create(HandshakeRequestSchema, { hello: envelope })),
  };
}

/** A gateway's greeting: signed by its ed25519 key, no registration. */
export function gatewayGreeting(bench: Bench) {
  const made = greeting(bench);
  const { hello } = fromBinary(HandshakeRequestSchema, made.body);
  const bare = { ...hello, networkId, type: EnvelopeType.HANDSHAKE, registrationId: new Uint8Array() };
  const { sequence = 0n, expiresAtBlock = 0n, payload = new Uint8Array() } = hello ?? {};
  const message = signedBytes({ ...bare, sequence, expiresAtBlock, payload });
  const envelope = {
    type: EnvelopeType.HANDSHAKE,
    sequence,
    expiresAtBlock,
    payload,
    signer: 'gateway',
    signature: sign(null, message, gatewayKey.privateKey),
    sessionKey: { publicKey: gatewayPublicKey },
  };
  return { ...made, body: toBinary(HandshakeRequestSchema, create(HandshakeRequestSchema, { hello: envelope })) };
}

export async function post(
  bench: Bench,
  path: string,
  options: { body: Uint8Array | string; headers?: Record<string, string> },
) {
  const { body, headers = {} } = options;
  const response = await request(bench.url + path, { method: 'POST', dispatcher: bench.agent, body, headers });
  return {
    status: response.statusCode,
    headers: response.headers,
    body: Buffer.from(await response.body.arrayBuffer()),
  };
}

/** Shakes hands and returns what signs requests. */
export async function openSession(bench: Bench, made = greeting(bench)) {
  const response = await post(bench, HANDSHAKE_PATH, {
    body: made.body,
    headers: { 'content-type': 'application/x-protobuf' },
  });
  if (response.status !== 200) throw new Error(`handshake refused: ${response.body.toString()}`);
  const { accept: envelope } = fromBinary(HandshakeResponseSchema, response.body);
  const accept = fromBinary(HandshakeAcceptSchema, envelope?.payload ?? new Uint8Array());
  const secret = sessionSecret(made.ephemeral, accept.ephemeralPublicKey, { caller: made.nonce, miner: accept.nonce });
  if (secret === undefined || envelope === undefined) throw new Error('no session');
  const headersFor = (path: string, body: string, changes: { timestampMs?: number; requestId?: string } = {}) => {
    const { timestampMs = Date.now(), requestId = randomUUID() } = changes;
    return {
      'content-type': 'application/json',
      'x-subnetes-session': accept.sessionId,
      'x-subnetes-request-id': requestId,
      'x-subnetes-timestamp-ms': String(timestampMs),
      'x-subnetes-mac': requestMac(secret, { method: 'POST', path, body: Buffer.from(body), timestampMs, requestId }),
    };
  };
  return { envelope, accept, headersFor };
}

export const INFER = '/v2/models/sp500.forecast/infer';
export const question = (closes: readonly number[]): string =>
  JSON.stringify({ id: 'q', inputs: [{ name: 'closes', datatype: 'FP64', shape: [closes.length], data: closes }] });
