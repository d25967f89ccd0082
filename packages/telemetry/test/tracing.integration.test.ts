import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { contextOf, startTracing, traceHeaders, withSpan } from '../src/tracing.ts';

test('spans of one trace arrive at an OTLP collector', async () => {
  const bodies: Buffer[] = [];
  const collector = createServer((request, response) => {
    request.on('data', (chunk: Buffer) => bodies.push(chunk));
    request.on('end', () => response.end());
  });
  collector.listen(0, '127.0.0.1');
  await once(collector, 'listening');
  const { port } = collector.address() as AddressInfo;

  const tracing = await startTracing({ service: 'test', version: '1', otlpEndpoint: `http://127.0.0.1:${port}` });
  const ids = await withSpan('caller', {}, async (caller) =>
    withSpan('callee', { parent: contextOf(traceHeaders()) }, async (callee) => [
      caller.spanContext().traceId,
      callee.spanContext().traceId,
    ]),
  );
  await tracing[Symbol.asyncDispose]();
  collector.close();

  expect(ids[0]).toBe(ids[1]);
  const sent = Buffer.concat(bodies).toString();
  expect(sent).toContain(ids[0]);
  expect(sent).toContain('"caller"');
  expect(sent).toContain('"callee"');
});
