import { readSp500 } from '@subnetes/validator/adapters/sp500-dataset';
import { firstDayFrom } from '@subnetes/validator/domain/replay-clock';
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { HORIZONS_DAYS, QUANTILE_COUNT } from '../src/forecast-contract.ts';
import { writeOnnx } from '../src/onnx-writer.ts';
import { TRAINED_BEFORE, modelFiles, trainModels } from '../src/train.ts';

const directory = fileURLToPath(new URL('../models/', import.meta.url));
const models = trainModels();
const { dates, closes } = readSp500();

async function answer(
  onnx: Uint8Array,
  history: readonly number[],
): Promise<{ dims: readonly number[]; data: number[] }> {
  const session = await InferenceSession.create(onnx, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const input = new Tensor('float64', Float64Array.from(history), [history.length]);
  const { quantiles } = await session.run({ closes: input });
  await session.release();
  if (quantiles === undefined) throw new Error('no output called quantiles');
  return { dims: quantiles.dims, data: Array.from(quantiles.data as Float64Array) };
}

describe('the committed models', () => {
  test('are what training gives, byte for byte', () => {
    const trained = modelFiles(models);
    expect(readdirSync(directory).toSorted()).toEqual([...trained.keys()].toSorted());
    for (const [name, bytes] of trained) {
      expect([name, Buffer.compare(readFileSync(directory + name), Buffer.from(bytes))]).toEqual([name, 0]);
    }
  });

  test('saw no day of the judged years', () => {
    const end = firstDayFrom(dates, TRAINED_BEFORE) ?? 0;
    expect(dates[end - 1]).toBe('2009-12-31');
  });
});

describe.for(models.map((model) => [model.name, model] as const))('%s', ([, model]) => {
  test.for([1, 2, 3, 11, 255, 256, 257, 504, 512])('answers like its code does for %i closes', async (count) => {
    for (const end of [600, 3000, closes.length]) {
      const history = closes.slice(end - count, end);
      const { dims, data } = await answer(model.onnx, history);
      expect(dims).toEqual([HORIZONS_DAYS.length, QUANTILE_COUNT]);
      for (const [index, value] of model.forecast(history).flat().entries()) expect(data[index]).toBeCloseTo(value, 12);
    }
  });

  test('has rising quantiles, also for a flat market', async () => {
    for (const history of [closes.slice(-512), Array.from({ length: 512 }, () => 100)]) {
      const { data } = await answer(model.onnx, history);
      const rows = HORIZONS_DAYS.map((_, row) => data.slice(row * QUANTILE_COUNT, (row + 1) * QUANTILE_COUNT));
      expect(rows.every((row) => row.every((value, at) => at === 0 || value >= (row[at - 1] ?? value)))).toBe(true);
    }
  });
});

test('a constant whose size and shape differ is a bug', () => {
  const constants = { c: { type: 'double', dims: [2], values: [1] } } as const;
  expect(() => writeOnnx({ name: 'x', inputs: [], outputs: [], nodes: [], constants })).toThrow(/1 values/);
});
