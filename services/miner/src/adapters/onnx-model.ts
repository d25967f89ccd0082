import { InferenceSession, Tensor as OnnxTensor } from 'onnxruntime-node';
import type { Model, ModelAnswer } from '#application/ports.ts';
import type { Tensor, TensorSpec } from '#domain/tensor.ts';

/**
 * Loads an ONNX file for the CPU with one thread: a miner's requests are small and many, and a pool of threads per
 * model would take the cores from the others. Throws where the file is no model of doubles.
 */
export async function onnxModel(file: Uint8Array, mechanismId: number): Promise<Model> {
  const session = await InferenceSession.create(file, {
    executionProviders: ['cpu'],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
    // An arena keeps what one large answer needed for ever; answers here are a few kilobytes.
    enableCpuMemArena: false,
    enableMemPattern: false,
  });
  const outputs = session.outputMetadata.map(specOf);
  return {
    mechanismId,
    format: 'Onnx',
    inputs: session.inputMetadata.map(specOf),
    outputs,
    run: (inputs) => run(session, inputs),
  };
}

async function run(session: InferenceSession, inputs: ReadonlyMap<string, Tensor>): Promise<ModelAnswer> {
  const feeds = Object.fromEntries(
    [...inputs].map(([name, { shape, values }]) => [name, new OnnxTensor('float64', values, [...shape])]),
  );
  const results = await session.run(feeds);
  const outputs = new Map(
    Object.entries(results).map(([name, { dims, data }]) => {
      if (!(data instanceof Float64Array)) throw new TypeError(`output ${name} holds no doubles`);
      return [name, { shape: dims, values: data }];
    }),
  );
  return { kind: 'tensors', outputs };
}

function specOf(metadata: InferenceSession.ValueMetadata): TensorSpec {
  if (!metadata.isTensor || metadata.type !== 'float64') {
    throw new TypeError(`${metadata.name} must be a tensor of doubles: other types are not served`);
  }
  return { name: metadata.name, shape: metadata.shape.map((dim) => (typeof dim === 'number' ? dim : -1)) };
}
