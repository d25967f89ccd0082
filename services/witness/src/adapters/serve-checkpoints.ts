import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listenHttp } from '@subnetes/runtime/http-listener';
import type { WitnessAnswer } from '@subnetes/transparency/witness';
import { ADD_CHECKPOINT_BYTES_MAX } from '@subnetes/transparency/witness-request';

/** A log sends one request at a time. */
const CONNECTIONS_MAX = 32;
const REQUEST_MS_MAX = 10_000;
/** Of C2SP tlog-witness: where the witness stands, which the log then continues from. */
const SIZE_TYPE = 'text/x.tlog.size';

export interface CheckpointServerOptions {
  readonly port: number;
  readonly host?: string;
  readonly judge: (body: Uint8Array) => Promise<WitnessAnswer>;
  readonly answered: (answer: WitnessAnswer) => void;
  readonly failed: (error: unknown) => void;
}

/**
 * `POST /add-checkpoint` as C2SP tlog-witness has it, in plain text: what is sent is public, and both sides believe signatures
 * alone.
 */
export async function serveCheckpoints(
  options: CheckpointServerOptions,
): Promise<{ readonly port: number } & AsyncDisposable> {
  const server = createServer((request, response) => {
    answer(request, response, options).catch((error: unknown) => {
      options.failed(error);
      reply(response, 500, 'the witness cannot answer at the moment');
    });
  });
  server.maxConnections = CONNECTIONS_MAX;
  server.requestTimeout = REQUEST_MS_MAX;
  server.headersTimeout = REQUEST_MS_MAX;
  return await listenHttp(server, options);
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { judge, answered }: CheckpointServerOptions,
): Promise<void> {
  if (request.url !== '/add-checkpoint') return reply(response, 404, 'there is /add-checkpoint');
  if (request.method !== 'POST') return reply(response, 405, 'checkpoints are added with POST');
  const body = await bodyOf(request);
  if (body === undefined) return reply(response, 413, `a request has at most ${ADD_CHECKPOINT_BYTES_MAX} bytes`);
  const judged = await judge(body);
  answered(judged);
  if (judged.status === 200) return reply(response, 200, judged.signatures.trimEnd());
  if (judged.witnessedSize !== undefined) return reply(response, 409, String(judged.witnessedSize), SIZE_TYPE);
  reply(response, judged.status, `${judged.code}: ${judged.message}`);
}

/** Undefined when it is too long; what comes after that is not read. */
async function bodyOf(request: IncomingMessage): Promise<Uint8Array | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > ADD_CHECKPOINT_BYTES_MAX) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function reply(response: ServerResponse, code: number, text: string, type = 'text/plain; charset=utf-8'): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response
    .writeHead(code, { 'content-type': type, connection: code === 413 ? 'close' : 'keep-alive' })
    .end(`${text}\n`);
}
