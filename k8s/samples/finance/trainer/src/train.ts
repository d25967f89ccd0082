import { readSp500 } from '@subnetes/validator/adapters/sp500-dataset';
import { firstDayFrom } from '@subnetes/validator/domain/replay-clock';
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { trainEwma } from './ewma.ts';
import { HORIZONS_DAYS, QUANTILE_COUNT } from './forecast-contract.ts';
import type { TrainedModel } from './forecast-contract.ts';
import { trainGarch } from './garch.ts';
import { trainGaussian } from './gaussian.ts';
import { trainRidge } from './ridge.ts';

/** Models see no day from here on; the market judges from a later one. */
export const TRAINED_BEFORE = '2010-01-01';
/** Longer than any challenge waits. */
const LATE_MS = 5000;

/** Trains the four honest models on the days before 2010. Always gives the same bytes. */
export function trainModels(): readonly TrainedModel[] {
  const { dates, closes } = readSp500();
  const training = closes.slice(0, firstDayFrom(dates, TRAINED_BEFORE));
  return [trainGarch(training), trainEwma(training), trainRidge(training), trainGaussian(training)];
}

/** Everything that the sample's miners load, by file name. */
export function modelFiles(models: readonly TrainedModel[]): ReadonlyMap<string, Uint8Array> {
  const files = new Map(models.map((model) => [`${model.name}.onnx`, model.onnx]));
  const source = models.find((model) => model.name === 'ewma');
  if (source === undefined) throw new Error('the copier needs ewma to copy from');
  // The feed plays what ewma answered the day before: its model on the history without the newest day.
  files.set('copycat.json', script({ kind: 'Feed', source: 'ewma', lagDays: 1, model: base64(source.onnx) }));
  const shape = [HORIZONS_DAYS.length, QUANTILE_COUNT];
  files.set('broken.json', script({ kind: 'Fault', turns: ['NaN', 'Late', 'Missing'], lateMs: LATE_MS, shape }));
  return files;
}

function script(content: unknown): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(content)}\n`);
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

if (import.meta.main) {
  const directory = fileURLToPath(new URL('../models/', import.meta.url));
  mkdirSync(directory, { recursive: true });
  const models = trainModels();
  for (const [name, bytes] of modelFiles(models)) writeFileSync(`${directory}${name}`, bytes);
  for (const { name, parameters } of models) console.log(name, parameters);
}
