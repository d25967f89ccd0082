import { expect, test } from 'vitest';
import { contextOf, startTracing, traceHeaders, withSpan } from './tracing.ts';

test('a trace goes through headers from caller to callee without an SDK', async () => {
  await using _tracing = await startTracing({ service: 'test', version: '1' });
  await withSpan('caller', {}, async (caller) => {
    const headers = traceHeaders();
    expect(headers['traceparent']).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/);
    await withSpan('callee', { parent: contextOf(headers) }, async (callee) => {
      expect(callee.spanContext().traceId).toBe(caller.spanContext().traceId);
    });
  });
  expect(traceHeaders()).toEqual({});
});

test('a malformed traceparent begins a new trace', async () => {
  await using _tracing = await startTracing({ service: 'test', version: '1' });
  await withSpan('callee', { parent: contextOf({ traceparent: 'nonsense' }) }, async (span) => {
    expect(span.spanContext().traceId).toMatch(/^[0-9a-f]{32}$/);
  });
});

test('what the work throws comes out unchanged', async () => {
  const error = new Error('no');
  await expect(withSpan('work', {}, () => Promise.reject(error))).rejects.toBe(error);
});
