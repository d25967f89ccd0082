import { SLICE_CONSTANTS, returnNodes, scalar, vector, windowNodes } from './graph-parts.ts';
import type { GraphNode, Tensor } from './onnx-writer.ts';

/** Weight of the training data's variance in a weighted mean: nothing once there is one return, all while there is none. */
const PRIOR_WEIGHT = 1e-6;

/** Weighted mean of the newest squared returns; `weights[k]` is for the return k days ago. */
export type VarianceRule = { readonly weights: readonly number[]; readonly priorVariance: number };

/** The variance of the next day by a rule. */
export function weightedVariance(rule: VarianceRule, returns: readonly number[]): number {
  let squares = PRIOR_WEIGHT * rule.priorVariance;
  let total = PRIOR_WEIGHT;
  for (const [age, weight] of rule.weights.entries()) {
    const value = returns[returns.length - 1 - age];
    if (value === undefined) break;
    squares += weight * value * value;
    total += weight;
  }
  return squares / total;
}

/** The same as graph nodes: `closes` [n] to `deviation` [1], the root of the variance; also gives `returns`. */
export function deviationGraph(rule: VarianceRule): {
  readonly nodes: readonly GraphNode[];
  readonly constants: Readonly<Record<string, Tensor>>;
} {
  const length = rule.weights.length;
  const squares = windowNodes({ of: 'squared', output: 'square_window', length });
  const present = windowNodes({ of: 'present', output: 'present_window', length });
  return {
    nodes: [
      ...returnNodes(),
      { op: 'Mul', inputs: ['returns', 'returns'], output: 'squared' },
      ...squares.nodes,
      ...present.nodes,
      { op: 'MatMul', inputs: ['square_window', 'weights'], output: 'square_sum' },
      { op: 'MatMul', inputs: ['present_window', 'weights'], output: 'weight_sum' },
      { op: 'Add', inputs: ['square_sum', 'prior_squares'], output: 'square_total' },
      { op: 'Add', inputs: ['weight_sum', 'prior_weight'], output: 'weight_total' },
      { op: 'Div', inputs: ['square_total', 'weight_total'], output: 'variance' },
      { op: 'Sqrt', inputs: ['variance'], output: 'deviation' },
    ],
    constants: {
      ...SLICE_CONSTANTS,
      ...squares.constants,
      ...present.constants,
      weights: vector(rule.weights.toReversed()),
      prior_squares: scalar(PRIOR_WEIGHT * rule.priorVariance),
      prior_weight: scalar(PRIOR_WEIGHT),
    },
  };
}

/** Mean of the squares. */
export function meanSquare(returns: readonly number[]): number {
  return returns.reduce((sum, value) => sum + value * value, 0) / returns.length;
}
