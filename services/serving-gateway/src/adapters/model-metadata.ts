import { z } from 'zod';

const TENSORS_MAX = 64;
const tensors = z
  .array(z.object({ name: z.string().max(256), datatype: z.string().max(16), shape: z.array(z.int()).max(8) }))
  .max(TENSORS_MAX);
const METADATA = z.object({ inputs: tensors, outputs: tensors });

/** What a miner says that its model takes and gives; names and shapes alone, the rest is the subnet's to say. */
export type ModelTensors = Readonly<z.output<typeof METADATA>>;

/** Reads a miner's answer; undefined when it is none of the protocol. */
export function readMetadata(body: Uint8Array): ModelTensors | undefined {
  try {
    return METADATA.parse(JSON.parse(new TextDecoder().decode(body)));
  } catch {
    return undefined; // bytes from outside: the model is sold without a description
  }
}
