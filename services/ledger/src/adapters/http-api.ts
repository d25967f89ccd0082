import type { IncomingMessage, ServerResponse } from 'node:http';
import { create, type DescMessage, fromJson, type JsonValue, type MessageInitShape, toJson } from '@bufbuild/protobuf';
import type { CallContext } from '@subnetes/proto/grpc-handlers';
import { RpcCode, RpcError } from '@subnetes/proto/rpc-error';
import { fastify, type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { type HttpCall, type HttpRoute, methodOf } from './http-route.ts';
import { HTTP_ROUTES } from './http-routes.ts';
import type { LedgerHandlers } from './grpc-handlers.ts';
import { openApiDocument } from './openapi.ts';

/** A signed batch of 256 orders in base64. */
const BODY_BYTES_MAX = 128 * 1024;
const PARAM_CHARACTERS_MAX = 160;

export interface HttpApiOptions {
  /** The gRPC services: the facade says what they say. */
  readonly handlers: Pick<LedgerHandlers, HttpCall>;
  readonly version: string;
  readonly onFailure: (error: unknown) => void;
}

/** HTTP's status for each code of a refusal. */
const STATUS: ReadonlyMap<number, readonly [status: number, title: string]> = new Map([
  [RpcCode.INVALID_ARGUMENT, [400, 'The request is malformed']],
  [RpcCode.OUT_OF_RANGE, [400, 'The request is out of range']],
  [RpcCode.UNAUTHENTICATED, [401, 'The signature is not accepted']],
  [RpcCode.PERMISSION_DENIED, [403, 'Not allowed']],
  [RpcCode.NOT_FOUND, [404, 'There is no such thing']],
  [RpcCode.ALREADY_EXISTS, [409, 'It exists with different content']],
  [RpcCode.ABORTED, [409, 'It was given up']],
  [RpcCode.FAILED_PRECONDITION, [422, 'Not possible as things stand']],
  [RpcCode.RESOURCE_EXHAUSTED, [429, 'Too much at once']],
  [RpcCode.UNAVAILABLE, [503, 'Not available at the moment']],
]);

/**
 * The ledger for people, as JSON over HTTP: reading, and what wallets signed. It stands for no part of the system, so it can do
 * nothing that a stranger over gRPC cannot. Answers how to serve a request whose path begins with /v1/.
 */
export async function makeHttpApi(
  options: HttpApiOptions,
): Promise<(request: IncomingMessage, response: ServerResponse) => void> {
  const app = fastify({
    logger: false,
    bodyLimit: BODY_BYTES_MAX,
    routerOptions: { maxParamLength: PARAM_CHARACTERS_MAX },
    ajv: { customOptions: { allErrors: false, removeAdditional: false, coerceTypes: true } },
  });
  app.setNotFoundHandler((_request, reply) =>
    problem(reply, { status: 404, code: 'NOT_FOUND', detail: 'GET /v1/openapi.json tells what there is' }),
  );
  app.setErrorHandler<FastifyError>((error, _request, reply) => answerError(error, reply, options.onFailure));
  const document = openApiDocument(options.version);
  app.get('/v1/openapi.json', (_request, reply) => reply.send(document));
  for (const route of HTTP_ROUTES) addRoute(app, route, options);
  await app.ready();
  return (request, response) => app.routing(request, response);
}

function addRoute(app: FastifyInstance, route: HttpRoute, { handlers }: HttpApiOptions): void {
  const { input, output } = methodOf(route);
  app.route({
    method: route.method,
    url: route.path.replaceAll(/\{(\w+)\}/g, ':$1'),
    schema: { params: schemaOf(route, 'path'), querystring: schemaOf(route, 'query') },
    handler: async (request, reply) => {
      const handler = handlers[route.call] as (request: unknown, call: CallContext) => Promise<object>;
      const answer = await handler(messageOf(input, requestOf(route, request)), contextOf(request, reply));
      const json = toJson(output, create(output, answer as MessageInitShape<DescMessage>), {
        alwaysEmitImplicit: true,
      });
      reply.header('cache-control', 'no-store');
      return route.first === undefined ? json : firstOf(json, route.first);
    },
  });
}

function schemaOf({ parameters }: HttpRoute, place: 'path' | 'query') {
  const own = Object.entries(parameters).filter(([, parameter]) => parameter.in === place);
  return {
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(own.map(([name, { schema }]) => [name, schema])),
  };
}

function requestOf(route: HttpRoute, { params, query, body }: FastifyRequest): JsonValue {
  if (route.method === 'POST') return (body ?? {}) as JsonValue;
  return route.request({ ...(params as object), ...(query as object) });
}

function messageOf(schema: DescMessage, json: JsonValue): unknown {
  try {
    return fromJson(schema, json);
  } catch (error) {
    const message = error instanceof Error ? error.message : '';
    throw new RpcError({ code: RpcCode.INVALID_ARGUMENT, reason: 'INVALID_ARGUMENT', message });
  }
}

function firstOf(json: JsonValue, list: string): JsonValue {
  const [first] = (json as Record<string, JsonValue[]>)[list] ?? [];
  if (first !== undefined) return first;
  throw new RpcError({
    code: RpcCode.NOT_FOUND,
    reason: 'ENTRY_UNKNOWN',
    message: 'the journal has no such entry yet',
  });
}

/** A caller over HTTP is nobody in particular. */
function contextOf(request: FastifyRequest, reply: FastifyReply): CallContext {
  const abort = new AbortController();
  reply.raw.once('close', () => abort.abort());
  return {
    signal: abort.signal,
    path: request.url,
    peerNames: [],
    peer: `${request.raw.socket.remoteAddress ?? ''}:${request.raw.socket.remotePort ?? 0}`,
    header: (name) => [request.headers[name]].flat()[0],
  };
}

interface Problem {
  readonly status: number;
  readonly title?: string;
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly { readonly field: string; readonly detail: string }[];
}

function answerError(error: FastifyError | RpcError, reply: FastifyReply, onFailure: HttpApiOptions['onFailure']) {
  if (error instanceof RpcError && error.cause === undefined) return refusal(reply, error);
  const { statusCode = 500, validation, validationContext } = error as FastifyError;
  if (statusCode >= 500 || error instanceof RpcError) {
    onFailure(error);
    return problem(reply, { status: 500, code: 'INTERNAL', detail: 'the ledger failed; it has logged why' });
  }
  const errors = (validation ?? []).map(({ instancePath, message, params }) => {
    const unknown = params['additionalProperty'];
    const field = instancePath.slice(1) || (typeof unknown === 'string' ? unknown : (validationContext ?? ''));
    return { field, detail: message ?? 'is malformed' };
  });
  return problem(reply, {
    status: statusCode,
    code: 'INVALID_ARGUMENT',
    detail: error.message,
    ...(errors.length === 0 ? {} : { errors }),
  });
}

function refusal(reply: FastifyReply, error: RpcError): FastifyReply {
  const [status, title] = STATUS.get(error.code) ?? [500, 'Failed'];
  const errors = error.fieldViolations.map(({ field, description }) => ({ field, detail: description }));
  if (status === 503 || status === 429) void reply.header('retry-after', '1');
  return problem(reply, {
    status,
    title,
    code: error.reason === '' ? 'FAILED' : error.reason,
    detail: error.message,
    ...(errors.length === 0 ? {} : { errors }),
  });
}

function problem(reply: FastifyReply, { status, title = 'Refused', ...rest }: Problem): FastifyReply {
  return reply
    .code(status)
    .type('application/problem+json')
    .send({ type: 'about:blank', title, status, ...rest });
}
