import { randomUUID } from 'node:crypto';
import type { AddressRule } from '@subnetes/dial/address-rule';
import { openMinerPool } from '@subnetes/dial/miner-pool';
import { SESSION_HEADERS, requestMac } from '@subnetes/keys/request-session';
import { fromUnknown } from '@subnetes/runtime/errors';
import { traceHeaders, withSpan } from '@subnetes/telemetry/tracing';
import type { Pool } from 'undici';
import type { AskMiner, Miner, SignedAnswer } from '#application/ports.ts';
import { readAnswer } from '#domain/answer.ts';
import type { Answer } from '#domain/answer.ts';
import { isUnavailable, NotAsked, shakeHands } from './miner-handshake.ts';
import type { HandshakeOptions, MinerSession } from './miner-handshake.ts';

const POOL_LIMITS = { connectionsMax: 4, answerBytesMax: 256 * 1024 };
/** A session is renewed when so much of its life is left. */
const RENEW_MS = 30_000;
const REASON_LENGTH_MAX = 160;
/** Base64 of a signed envelope. */
const RECEIPT_LENGTH_MAX = 4096;

export type MinerClientOptions = HandshakeOptions & { readonly nowMs: () => number; readonly rule: AddressRule };

type Line = { readonly pool: Pool; readonly key: string; session: MinerSession | undefined };

/** Asks miners over HTTPS within sessions; remembers connections and sessions of those that it asks. */
export function minerClient(options: MinerClientOptions): { readonly ask: AskMiner } & AsyncDisposable {
  const lines = new Map<string, Line>();
  const lineOf = async (miner: Miner, signal: AbortSignal): Promise<Line> => {
    const [url = ''] = miner.urls;
    const spkiSha256 = Buffer.from(miner.spkiSha256).toString('hex');
    const key = `${url} ${spkiSha256}`;
    const before = lines.get(miner.id);
    if (before?.key === key) return before;
    const resolved = await unlessAborted(options.rule.resolve(url), signal);
    if (!resolved.ok) throw new NotAsked(resolved.reason);
    const known = lines.get(miner.id); // another question may have opened it meanwhile
    if (known?.key === key) return known;
    if (known !== undefined) void known.pool.destroy();
    const pool = openMinerPool(resolved.address, spkiSha256, POOL_LIMITS);
    const line: Line = { pool, key, session: undefined };
    lines.set(miner.id, line);
    return line;
  };
  return {
    ask: (question) =>
      withSpan('validator ask', { attributes: { 'subnetes.miner.uid': question.miner.uid } }, async () => {
        const timeout = AbortSignal.timeout(question.timeoutMs);
        const signal = AbortSignal.any([question.signal, timeout]);
        try {
          return await askOnce(options, await lineOf(question.miner, signal), { ...question, signal });
        } catch (error) {
          const answer = invalid(reasonOf(error, { timeout, question }));
          return error instanceof NotAsked ? answer : unanswered(answer);
        }
      }),
    async [Symbol.asyncDispose]() {
      await Promise.all([...lines.values()].map(({ pool }) => pool.destroy()));
    },
  };
}

type Question = Parameters<AskMiner>[0];

async function askOnce(options: MinerClientOptions, line: Line, question: Question): Promise<SignedAnswer> {
  const first = await infer(options, line, question);
  if (first.code !== 'SESSION_UNKNOWN') return first.answer;
  line.session = undefined;
  return (await infer(options, line, question)).answer;
}

async function infer(
  options: MinerClientOptions,
  line: Line,
  question: Question,
): Promise<{ readonly answer: SignedAnswer; readonly code?: string }> {
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
  if (response.statusCode === 200) {
    return { answer: { ...readOutputs(json, task), ...receiptOf(response.headers[SESSION_HEADERS.minerReceipt]) } };
  }
  const { error, code } = json as { error?: unknown; code?: unknown };
  const refused = invalid(`HTTP ${response.statusCode}${typeof error === 'string' ? `: ${error}` : ''}`);
  const answer = isUnavailable(response.statusCode) ? unanswered(refused) : refused;
  return typeof code === 'string' ? { answer, code } : { answer };
}

function receiptOf(header: string | string[] | undefined): Pick<SignedAnswer, 'receipt'> {
  return typeof header === 'string' && header.length <= RECEIPT_LENGTH_MAX ? { receipt: header } : {};
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

function invalid(reason: string): Answer & { readonly kind: 'invalid' } {
  return { kind: 'invalid', reason: reason.slice(0, REASON_LENGTH_MAX) };
}

function unanswered(answer: Answer & { readonly kind: 'invalid' }): Answer {
  return { ...answer, unanswered: true };
}

/** A look-up cannot be cancelled, but nobody has to wait for it. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason as Error);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
