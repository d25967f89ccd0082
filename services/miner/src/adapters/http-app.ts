import { create, toBinary } from '@bufbuild/protobuf';
import { sha256 } from '@noble/hashes/sha2.js';
import { HANDSHAKE_CONTENT_TYPE, HANDSHAKE_PATH, SESSION_HEADERS } from '@subnetes/keys/request-session';
import { EnvelopeType, SignedEnvelopeSchema } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import type { SignedEnvelope } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { MinerReceiptSchema } from '@subnetes/proto/gen/subnetes/gateway/v1/gateway_pb';
import type { Logger } from '@subnetes/telemetry/logger';
import type { Metrics } from '@subnetes/telemetry/metrics';
import { contextOf, withSpan } from '@subnetes/telemetry/tracing';
import { fastify } from 'fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Answer, AnswerResult } from '#application/answer.ts';
import type { Authorization, Claim } from '#application/authorize.ts';
import type { HandshakeResult } from '#application/open-session.ts';
import type { Model } from '#application/ports.ts';

const BODY_BYTES_MAX = 256 * 1024;
const HANDSHAKE_BYTES_MAX = 8 * 1024;
const REQUEST_TIMEOUT_MS = 60_000;
const MODEL_NAME_LENGTH_MAX = 128;
/** A receipt can be checked against the ledger's registrations for so many blocks. */
const RECEIPT_BLOCKS = 100_000n;

export type HttpAppPorts = {
  readonly tls: { readonly key: string; readonly cert: string };
  readonly openSession: (body: Uint8Array, nowMs: number) => HandshakeResult;
  readonly authorize: (claim: Claim, nowMs: number) => Authorization;
  readonly answer: Answer;
  readonly modelOf: (name: string) => Model | undefined;
  readonly block: () => bigint;
  readonly sign: (type: EnvelopeType, payload: Uint8Array, expiresAtBlock: bigint) => SignedEnvelope;
  readonly nowMs: () => number;
  readonly metrics: Metrics;
  readonly log: Logger;
};

type ModelRoute = { Params: { model: string } };

/** The miner's HTTPS edge: handshake, KServe v2 REST, nothing else. */
export function httpApp(ports: HttpAppPorts) {
  const app = fastify({
    https: ports.tls,
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_TIMEOUT_MS,
    routerOptions: { maxParamLength: MODEL_NAME_LENGTH_MAX },
  });
  // Bytes as they came: the MAC and the receipt are over them.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.setErrorHandler((error: { statusCode?: number; message: string }, _request, reply) => {
    const status = error.statusCode ?? 500;
    if (status < 500) return refuse(reply, status, error.message);
    ports.log.error({ err: error }, 'a request failed');
    return refuse(reply, 500, 'this miner failed to answer');
  });
  app.setNotFoundHandler((_request, reply) => refuse(reply, 404, 'this miner knows no such path'));

  app.post(HANDSHAKE_PATH, { bodyLimit: HANDSHAKE_BYTES_MAX }, (request, reply) => shakeHands(ports, request, reply));
  app.get('/v2', async () => ({ name: 'subnetes-miner', version: '1', extensions: [] }));
  // The specification's text calls the key of the ready reply `live`, KServe `ready`: both are there.
  app.get('/v2/health/live', async () => ({ live: true }));
  app.get('/v2/health/ready', async () => ({ ready: true, live: true }));
  for (const version of ['', '/versions/:version']) {
    app.get<ModelRoute>(`/v2/models/:model${version}/ready`, (request, reply) => modelReady(ports, request, reply));
    app.get<ModelRoute>(`/v2/models/:model${version}`, (request, reply) => modelMetadata(ports, request, reply));
    app.post<ModelRoute>(`/v2/models/:model${version}/infer`, (request, reply) => infer(ports, request, reply));
  }
  return app;
}

function shakeHands(ports: HttpAppPorts, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const result = ports.openSession(bodyOf(request), ports.nowMs());
  ports.metrics.inc('subnetes_miner_handshakes_total', { result: result.ok ? 'ok' : result.reason });
  if (result.ok) return reply.type(HANDSHAKE_CONTENT_TYPE).send(Buffer.from(result.response));
  ports.log.info({ reason: result.reason }, 'a handshake is refused');
  return refuse(reply, result.reason === 'NOT_READY' ? 503 : 401, result.message, result.reason);
}

function modelReady(ports: HttpAppPorts, request: FastifyRequest<ModelRoute>, reply: FastifyReply): FastifyReply {
  const { model } = request.params;
  if (ports.modelOf(model) === undefined) return refuse(reply, 404, `this miner serves no model ${model}`);
  return reply.send({ name: model, ready: true });
}

