import { HORIZONS_DAYS, QUANTILE_COUNT } from './forecast-contract.ts';
import { writeOnnx } from './onnx-writer.ts';
import type { GraphNode, Tensor } from './onnx-writer.ts';

const END = 2 ** 31 - 1;

export const vector = (values: readonly number[]): Tensor => ({ type: 'double', dims: [values.length], values });
export const scalar = (value: number): Tensor => ({ type: 'double', dims: [1], values: [value] });
export const matrix = (rows: readonly (readonly number[])[]): Tensor => ({
  type: 'double',
  dims: [rows.length, rows[0]?.length ?? 0],
  values: rows.flat(),
});
const index = (value: number): Tensor => ({ type: 'int64', dims: [1], values: [value] });

/** Constants that `returnNodes` and `windowNodes` use. */
export const SLICE_CONSTANTS: Readonly<Record<string, Tensor>> = {
  index_0: index(0),
  index_1: index(1),
  index_minus_1: index(-1),
  index_end: index(END),
  zero: scalar(0),
  one: scalar(1),
};

/** `returns` [n-1] and `present` [n-1], all ones, from `closes` [n]. */
export function returnNodes(): GraphNode[] {
  return [
    { op: 'Log', inputs: ['closes'], output: 'log_closes' },
    { op: 'Slice', inputs: ['log_closes', 'index_1', 'index_end'], output: 'later' },
    { op: 'Slice', inputs: ['log_closes', 'index_0', 'index_minus_1'], output: 'earlier' },
    { op: 'Sub', inputs: ['later', 'earlier'], output: 'returns' },
    { op: 'Mul', inputs: ['returns', 'zero'], output: 'zeros_like' },
    { op: 'Add', inputs: ['zeros_like', 'one'], output: 'present' },
  ];
}

/** The newest `length` entries of a vector, oldest first, with zeros in front where there are fewer. */
export function windowNodes(window: { readonly of: string; readonly output: string; readonly length: number }): {
  readonly nodes: readonly GraphNode[];
  readonly constants: Readonly<Record<string, Tensor>>;
} {
  const { of, output, length } = window;
  return {
    nodes: [
      { op: 'Concat', inputs: [`${output}_padding`, of], output: `${output}_padded`, ints: { axis: 0 } },
      { op: 'Slice', inputs: [`${output}_padded`, `${output}_start`, 'index_end'], output },
    ],
    constants: {
      [`${output}_padding`]: vector(Array.from({ length }, () => 0)),
      [`${output}_start`]: index(-length),
    },
  };
}

/** Closes a graph from `closes` [n] to `quantiles` [horizons, q] into a file. */
export function forecastGraph(
  name: string,
  nodes: readonly GraphNode[],
  constants: Readonly<Record<string, Tensor>>,
): Uint8Array {
  return writeOnnx({
    name,
    inputs: [{ name: 'closes', dims: ['n'] }],
    outputs: [{ name: 'quantiles', dims: [HORIZONS_DAYS.length, QUANTILE_COUNT] }],
    constants,
    nodes,
  });
}
