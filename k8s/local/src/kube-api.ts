import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';

/** A request to the API server must answer within this time; watches are told to end earlier than that. */
const REQUEST_TIMEOUT_MS = 30_000;
const BODY_BYTES_MAX = 64 * 1024 * 1024;

/** The API server refused a request or could not be reached (`status` is then undefined). */
export class KubeApiError extends Error {
  override readonly name = 'KubeApiError';
  readonly status: number | undefined;

  constructor(message: string, options: { readonly status?: number; readonly cause?: unknown }) {
    super(message, { cause: options.cause });
    this.status = options.status;
  }
}

export type KubeRequest = {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: object;
  readonly contentType?: string;
  readonly signal?: AbortSignal | undefined;
};

/** A client of one API server with a client certificate. */
export type KubeApi = {
  /** @throws KubeApiError for a status of 400 and above, and when the server cannot be reached. */
  readonly send: (request: KubeRequest) => Promise<unknown>;
  /** Opens a response whose body is read as it comes, for watches. */
  readonly open: (request: KubeRequest) => Promise<IncomingMessage>;
  readonly close: () => void;
};

/** Connects as `user` (a file name in the folder of keys) to the API server at `https://<host>:<port>`. */
export function kubeApi(
  pkiDir: string,
  user: string,
  address: { readonly host: string; readonly port: number },
): KubeApi {
  const agent = new Agent({
    keepAlive: true,
    ca: readFileSync(join(pkiDir, 'ca.crt')),
    cert: readFileSync(join(pkiDir, `${user}.crt`)),
    key: readFileSync(join(pkiDir, `${user}.key`)),
  });
  const open = async (spec: KubeRequest): Promise<IncomingMessage> => {
    const response = await connect(agent, address, spec);
    const status = response.statusCode ?? 0;
    if (status < 400) return response;
    const text = await readBody(response);
    throw new KubeApiError(`${spec.method} ${spec.path}: ${status} ${messageOf(text)}`, { status });
  };
  return {
    open,
    send: async (spec) => JSON.parse(await readBody(await open(spec))) as unknown,
    close: () => agent.destroy(),
  };
}

async function connect(
  agent: Agent,
  address: { host: string; port: number },
  spec: KubeRequest,
): Promise<IncomingMessage> {
  const body = spec.body === undefined ? undefined : JSON.stringify(spec.body);
  return new Promise((resolve, reject) => {
    const outgoing = request({
      agent,
      ...address,
      method: spec.method,
      path: spec.path,
      timeout: REQUEST_TIMEOUT_MS,
      ...(spec.signal === undefined ? {} : { signal: spec.signal }),
      headers: {
        accept: 'application/json',
        ...(body === undefined
          ? {}
          : { 'content-type': spec.contentType ?? 'application/json', 'content-length': Buffer.byteLength(body) }),
      },
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer for ${REQUEST_TIMEOUT_MS} ms`)));
    outgoing.on('error', (cause) =>
      reject(new KubeApiError(`${spec.method} ${spec.path}: ${cause.message}`, { cause })),
    );
    outgoing.on('response', (response) => {
      outgoing.setTimeout(0); // a watch may be silent for longer; it ends by its own timeoutSeconds
      resolve(response);
    });
    outgoing.end(body);
  });
}

async function readBody(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) throw new KubeApiError(`the answer has more than ${BODY_BYTES_MAX} bytes`, {});
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The message of a Status object, or the beginning of whatever else came. */
function messageOf(text: string): string {
  try {
    const status: unknown = JSON.parse(text);
    if (typeof status === 'object' && status !== null && 'message' in status) return String(status.message);
  } catch {
    // not JSON: a proxy's or an early error page, shown as it is
  }
  return text.slice(0, 300);
}
