import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listenHttp } from '@subnetes/runtime/http-listener';
import { parseTilePath } from '@subnetes/transparency/tile';
import type { JournalTree } from '#application/journal-tree.ts';
import { Archived, StoreUnavailable } from '#application/ports.ts';

/** A reader that follows the log asks for a few files a second; a mirror asks for many, once. */
const CONNECTIONS_MAX = 256;
const REQUEST_MS_MAX = 10_000;
const PATH_CHARACTERS_MAX = 64;
const API_PREFIX = '/v1/';

export interface HttpLogOptions {
  /** 8080 in the cluster; 0 picks a free one. */
  readonly port: number;
  readonly host?: string;
  readonly tree: Pick<JournalTree, 'checkpoint' | 'file'>;
  readonly onFailure: (error: unknown) => void;
  /** Serves what begins with /v1/, on the same port. */
  readonly api?: (request: IncomingMessage, response: ServerResponse) => void;
}

/**
 * Serves the log as C2SP tlog-tiles has it: /checkpoint, /tile/<L>/<N>, /tile/entries/<N>. In plain text, for anybody: it is
 * public, and its readers believe signatures and hashes alone. What is under no signed checkpoint yet is not served.
 */
export async function serveHttpLog(options: HttpLogOptions): Promise<{ readonly port: number } & AsyncDisposable> {
  const server = createServer((request, response) => {
    if (options.api !== undefined && request.url?.startsWith(API_PREFIX) === true)
      return options.api(request, response);
    answer(request, response, options.tree).catch((error: unknown) => {
      if (error instanceof Archived) return reply(response, 410, error.message);
      if (!(error instanceof StoreUnavailable)) options.onFailure(error);
      reply(response, error instanceof StoreUnavailable ? 503 : 500, 'the log cannot be read at the moment');
    });
  });
  server.maxConnections = CONNECTIONS_MAX;
  server.requestTimeout = REQUEST_MS_MAX;
  server.headersTimeout = REQUEST_MS_MAX;
  return await listenHttp(server, options);
}

async function answer(request: IncomingMessage, response: ServerResponse, tree: HttpLogOptions['tree']): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return reply(response, 405, 'files are read with GET');
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
  if (path === '/checkpoint') {
    const checkpoint = await tree.checkpoint();
    if (checkpoint === undefined) return reply(response, 404, 'no checkpoint has been signed yet');
    response
      .writeHead(200, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'max-age=2' })
      .end(checkpoint.note);
    return;
  }
  const file = path.length > PATH_CHARACTERS_MAX ? undefined : parseTilePath(path.slice(1));
  if (file === undefined) return reply(response, 404, 'there are /checkpoint, /tile/<L>/<N> and /tile/entries/<N>');
  const content = await tree.file(file);
  if (content === undefined) return reply(response, 404, 'the newest checkpoint has no such tile');
  response
    .writeHead(200, {
      'content-type': 'application/octet-stream',
      'content-length': content.length,
      'cache-control': 'public, max-age=31536000, immutable',
    })
    .end(content);
}

function reply(response: ServerResponse, code: number, text: string): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(code, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
}
