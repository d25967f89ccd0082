import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Served } from '../application/ports.ts';
import { refuse, type Refusal } from '../domain/refusal.ts';
import { sendRefusal, traced, wireOf, type HttpAppDeps } from './http-reply.ts';

interface ModelParams {
  readonly model: string;
  readonly version?: string;
}

const EMPTY = new Uint8Array(0);

/** Open Inference Protocol v2 over REST. */
export function addKserveRoutes(app: FastifyInstance, deps: HttpAppDeps): void {
  app.get('/v2', async () => ({ name: 'subnetes', version: '2', extensions: [] }));
  app.get('/v2/health/live', async () => ({ live: true }));
  app.get('/v2/health/ready', async (_request, reply) => {
    const ready = !deps.admission.isDraining && deps.market.modelNames().some(deps.isModelReady);
    return reply.code(ready ? 200 : 503).send({ ready, live: true });
  });
  for (const path of ['/v2/models/:model', '/v2/models/:model/versions/:version']) {
    app.get<{ Params: ModelParams }>(path, async (request, reply) => describe(deps, request.params, reply));
    app.get<{ Params: ModelParams }>(`${path}/ready`, async (request, reply) => tellReady(deps, request.params, reply));
    app.post<{ Params: ModelParams }>(`${path}/infer`, (request, reply) => {
      reply.hijack();
      infer(deps, request, reply).catch((error: unknown) => {
        deps.log.error({ err: error }, 'a request failed');
        writeRefusal(reply, refuse('internal', 'the gateway failed; it has logged why'));
      });
    });
  }
}

async function describe(deps: HttpAppDeps, { model, version }: ModelParams, reply: FastifyReply): Promise<void> {
  const offer = deps.market.find(model, version);
  if (!offer.ok) return sendRefusal(reply, offer);
  const served = offer.subnet.models.find(({ name }) => `${offer.subnet.handle}.${name}` === model);
  const { inputs, outputs } = deps.tensorsOf(model) ?? { inputs: [], outputs: [] };
  void reply.send({ name: model, versions: served?.versions ?? [], platform: 'subnetes', inputs, outputs });
}

async function tellReady(deps: HttpAppDeps, { model, version }: ModelParams, reply: FastifyReply): Promise<void> {
  const offer = deps.market.find(model, version);
  if (!offer.ok) return sendRefusal(reply, offer);
  const ready = deps.isModelReady(model);
  // The specification's text names the key `live` here, its servers `ready`: clients look for either.
  void reply.code(ready ? 200 : 503).send({ name: model, ready, live: ready });
}

async function infer(
  deps: HttpAppDeps,
  request: FastifyRequest<{ Params: ModelParams }>,
  reply: FastifyReply,
): Promise<void> {
  const startedMs = performance.now();
  const gone = new AbortController();
  const onClose = (): void => {
    if (!reply.raw.writableFinished) gone.abort(new Error('the client has gone'));
  };
  reply.raw.once('close', onClose);
  try {
    const served = await traced(request, 'infer', () => serve(deps, request, gone.signal));
    if (served.ok) writeServed(reply, served);
    else writeRefusal(reply, served);
    observe(deps, request, { served, seconds: (performance.now() - startedMs) / 1000 });
  } catch (error) {
    if (!gone.signal.aborted) throw error;
  }
}

function serve(deps: HttpAppDeps, request: FastifyRequest<{ Params: ModelParams }>, signal: AbortSignal) {
  const { model, version } = request.params;
  const unsupported = unsupportedOf(request);
  if (unsupported !== undefined) return Promise.resolve(unsupported);
  return deps.serve({
    apiKey: bearerOf(request.headers.authorization),
    model,
    version,
    path: request.url,
    body: request.body instanceof Uint8Array ? request.body : EMPTY,
    contentType: 'application/json',
    signal,
  });
}

function unsupportedOf(request: FastifyRequest): Refusal | undefined {
  const { headers } = request;
  if (headers['content-encoding'] !== undefined && headers['content-encoding'] !== 'identity') {
    return refuse('unsupported_media', 'send the body without content-encoding', { param: 'content-encoding' });
  }
  if (headers['inference-header-content-length'] !== undefined) {
    const param = 'inference-header-content-length';
    return refuse('unsupported_media', 'binary tensors are not taken over REST: send JSON', { param });
  }
  return undefined;
}

/** The key of `Bearer <key>`; anything else counts as no key. */
export function bearerOf(authorization: string | undefined): string | undefined {
  return /^Bearer +(\S{1,512})$/i.exec(authorization ?? '')?.[1];
}

function writeServed(reply: FastifyReply, served: Served): void {
  const { raw } = reply;
  if (raw.destroyed) return served.dropped();
  raw.once('finish', served.delivered);
  raw.once('close', () => {
    if (!raw.writableFinished) served.dropped();
  });
  raw.writeHead(served.status, {
    'content-type': served.contentType,
    'content-length': served.body.length,
    ...servedHeaders(served),
  });
  raw.end(served.body);
}

/** What an answer tells about itself, by header name. */
export function servedHeaders(served: Served): Readonly<Record<string, string>> {
  return {
    'x-subnetes-served-by': served.servedBy,
    'x-subnetes-why': served.why,
    ...(served.next === undefined ? {} : { 'x-subnetes-next': served.next }),
    'x-subnetes-cost-rao': served.costRao.toString(),
    ...(served.receiptId === undefined ? {} : { 'x-subnetes-receipt': served.receiptId }),
    'x-subnetes-attempts': String(served.attempts),
  };
}

/** For hijacked replies, which fastify no longer answers. */
function writeRefusal(reply: FastifyReply, refusal: Refusal): void {
  const { raw } = reply;
  if (raw.headersSent || raw.destroyed) return;
  const { status, headers, body } = wireOf(refusal);
  raw.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
  raw.end(body);
}

function observe(
  { metrics }: HttpAppDeps,
  request: FastifyRequest,
  { served, seconds }: { readonly served: Served | Refusal; readonly seconds: number },
): void {
  const status = served.ok ? served.status : wireOf(served).status;
  const route = request.routeOptions.url ?? 'unknown';
  metrics.observe('subnetes_gateway_request_duration_seconds', { route }, seconds);
  metrics.observe(
    'http_server_request_duration_seconds',
    { http_request_method: 'POST', http_route: route, http_response_status_code: String(status) },
    seconds,
  );
}
