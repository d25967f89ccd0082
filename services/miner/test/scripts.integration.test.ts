import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadModels } from '#adapters/load-models.ts';
import { INFER, openBench, openSession, post, question } from './miner-bench.ts';
import type { Bench } from './miner-bench.ts';

const closes = Array.from({ length: 400 }, (_, day) => 2000 * Math.exp(0.02 * Math.sin(day) + day / 1e4));

async function ask(bench: Bench, asked: readonly number[]) {
  const { headersFor } = await openSession(bench);
  const body = question(asked);
  const response = await post(bench, INFER, { body, headers: headersFor(INFER, body) });
  return { status: response.status, data: JSON.parse(response.body.toString()).outputs?.[0].data as (number | null)[] };
}

test('the copier answers today what its source answered the day before', async () => {
  await using source = await openBench('ewma.onnx');
  await using copier = await openBench('copycat.json');
  const yesterday = await ask(source, closes.slice(0, -1));
  expect((await ask(copier, closes)).data).toEqual(yesterday.data);
  expect((await ask(source, closes)).data).not.toEqual(yesterday.data);
});

test('the broken miner answers NaN, nothing or late, the same for all who ask the same', async () => {
  await using bench = await openBench('broken.json', 64);
  const met = new Map<string, number>();
  for (let days = 1; days <= 24; days++) {
    const asked = closes.slice(0, days);
    const { headersFor } = await openSession(bench);
    const body = question(asked);
    const outcome = await Promise.race([
      post(bench, INFER, { body, headers: headersFor(INFER, body) }).then(
        ({ body: text }) =>
          JSON.parse(text.toString()).outputs[0].data.every((one: unknown) => one === null) ? 'NaN' : 'other',
        () => 'Missing',
      ),
      new Promise<string>((resolve) => setTimeout(resolve, 250, 'Late')),
    ]);
    met.set(outcome, (met.get(outcome) ?? 0) + 1);
  }
  expect([...met.keys()].toSorted()).toEqual(['Late', 'Missing', 'NaN']);
});

test('more requests at once than it may work on are sent elsewhere', async () => {
  await using bench = await openBench('broken.json', 1);
  const { headersFor } = await openSession(bench);
  const statuses: number[] = [];
  for (let days = 1; days <= 12 && !statuses.includes(503); days++) {
    const body = question(closes.slice(0, days));
    const asked = post(bench, INFER, { body, headers: headersFor(INFER, body) }).then(
      ({ status }) => statuses.push(status),
      () => statuses.push(0),
    );
    await Promise.race([asked, new Promise((resolve) => setTimeout(resolve, 200))]);
  }
  expect(statuses).toContain(503);
});

describe('a model file', () => {
  const directory = mkdtempSync(join(tmpdir(), 'subnetes-models-'));
  const file = join(directory, 'model.onnx');
  writeFileSync(file, 'no model');

  test('with another hash is refused by name, before it is loaded', async () => {
    const files = [{ file, format: 'Onnx' as const, sha256: '0'.repeat(64), mechanismId: 0 }];
    await expect(loadModels(files)).rejects.toThrow(/ModelHashMismatch: .*model.onnx has sha256 [0-9a-f]{64}, but/);
  });

  test('that is no model is refused with the reason', async () => {
    const sha256 = 'a0a8b8ec5b7c5d2cdd7e3ecf3ab1dcfdb7dd9ba5fd1f9c2e2f7a3dc9b8d6f2d3';
    const missing = [{ file: join(directory, 'none'), format: 'Onnx' as const, sha256, mechanismId: 0 }];
    await expect(loadModels(missing)).rejects.toThrow(/cannot be read/);
    const { createHash } = await import('node:crypto');
    const right = createHash('sha256').update('no model').digest('hex');
    for (const format of ['Onnx', 'Script'] as const) {
      await expect(loadModels([{ file, format, sha256: right, mechanismId: 0 }])).rejects.toThrow(
        `is no ${format} model`,
      );
    }
    rmSync(directory, { recursive: true });
  });
});
