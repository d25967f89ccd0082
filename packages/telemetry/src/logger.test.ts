import { expect, test } from 'vitest';
import { createLogger } from './logger.ts';
import { startTracing, withSpan } from './tracing.ts';

function captured() {
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
  return { lines, log: createLogger({ service: 'test', version: '1', level: 'info', destination }) };
}

test('a line is JSON with time, level and service', () => {
  const { lines, log } = captured();
  log.info({ port: 8080 }, 'test is ready');
  expect(lines[0]).toMatchObject({ level: 'info', service: 'test', version: '1', port: 8080, msg: 'test is ready' });
  expect(Date.parse(String(lines[0]?.['ts']))).not.toBeNaN();
});

test('secrets are blotted out wherever a config or a request holds them', () => {
  const { lines, log } = captured();
  log.info({ password: 'p4ss', config: { postgres: { password: 'p4ss' } }, headers: { authorization: 'p4ss', 'x-api-key': 'p4ss' } }, 'x'); // prettier-ignore
  expect(JSON.stringify(lines)).not.toContain('p4ss');
});

test('an outage takes one short line, a bug brings its stack', () => {
  const { lines, log } = captured();
  const cause = new Error('connect ECONNREFUSED');
  log.warn({ err: Object.assign(new Error('nats is away', { cause }), { isOutage: true }) }, 'it is tried again');
  log.error({ err: new TypeError('x is undefined') }, 'a request failed');
  log.error(Object.assign(new Error('nats is away'), { isOutage: true }));
  expect(lines[0]?.['err']).toEqual({ type: 'Error', message: 'nats is away: connect ECONNREFUSED' });
  expect(lines[1]?.['err']).toMatchObject({ type: 'TypeError', stack: expect.stringContaining('logger.test.ts') });
  expect(lines[2]?.['err']).not.toHaveProperty('stack');
});

test('lines within a span carry the ids of the trace', async () => {
  await using _tracing = await startTracing({ service: 'test', version: '1' });
  const { lines, log } = captured();
  await withSpan('work', {}, async (span) => {
    log.info({}, 'inside');
    expect(lines[0]?.['trace_id']).toBe(span.spanContext().traceId);
  });
  log.info({}, 'outside');
  expect(lines[1]).not.toHaveProperty('trace_id');
});
