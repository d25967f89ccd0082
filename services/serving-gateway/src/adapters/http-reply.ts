import { contextOf, withSpan } from '@subnetes/telemetry/tracing';
import type { Logger } from '@subnetes/telemetry/logger';
import type { Metrics } from '@subnetes/telemetry/metrics';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Served, ServeCall } from '../application/ports.ts';
import type { Admission } from '../domain/admission.ts';
import type { Market } from '../domain/market.ts';
import { refusalBody, statusOf, type Refusal } from '../domain/refusal.ts';
import type { ModelTensors } from './model-metadata.ts';

/** What the REST side leans on. */
export interface HttpAppDeps {
  readonly serve: (call: ServeCall) => Promise<Served | Refusal>;
  readonly market: Market;
  readonly admission: Admission;
  readonly isModelReady: (model: string) => boolean;
  /** What a model takes and gives, as a miner tells it. */
  readonly tensorsOf: (model: string) => ModelTensors | undefined;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly bodyBytesMax: number;
}

/** A refusal as HTTP has it. */
export function wireOf(refusal: Refusal): {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
} {
  const isAboutKey = refusal.code === 'missing_api_key' || refusal.code === 'invalid_api_key';
  return {
    status: statusOf(refusal.code),
    headers: {
      'content-type': 'application/json',
      ...(isAboutKey ? { 'www-authenticate': 'Bearer' } : {}),
      ...(refusal.retryAfterSeconds === undefined ? {} : { 'retry-after': String(refusal.retryAfterSeconds) }),
      // Keep-alive connections would come back to a gateway that goes down.
      ...(refusal.code === 'draining' ? { connection: 'close' } : {}),
    },
    body: refusalBody(refusal),
  };
}

/** Writes a refusal by fastify, unless the answer is on its way already. */
export function sendRefusal(reply: FastifyReply, refusal: Refusal): void {
  if (reply.raw.headersSent || reply.raw.destroyed) return;
  const { status, headers, body } = wireOf(refusal);
  void reply.code(status).headers(headers).send(body);
}

/** Runs a handler within the caller's trace. */
export function traced<T>(request: FastifyRequest, name: string, work: () => Promise<T>): Promise<T> {
  return withSpan(name, { parent: contextOf(request.headers) }, work);
}
