import { setTimeout as delay } from 'node:timers/promises';
import type { Model, ModelAnswer } from '#application/ports.ts';
import { faultFor, readScript } from '#domain/script.ts';
import type { Script } from '#domain/script.ts';
import type { Tensor } from '#domain/tensor.ts';
import { onnxModel } from './onnx-model.ts';

const INPUT = 'closes';
const OUTPUT = 'quantiles';

/** Loads a script. Throws where it is none, with what is wrong. */
export async function scriptModel(file: Uint8Array, mechanismId: number): Promise<Model> {
  const read = readScript(JSON.parse(new TextDecoder().decode(file)));
  if (!read.ok) throw new TypeError(read.message);
  const { script } = read;
  return script.kind === 'Feed' ? feedModel(script, mechanismId) : faultModel(script, mechanismId);
}

/** Plays the feed: what the source answered some days before is its model's answer to the history without those days. */
async function feedModel(script: Script & { kind: 'Feed' }, mechanismId: number): Promise<Model> {
  const source = await onnxModel(Buffer.from(script.model, 'base64'), mechanismId);
  return {
    ...source,
    format: 'Script',
    run: (inputs, signal) => {
      const closes = inputs.get(INPUT)?.values ?? new Float64Array();
      const kept = Math.max(1, closes.length - script.lagDays);
      return source.run(new Map([[INPUT, { shape: [kept], values: closes.slice(0, kept) }]]), signal);
    },
  };
}

function faultModel(script: Script & { kind: 'Fault' }, mechanismId: number): Model {
  const size = script.shape.reduce((product, dim) => product * dim, 1);
  const filled = (value: number): ModelAnswer => ({
    kind: 'tensors',
    outputs: new Map<string, Tensor>([[OUTPUT, { shape: script.shape, values: new Float64Array(size).fill(value) }]]),
  });
  return {
    mechanismId,
    format: 'Script',
    inputs: [{ name: INPUT, shape: [-1] }],
    outputs: [{ name: OUTPUT, shape: script.shape }],
    async run(inputs, signal) {
      switch (faultFor(script.turns, inputs.get(INPUT)?.values.at(-1) ?? 0)) {
        case 'NaN':
          return filled(Number.NaN);
        case 'Late':
          await delay(script.lateMs, undefined, { signal });
          return filled(0);
        case 'Missing':
          return { kind: 'nothing' };
      }
    },
  };
}
