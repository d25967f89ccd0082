import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { durationText, progressLines } from './progress-lines.ts';

test.for([
  [900, '0.9 s'],
  [41_200, '41 s'],
  [192_000, '3:12'],
] as const)('%i ms read as %s', ([ms, text]) => {
  expect(durationText(ms)).toBe(text);
});

test('without a terminal every step is one plain line when it ends', () => {
  const out = new PassThrough();
  const text = () => String(out.read() ?? '');
  using lines = progressLines(out as unknown as NodeJS.WriteStream, () => 0);
  lines.onProgress({ step: 'images', state: 'started' });
  expect(text()).toBe('');
  lines.onProgress({ step: 'images', state: 'progress', detail: '3 of 9' });
  lines.onProgress({ step: 'images', state: 'done', durationMs: 38_000 });
  expect(text()).toMatch(/^ ✔ images +38 s {3}3 of 9\n$/);
  lines.onProgress({ step: 'chart', state: 'started' });
  lines.onProgress({ step: 'chart', state: 'failed', detail: 'no node', durationMs: 10 });
  expect(text()).toMatch(/^ ✘ chart .*no node\n$/);
});
