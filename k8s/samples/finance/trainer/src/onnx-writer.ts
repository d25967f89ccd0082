/**
 * Writes ONNX models: the few messages of onnx.proto3 that a forward graph of standard operators needs, by hand, so
 * that training needs neither Python nor a code generator. Field numbers are those of onnx.proto3, IR version 8.
 */
const IR_VERSION = 8;
const OPSET_VERSION = 17;
const TYPE_DOUBLE = 11;
const TYPE_INT64 = 7;
const ATTRIBUTE_INT = 2;

export type Tensor =
  | { readonly type: 'double'; readonly dims: readonly number[]; readonly values: readonly number[] }
  | { readonly type: 'int64'; readonly dims: readonly number[]; readonly values: readonly number[] };

export type GraphNode = {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly ints?: Readonly<Record<string, number>>;
};

/** A value that comes in or goes out; a dimension that is not fixed has a name. */
export type GraphValue = { readonly name: string; readonly dims: readonly (number | string)[] };

export type Graph = {
  readonly name: string;
  readonly inputs: readonly GraphValue[];
  readonly outputs: readonly GraphValue[];
  readonly constants: Readonly<Record<string, Tensor>>;
  readonly nodes: readonly GraphNode[];
};

/** The bytes of an ONNX file. Inputs and outputs are tensors of doubles. Throws where a tensor's size and shape differ. */
export function writeOnnx(graph: Graph): Uint8Array {
  const opset = concat([text(1, ''), varintField(2, OPSET_VERSION)]);
  return concat([varintField(1, IR_VERSION), text(2, 'subnetes'), bytes(7, graphMessage(graph)), bytes(8, opset)]);
}

function graphMessage(graph: Graph): Uint8Array {
  return concat([
    ...graph.nodes.map((node, index) => bytes(1, nodeMessage(node, index))),
    text(2, graph.name),
    ...Object.entries(graph.constants).map(([name, tensor]) => bytes(5, tensorMessage(name, tensor))),
    ...graph.inputs.map((value) => bytes(11, valueMessage(value))),
    ...graph.outputs.map((value) => bytes(12, valueMessage(value))),
  ]);
}

function nodeMessage(node: GraphNode, index: number): Uint8Array {
  const attributes = Object.entries(node.ints ?? {}).map(([name, value]) =>
    bytes(5, concat([text(1, name), varintField(3, value), varintField(20, ATTRIBUTE_INT)])),
  );
  return concat([
    ...node.inputs.map((input) => text(1, input)),
    text(2, node.output),
    text(3, `${node.op.toLowerCase()}_${index}`),
    text(4, node.op),
    ...attributes,
  ]);
}

function tensorMessage(name: string, tensor: Tensor): Uint8Array {
  const size = tensor.dims.reduce((product, dim) => product * dim, 1);
  if (size !== tensor.values.length) {
    throw new RangeError(
      `constant ${name} has ${tensor.values.length} values for the shape [${tensor.dims.join(',')}]`,
    );
  }
  const raw = new DataView(new ArrayBuffer(8 * size));
  for (const [index, value] of tensor.values.entries()) {
    if (tensor.type === 'double') raw.setFloat64(8 * index, value, true);
    else raw.setBigInt64(8 * index, BigInt(value), true);
  }
  return concat([
    ...tensor.dims.map((dim) => varintField(1, dim)),
    varintField(2, tensor.type === 'double' ? TYPE_DOUBLE : TYPE_INT64),
    text(8, name),
    bytes(9, new Uint8Array(raw.buffer)),
  ]);
}

function valueMessage(value: GraphValue): Uint8Array {
  const dims = value.dims.map((dim) => bytes(1, typeof dim === 'number' ? varintField(1, dim) : text(2, dim)));
  const tensorType = concat([varintField(1, TYPE_DOUBLE), bytes(2, concat(dims))]);
  return concat([text(1, value.name), bytes(2, bytes(1, tensorType))]);
}

const WIRE_VARINT = 0;
const WIRE_BYTES = 2;

function varintField(field: number, value: number): Uint8Array {
  return concat([varint((field << 3) | WIRE_VARINT), varint(value)]);
}

function bytes(field: number, content: Uint8Array): Uint8Array {
  return concat([varint((field << 3) | WIRE_BYTES), varint(content.length), content]);
}

function text(field: number, content: string): Uint8Array {
  return bytes(field, new TextEncoder().encode(content));
}

/** Unsigned LEB128; a negative number is written as its 64 bit two's complement, as protobuf does. */
function varint(value: number): Uint8Array {
  let rest = BigInt.asUintN(64, BigInt(value));
  const out: number[] = [];
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    out.push(rest === 0n ? low : low | 0x80);
  } while (rest !== 0n);
  return Uint8Array.from(out);
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    out.set(part, offset);
    offset += part.length;
  }
  return out;
}
