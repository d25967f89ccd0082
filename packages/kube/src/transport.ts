import { setTimeout as delay } from 'node:timers/promises';
import { Pool, type Dispatcher } from 'undici';
import { backoffMs } from './backoff.ts';
import type { Connection } from './connection.ts';
import { errorFromStatus, KubeApiError, KubeConnectionError } from './errors.ts';
import { readJsonLines } from './json-lines.ts';
import type { KubeMetrics } from './metrics.ts';

export interface KubeRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly signal?: AbortSignal;
}

export interface KubeResponse {
  readonly status: number;
  readonly body: unknown;
}

/** One line of a watch. */
export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: unknown;
}

/** Two pools of kept-alive connections to one API server: one for requests, one for watches. */
export interface Transport extends AsyncDisposable {
  /**
   * @throws KubeApiError for every answer from 400 on (429 and 503 after retries)
   * @throws KubeConnectionError when no answer came
   */
  request(request: KubeRequest): Promise<KubeResponse>;
  /** Events of a watch until the server ends it. Throws as `request` does. */
  watch(path: string, query: Readonly<Record<string, string>>, signal: AbortSignal): AsyncIterable<WatchEvent>;
}

export interface TransportOptions {
  readonly connection: Connection;
  readonly metrics: KubeMetrics;
  readonly random: () => number;
  readonly userAgent: string;
  /** Silence after which a watch counts as dead; bookmarks come about every 60 s. */
  readonly watchSilenceMs?: number;
}

const REQUEST_CONNECTIONS = 16;
const WATCH_CONNECTIONS = 64;
const REQUEST_DEADLINE_MS = 30_000;
const WATCH_SILENCE_MS = 75_000;
const RESPONSE_BYTES_MAX = 64 * 1024 * 1024;
const RETRIES_MAX = 3;
const RETRY_BACKOFF = { baseMs: 100, capMs: 2_000 };
const RETRY_AFTER_MAX_MS = 30_000;

/** Opens the transport; nothing is dialled before the first request. */
export function openTransport(options: TransportOptions): Transport {
  const { server, tls } = options.connection;
  const connect = { ...tls, timeout: 10_000 };
  // A connection a request, as the limits of both pools count. With streams of HTTP/2 the client library has thrown, where nobody
  // could catch it, for watches that were given up right before their pool was destroyed.
  const allowH2 = false;
  const requests = new Pool(server, { connections: REQUEST_CONNECTIONS, keepAliveTimeout: 30_000, connect, allowH2 });
  const watches = new Pool(server, {
    connections: WATCH_CONNECTIONS,
    allowH2,
    bodyTimeout: options.watchSilenceMs ?? WATCH_SILENCE_MS,
    headersTimeout: REQUEST_DEADLINE_MS,
    connect,
  });
  const host = new URL(server).host;
  const count = (method: string, code: string): void => options.metrics.request({ code, method, host });

  return {
    async request(request) {
      for (let attempt = 0; ; attempt += 1) {
        try {
          return await requestOnce(requests, options, request, count);
        } catch (error) {
          const waitMs = retryDelayMs(error, request, attempt, options.random());
          if (waitMs === undefined) throw error;
          await delay(waitMs, undefined, request.signal === undefined ? {} : { signal: request.signal });
        }
      }
    },
    watch(path, query, signal) {
      return watchOnce(watches, options, { path, query, signal }, count);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([requests.destroy(), watches.destroy()]);
    },
  };
}

async function headersFor(options: TransportOptions, contentType?: string): Promise<Record<string, string>> {
  const token = await options.connection.token();
  return {
    accept: 'application/json',
    'user-agent': options.userAgent,
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(contentType === undefined ? {} : { 'content-type': contentType }),
  };
}

function withQuery(path: string, query: Readonly<Record<string, string>> | undefined): string {
  const text = new URLSearchParams(query ?? {}).toString();
  return text === '' ? path : `${path}?${text}`;
}

type Count = (method: string, code: string) => void;

async function requestOnce(
  pool: Pool,
  options: TransportOptions,
  request: KubeRequest,
  count: Count,
): Promise<KubeResponse> {
  const deadline = AbortSignal.timeout(REQUEST_DEADLINE_MS);
  const signal = request.signal === undefined ? deadline : AbortSignal.any([deadline, request.signal]);
  const hasBody = request.body !== undefined;
  const headers = await headersFor(options, hasBody ? (request.contentType ?? 'application/json') : undefined);
  let response: Dispatcher.ResponseData;
  let text: string;
  try {
    response = await pool.request({
      method: request.method,
      path: withQuery(request.path, request.query),
      headers,
      signal,
      ...(hasBody ? { body: JSON.stringify(request.body) } : {}),
    });
    text = await readText(response.body);
  } catch (error) {
    if (request.signal?.aborted === true) throw error;
    count(request.method, '<error>');
    throw new KubeConnectionError(`${request.method} ${request.path} got no answer`, { cause: error });
  }
  count(request.method, String(response.statusCode));
  const body = parseBody(text);
  if (response.statusCode >= 400) {
    throw errorFromStatus(body, response.statusCode, retryAfterMs(response.headers['retry-after']));
  }
  return { status: response.statusCode, body };
}

async function* watchOnce(
  pool: Pool,
  options: TransportOptions,
  target: { path: string; query: Readonly<Record<string, string>>; signal: AbortSignal },
  count: Count,
): AsyncGenerator<WatchEvent, void, undefined> {
  let response: Dispatcher.ResponseData;
  try {
    response = await pool.request({
      method: 'GET',
      path: withQuery(target.path, { ...target.query, watch: 'true' }),
      headers: await headersFor(options),
      signal: target.signal,
    });
  } catch (error) {
    if (target.signal.aborted) return;
    count('GET', '<error>');
    throw new KubeConnectionError(`watch ${target.path} got no answer`, { cause: error });
  }
  count('GET', String(response.statusCode));
  if (response.statusCode >= 400) {
    throw errorFromStatus(parseBody(await readText(response.body)), response.statusCode);
  }
  try {
    yield* readJsonLines<WatchEvent>(response.body);
  } catch (error) {
    if (target.signal.aborted) return;
    throw new KubeConnectionError(`watch ${target.path} broke`, { cause: error });
  }
}

async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > RESPONSE_BYTES_MAX) throw new Error(`the answer is longer than ${RESPONSE_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Proxies in front of an API server answer in plain text at times; that text is the message then. */
function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return { message: text.slice(0, 500) };
  }
}

function retryAfterMs(header: string | string[] | undefined): number | undefined {
  const seconds = Number(Array.isArray(header) ? header[0] : header);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds * 1000, RETRY_AFTER_MAX_MS) : undefined;
}

/** Undefined: do not try again. A POST is never repeated after a broken connection, since it may have happened. */
function retryDelayMs(error: unknown, request: KubeRequest, attempt: number, random: number): number | undefined {
  if (attempt >= RETRIES_MAX || request.signal?.aborted === true) return undefined;
  if (error instanceof KubeApiError && (error.status === 429 || error.status === 503)) {
    return error.retryAfterMs ?? backoffMs(attempt, RETRY_BACKOFF, random);
  }
  if (error instanceof KubeConnectionError && request.method !== 'POST') {
    return backoffMs(attempt, RETRY_BACKOFF, random);
  }
  return undefined;
}
