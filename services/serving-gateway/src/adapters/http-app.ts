import { fastify as makeFastify, type FastifyInstance } from 'fastify';
import { REFUSALS, refusalBody, refuse, type Refusal } from '../domain/refusal.ts';
import { addKserveRoutes } from './kserve-rest.ts';
import { sendRefusal, type HttpAppDeps } from './http-reply.ts';

const REQUEST_TIMEOUT_MS = 30_000;
const KEEP_ALIVE_MS = 65_000;
const URL_PARAM_MAX = 256;

/** The gateway's REST side. Every error, also of parsing, leaves as one JSON shape. */
export function makeHttpApp(deps: HttpAppDeps): FastifyInstance {
  const app = makeFastify({
    logger: false,
    bodyLimit: deps.bodyBytesMax,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    routerOptions: { maxParamLength: URL_PARAM_MAX },
    return503OnClosing: false,
    // Bytes that are no HTTP at all.
    clientErrorHandler: (_error, socket) => {
      const body = refusalBody(refuse('invalid_request', 'this is no HTTP/1.1 request'));
      const head = `HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}`;
      if (socket.writable) socket.end(`${head}\r\n\r\n${body}`);
      else socket.destroy();
    },
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.setNotFoundHandler(async (request, reply) => {
    sendRefusal(reply, refuse('not_found', `there is no ${request.method} ${request.url.slice(0, 200)}`));
  });
  app.setErrorHandler(async (error, _request, reply) => {
    const refusal = refusalOf(error);
    if (refusal.code === 'internal') deps.log.error({ err: error }, 'a request failed');
    sendRefusal(reply, refusal);
  });
  app.get('/errors', async (_request, reply) => {
    const lines = Object.entries(REFUSALS).map(
      ([code, [status, , text]]) => `<dt id="${code}">${code} (${status})</dt><dd>${text}</dd>`,
    );
    return reply
      .type('text/html; charset=utf-8')
      .send(`<!doctype html><title>Errors</title><dl>${lines.join('')}</dl>`);
  });
  addKserveRoutes(app, deps);
  return app;
}

function refusalOf(error: unknown): Refusal {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE')
    return refuse('body_too_large', 'the body is larger than this gateway takes');
  if (code === 'FST_ERR_CTP_INVALID_CONTENT_LENGTH') {
    return refuse('invalid_request', 'the body is not as long as content-length says', { param: 'content-length' });
  }
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return refuse('invalid_request', 'the request is malformed');
  }
  return refuse('internal', 'the gateway failed; it has logged why');
}
