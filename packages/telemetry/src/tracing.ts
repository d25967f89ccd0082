import { randomBytes } from 'node:crypto';
import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  context,
  isSpanContextValid,
  propagation,
  trace,
  type Attributes,
  type Context,
  type Span,
  type TextMapGetter,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';

export interface TracingOptions {
  readonly service: string;
  readonly version: string;
  /** Base URL of an OTLP/HTTP collector, for example http://collector:4318. Without it nothing is recorded. */
  readonly otlpEndpoint?: string;
  /** Part of the traces that begin here and are recorded, 0 to 1. Default 1. */
  readonly sampleRatio?: number;
}

/**
 * Makes `traceparent` travel through this process, and with an endpoint records and exports spans. The SDK is loaded
 * only then: it costs more memory and start-up time than a small service itself. Call once, before the first request.
 */
export async function startTracing(options: TracingOptions): Promise<AsyncDisposable> {
  if (options.otlpEndpoint !== undefined) return startExporting(options, options.otlpEndpoint);
  const manager = new AsyncLocalStorageContextManager().enable();
  context.setGlobalContextManager(manager);
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  return {
    async [Symbol.asyncDispose]() {
      context.disable();
      propagation.disable();
    },
  };
}

async function startExporting(options: TracingOptions, otlpEndpoint: string): Promise<AsyncDisposable> {
  const { NodeSDK } = await import('@opentelemetry/sdk-node');
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http');
  const { resourceFromAttributes } = await import('@opentelemetry/resources');
  const { ParentBasedSampler, TraceIdRatioBasedSampler, BatchSpanProcessor } = await import('@opentelemetry/sdk-trace');
  const exporter = new OTLPTraceExporter({ url: new URL('/v1/traces', otlpEndpoint).href });
  const sdk = new NodeSDK({
    resource: resourceFromAttributes({ 'service.name': options.service, 'service.version': options.version }),
    autoDetectResources: false,
    instrumentations: [],
    textMapPropagator: new W3CTraceContextPropagator(),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(options.sampleRatio ?? 1) }),
    spanProcessors: [new BatchSpanProcessor({ exporter, scheduledDelayMillis: 1000, maxQueueSize: 2048 })],
    logRecordProcessors: [],
    metricReaders: [],
  });
  sdk.start();
  return { [Symbol.asyncDispose]: () => sdk.shutdown() };
}

export interface SpanOptions {
  readonly kind?: SpanKind;
  readonly attributes?: Attributes;
  /** The caller's context, from `contextOf`; the active one otherwise. */
  readonly parent?: Context;
}

/**
 * Runs `work` within a span, ended with an error status if it throws. Without an SDK the span records nothing, but has
 * ids, so that logs of several services can be joined all the same.
 */
export async function withSpan<T>(name: string, options: SpanOptions, work: (span: Span) => Promise<T>): Promise<T> {
  const parent = options.parent ?? context.active();
  const { kind = SpanKind.INTERNAL, attributes = {} } = options;
  const started = trace.getTracer('subnetes').startSpan(name, { kind, attributes }, parent);
  const span = isSpanContextValid(started.spanContext()) ? started : idsOnly();
  try {
    return await context.with(trace.setSpan(parent, span), () => work(span));
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR, ...(error instanceof Error ? { message: error.message } : {}) });
    throw error;
  } finally {
    span.end();
  }
}

/** A span that records nothing, for traces that begin where no SDK runs. */
function idsOnly(): Span {
  return trace.wrapSpanContext({
    traceId: randomBytes(16).toString('hex'),
    spanId: randomBytes(8).toString('hex'),
    traceFlags: TraceFlags.NONE,
  });
}

/** The trace headers of the active span, to be sent with a request or a message; empty outside of a trace. */
export function traceHeaders(): Record<string, string> {
  const headers: Record<string, string> = {};
  propagation.inject(context.active(), headers);
  return headers;
}

type HeaderValue = string | readonly string[] | undefined;

const HEADERS: TextMapGetter<Readonly<Record<string, HeaderValue>>> = {
  keys: (headers) => Object.keys(headers),
  get: (headers, key) => {
    const value = headers[key];
    return typeof value === 'string' ? value : value?.[0];
  },
};

/** The context that a caller sent in HTTP headers (lower case, as Node gives them) or a map of message headers. */
export function contextOf(headers: Readonly<Record<string, HeaderValue>>): Context {
  return propagation.extract(ROOT_CONTEXT, headers, HEADERS);
}
