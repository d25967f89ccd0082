import { createHash, randomUUID } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { SESSION_HEADERS, requestMac } from '@subnetes/keys/request-session';
import { fromUnknown } from '@subnetes/runtime/errors';
import { traceHeaders, withSpan } from '@subnetes/telemetry/tracing';
import { Pool, buildConnector } from 'undici';
import type { AskMiner, Miner } from '#application/ports.ts';
import { readAnswer } from '#domain/answer.ts';
import type { Answer } from '#domain/answer.ts';
import type { DialGuard } from './dial-guard.ts';
import { shakeHands } from './miner-handshake.ts';
import type { HandshakeOptions, MinerSession } from './miner-handshake.ts';

const CONNECT_TIMEOUT_MS = 1000;
const KEEP_ALIVE_MS = 30_000;
const ANSWER_BYTES_MAX = 256 * 1024;
const CONNECTIONS_MAX = 4;
/** A session is renewed when so much of its life is left. */
const RENEW_MS = 30_000;
const REASON_LENGTH_MAX = 160;

export type MinerClientOptions = HandshakeOptions & { readonly nowMs: () => number; readonly dial: DialGuard };

type Line = { readonly pool: Pool; readonly key: string; session: MinerSession | undefined };

/** Asks miners over HTTPS within sessions; remembers connections and sessions of those that it asks. */
export function minerClient(options: MinerClientOptions): { readonly ask: AskMiner } & AsyncDisposable {
  const lines = new Map<string, Line>();
  const lineOf = (miner: Miner): Line => {
    const key = `${miner.urls[0]} ${Buffer.from(miner.spkiSha256).toString('hex')}`;
    const known = lines.get(miner.id);
    if (known?.key === key) return known;
    if (known !== undefined) void known.pool.destroy();
    const line: Line = { pool: openPool(miner, options.dial), key, session: undefined };
    lines.set(miner.id, line);
    return line;
  };
  return {
    ask: (question) =>
      withSpan('validator ask', { attributes: { 'subnetes.miner.uid': question.miner.uid } }, async () => {
        const timeout = AbortSignal.timeout(question.timeoutMs);
        const signal = AbortSignal.any([question.signal, timeout]);
        try {
          return await askOnce(options, lineOf(question.miner), { ...question, signal });
        } catch (error) {
          return invalid(reasonOf(error, { timeout, question }));
        }
      }),
    async [Symbol.asyncDispose]() {
      await Promise.all([...lines.values()].map(({ pool }) => pool.destroy()));
    },
  };
}

type Question = Parameters<AskMiner>[0];

async function askOnce(options: MinerClientOptions, line: Line, question: Question): Promise<Answer> {
  const first = await infer(options, line, question);
  if (first.code !== 'SESSION_UNKNOWN') return first.answer;
  line.session = undefined;
  return (await infer(options, line, question)).answer;
}

async function infer(
  options: MinerClientOptions,
  line: Line,
  question: Question,
): Promise<{ readonly answer: Answer; readonly code?: string }> {
  const { miner, closes, task, block, signal } = question;
  const nowMs = options.nowMs();
  if (line.session === undefined || line.session.expiresAtMs - RENEW_MS < nowMs) {
    line.session = await shakeHands(options, { pool: line.pool, miner, block, nowMs, signal });
  }
  const path = `/v2/models/${encodeURIComponent(question.modelName)}/infer`;
  const input = { name: 'closes', datatype: 'FP64', shape: [closes.length], data: closes };
  const body = Buffer.from(JSON.stringify({ inputs: [input] }));
  const requestId = randomUUID();
  const mac = requestMac(line.session.secret, { method: 'POST', path, body, timestampMs: nowMs, requestId });
  const response = await line.pool.request({
    method: 'POST',
    path,
    body,
    signal,
    headers: {
      'content-type': 'application/json',
      [SESSION_HEADERS.session]: line.session.id,
      [SESSION_HEADERS.requestId]: requestId,
      [SESSION_HEADERS.timestampMs]: String(nowMs),
      [SESSION_HEADERS.mac]: mac,
      ...traceHeaders(),
    },
  });
  const json = parseJson(await response.body.text());
  if (response.statusCode === 200) return { answer: readOutputs(json, task) };
  const { error, code } = json as { error?: unknown; code?: unknown };
  const answer = invalid(`HTTP ${response.statusCode}${typeof error === 'string' ? `: ${error}` : ''}`);
  return typeof code === 'string' ? { answer, code } : { answer };
}

function readOutputs(json: object, task: Question['task']): Answer {
  const { outputs } = json as { outputs?: unknown };
  const list: readonly unknown[] = Array.isArray(outputs) ? outputs : [];
  const output = list.find((one) => isRecord(one) && one['name'] === 'quantiles');
  if (!isRecord(output)) return invalid('the answer has no output called quantiles');
  const { shape, data } = output;
  const isList = (value: unknown): value is number[] => Array.isArray(value);
  if (!isList(shape) || !isList(data)) return invalid('the output quantiles has no shape or no data');
  return readAnswer(task, shape, data);
}

function parseJson(text: string): object {
  const json: unknown = JSON.parse(text);
  return typeof json === 'object' && json !== null ? json : {};
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function reasonOf(error: unknown, context: { readonly timeout: AbortSignal; readonly question: Question }): string {
  const { timeout, question } = context;
  if (question.signal.aborted) return 'late: no answer before the next day began';
  if (timeout.aborted) return `late: no answer within ${question.timeoutMs} ms`;
  return `no answer: ${fromUnknown(error).message}`;
}

function invalid(reason: string): Answer {
  return { kind: 'invalid', reason: reason.slice(0, REASON_LENGTH_MAX) };
}

/** Connections to one miner, given out only where the certificate's key is the one that the miner announced. */
function openPool(miner: Miner, dial: DialGuard): Pool {
  const connect = buildConnector({
    timeout: CONNECT_TIMEOUT_MS,
    rejectUnauthorized: false,
    // A resumed session shows no certificate, so there would be nothing to compare.
    maxCachedSessions: 0,
    lookup: dial.lookup,
  });
  const announced = Buffer.from(miner.spkiSha256);
  return new Pool(new URL(miner.urls[0] ?? '').origin, {
    connections: CONNECTIONS_MAX,
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxResponseSize: ANSWER_BYTES_MAX,
    connect(target, callback) {
      const refusal = dial.refusalOf(target.hostname);
      if (refusal !== undefined) return callback(new Error(refusal), null);
      connect(target, (error, socket) => {
        if (error !== null) return callback(error, null);
        const key = (socket as TLSSocket).getPeerX509Certificate()?.publicKey.export({ type: 'spki', format: 'der' });
        if (key !== undefined && createHash('sha256').update(key).digest().equals(announced))
          return callback(null, socket);
        socket.destroy();
        callback(new Error('the certificate is not the one that the miner announced'), null);
      });
    },
  });
}
