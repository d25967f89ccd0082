import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { Logger } from '@subnetes/telemetry/logger';
import type { Metrics } from '@subnetes/telemetry/metrics';
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply } from 'fastify';
import { MarketUnavailable } from '#application/ports.ts';
import type { Market, Refused } from '#application/read-market.ts';
import type { ErrorView } from '#domain/views.ts';
import type { LiveFeed } from './live-feed.ts';

/** A question to the market ends after this; the page asks again with the next block. */
const DEADLINE_MS = 5000;

/** Nothing but our own origin, no inline script or style, no frames: the page is read-only and has nothing to send. */
const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
};

export interface HttpAppOptions {
  readonly market: Market;
  readonly live: LiveFeed;
  /** Folder of the built page. */
  readonly pageDir: string;
  readonly log: Logger;
  readonly metrics: Metrics;
}

const netuid = { type: 'integer', minimum: 0, maximum: 65_535 } as const;
const uid = { type: 'integer', minimum: 0, maximum: 255 } as const;
const hotkey = { type: 'string', pattern: '^[A-Za-z0-9]{1,64}$' } as const;
const rao = { type: 'string', pattern: '^[1-9][0-9]{0,17}$' } as const;
/** A year of blocks of 12 s, the furthest that the ledger looks. */
const blocks = { type: 'integer', minimum: 1, maximum: 2_628_000 } as const;
const epoch = { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER, default: 0 } as const;

/** The page and its read-only API. Errors are `{error: {code, message}}`; nothing here changes anything. */
export function createHttpApp(options: HttpAppOptions): FastifyInstance {
  const app = fastify({ bodyLimit: 1024, routerOptions: { maxParamLength: 64 } });
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers(SECURITY_HEADERS);
  });
  app.addHook('onResponse', async (request, reply) => {
    const labels = {
      http_request_method: request.method,
      http_route: request.routeOptions.url ?? 'unknown',
      http_response_status_code: String(reply.statusCode),
    };
    options.metrics.observe('http_server_request_duration_seconds', labels, reply.elapsedTime / 1000);
  });
  app.setErrorHandler<FastifyError>((error, request, reply) =>
    answerError({ error, reply, log: options.log, url: request.url }),
  );
  app.setNotFoundHandler((_request, reply) => reply.code(404).send(errorView('NOT_FOUND', 'there is no such page')));
  addApi(app, options);
  app.register(fastifyStatic, { root: options.pageDir, cacheControl: true, maxAge: '1h', setHeaders: noCacheForHtml });
  app.get<{ Params: { name: string } }>(
    '/runbooks/:name',
    {
      schema: {
        params: { type: 'object', properties: { name: { type: 'string', pattern: '^[a-z0-9-]{1,64}(\\.md)?$' } } },
      },
    },
    (request, reply) =>
      reply
        .type('text/plain; charset=utf-8')
        .sendFile(join('runbooks', `${request.params.name.replace(/\.md$/, '')}.md`), { contentType: false }),
  );
  return app;
}

function addApi(app: FastifyInstance, { market, live }: HttpAppOptions): void {
  app.get('/api/network', async (_request, reply) =>
    reply.headers({ 'cache-control': 'no-store' }).send(await market.network(AbortSignal.timeout(DEADLINE_MS))),
  );
  app.get('/api/proposals', async (_request, reply) =>
    reply.headers({ 'cache-control': 'no-store' }).send(await market.proposals(AbortSignal.timeout(DEADLINE_MS))),
  );
  app.get('/api/live', (_request, reply) => {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) reply.raw.setHeader(name, value);
    if (!live.add(reply.raw))
      return reply.code(503).send(errorView('TOO_MANY_PAGES', 'too many pages listen already; reload in a minute'));
    return reply.hijack();
  });
  app.get<{ Params: { netuid: number } }>(
    '/api/subnets/:netuid/metagraph',
    { schema: { params: { type: 'object', properties: { netuid } } } },
    async (request, reply) =>
      answer(reply, await market.metagraph(request.params.netuid, AbortSignal.timeout(DEADLINE_MS))),
  );
  app.get<{ Params: { netuid: number } }>(
    '/api/subnets/:netuid/outlook',
    { schema: { params: { type: 'object', properties: { netuid } } } },
    async (request, reply) =>
      answer(reply, await market.outlook(request.params.netuid, AbortSignal.timeout(DEADLINE_MS))),
  );
  app.get<{ Params: { netuid: number }; Querystring: { hotkey: string; rao: string; blocks: number } }>(
    '/api/subnets/:netuid/projected-stake',
    {
      schema: {
        params: { type: 'object', properties: { netuid } },
        querystring: {
          type: 'object',
          required: ['hotkey', 'rao', 'blocks'],
          properties: { hotkey, rao, blocks },
        },
      },
    },
    async (request, reply) => {
      const question = { ...request.params, ...request.query, rao: BigInt(request.query.rao) };
      return answer(reply, await market.projectedStake(question, AbortSignal.timeout(DEADLINE_MS)));
    },
  );
  app.get<{ Params: { netuid: number; uid: number }; Querystring: { epoch: number } }>(
    '/api/subnets/:netuid/neurons/:uid',
    {
      schema: {
        params: { type: 'object', properties: { netuid, uid } },
        querystring: { type: 'object', properties: { epoch } },
      },
    },
    async (request, reply) => {
      const question = { ...request.params, index: request.query.epoch };
      return answer(reply, await market.explain(question, AbortSignal.timeout(DEADLINE_MS)));
    },
  );
}

function answer(reply: FastifyReply, outcome: { readonly ok: true; readonly view: object } | Refused): FastifyReply {
  reply.header('cache-control', 'no-store');
  return outcome.ok ? reply.send(outcome.view) : reply.code(404).send(errorView(outcome.code, outcome.message));
}

function answerError({
  error,
  reply,
  log,
  url,
}: {
  error: FastifyError;
  reply: FastifyReply;
  log: Logger;
  url: string;
}): FastifyReply {
  if (error instanceof MarketUnavailable) {
    log.warn({ err: error, url }, 'the market cannot be read');
    return reply.code(503).send(errorView('UNAVAILABLE', error.message));
  }
  const status = error.statusCode ?? 500;
  if (status < 500) return reply.code(status).send(errorView('INVALID_REQUEST', error.message));
  log.error({ err: error, url }, 'a request failed');
  return reply.code(500).send(errorView('INTERNAL', 'the console failed; its log has the reason'));
}

function errorView(code: string, message: string): ErrorView {
  return { error: { code, message } };
}

function noCacheForHtml(reply: FastifyReply, path: string): void {
  if (path.endsWith('.html')) reply.header('cache-control', 'no-cache');
}