function modelMetadata(ports: HttpAppPorts, request: FastifyRequest<ModelRoute>, reply: FastifyReply): FastifyReply {
  const name = request.params.model;
  const model = ports.modelOf(name);
  if (model === undefined) return refuse(reply, 404, `this miner serves no model ${name}`);
  const tensors = (specs: Model['inputs']) =>
    specs.map((spec) => ({ name: spec.name, datatype: 'FP64', shape: spec.shape }));
  const { inputs, outputs } = model;
  return reply.send({
    name,
    versions: ['1'],
    platform: 'subnetes',
    inputs: tensors(inputs),
    outputs: tensors(outputs),
  });
}

async function infer(
  ports: HttpAppPorts,
  request: FastifyRequest<ModelRoute>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const body = bodyOf(request);
  const authorization = ports.authorize(claimOf(request, body), ports.nowMs());
  if (!authorization.ok) {
    ports.metrics.inc('subnetes_miner_invalid_requests_total', { reason: authorization.reason });
    const status = authorization.reason === 'TOO_MANY_REQUESTS' ? 429 : 401;
    return refuse(reply, status, authorization.message, authorization.reason);
  }
  const left = new AbortController();
  reply.raw.once('close', () => left.abort());
  const { model: modelName } = request.params;
  const { requestId } = authorization;
  return withSpan(
    'miner infer',
    { parent: contextOf(request.headers), attributes: { 'subnetes.request_id': requestId } },
    async () => {
      const started = performance.now();
      const json = parseJson(body);
      if (json === undefined)
        return send(
          ports,
          reply,
          { kind: 'refused', status: 400, reason: 'INVALID_REQUEST', message: 'the body is no JSON' },
          { body, requestId, modelName },
        );
      const result = await ports
        .answer({ modelName, json, signal: left.signal })
        .catch((error: unknown): AnswerResult => {
          // Who asked has gone: nobody reads the answer, and nothing failed.
          if (left.signal.aborted)
            return { kind: 'refused', status: 503, reason: 'CALLER_LEFT', message: 'the caller has left' };
          throw error;
        });
      if (result.kind !== 'refused') {
        ports.metrics.observe(
          'subnetes_miner_inference_duration_seconds',
          { model: modelName },
          (performance.now() - started) / 1000,
        );
        ports.metrics.inc('subnetes_miner_inferences_total', { model: modelName, outcome: result.kind });
      }
      return send(ports, reply, result, { body, requestId, modelName });
    },
  );
}

type Asked = { readonly body: Uint8Array; readonly requestId: string; readonly modelName: string };

function send(ports: HttpAppPorts, reply: FastifyReply, result: AnswerResult, asked: Asked): FastifyReply {
  switch (result.kind) {
    case 'refused':
      ports.metrics.inc('subnetes_miner_invalid_requests_total', { reason: result.reason });
      if (result.status === 503) void reply.header('retry-after', '1');
      return refuse(reply, result.status, result.message, result.reason);
    case 'nothing':
      // A script asked for silence: the connection ends without a word.
      reply.hijack();
      reply.raw.destroy();
      return reply;
    case 'answer': {
      const response = Buffer.from(JSON.stringify(result.json));
      return reply
        .header(SESSION_HEADERS.minerReceipt, receipt(ports, asked, response))
        .type('application/json')
        .send(response);
    }
  }
}

/** The miner's signature under question and answer, base64 of a SignedEnvelope. */
function receipt(ports: HttpAppPorts, asked: Asked, response: Uint8Array): string {
  const block = ports.block();
  const content = create(MinerReceiptSchema, {
    requestId: asked.requestId,
    requestSha256: sha256(asked.body),
    responseSha256: sha256(response),
    model: asked.modelName,
    status: 200,
    block,
  });
  const envelope = ports.sign(EnvelopeType.RECEIPT, toBinary(MinerReceiptSchema, content), block + RECEIPT_BLOCKS);
  return Buffer.from(toBinary(SignedEnvelopeSchema, envelope)).toString('base64');
}

function claimOf(request: FastifyRequest, body: Uint8Array): Claim {
  const header = (name: string): string | undefined => {
    const value = request.headers[name];
    return typeof value === 'string' ? value : undefined;
  };
  return {
    session: header(SESSION_HEADERS.session),
    requestId: header(SESSION_HEADERS.requestId),
    timestampMs: header(SESSION_HEADERS.timestampMs),
    mac: header(SESSION_HEADERS.mac),
    method: request.method,
    path: request.url,
    body,
  };
}

function bodyOf(request: FastifyRequest): Uint8Array {
  return request.body instanceof Uint8Array ? request.body : new Uint8Array();
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) as unknown;
  } catch {
    return undefined; // no JSON: the caller is told so
  }
}

/** KServe's error body, with the stable code beside the sentence. */
function refuse(reply: FastifyReply, status: number, error: string, code?: string): FastifyReply {
  return reply.code(status).send({ error, ...(code === undefined ? {} : { code }) });
}
