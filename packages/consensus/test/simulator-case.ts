import { simulate, type SimulatorConfig, type SimulatorOutput } from './simulator.ts';
import {
  boolean,
  CaseMalformed,
  differences,
  type Json,
  type JsonObject,
  list,
  matrix,
  number,
  numbers,
  object,
  string,
  type VectorCase,
} from './vector-case.ts';

/** Runs the simulator's epochs and compares those that the case lists. */
export function checkSimulatorCase({ inputs, expected }: VectorCase): string[] {
  const config = readConfig(string(inputs['version']), object(inputs['config']));
  const stated = object(expected['epochs']);
  const tolerance = number(object(expected['tolerance'])['decimal']);
  const found: string[] = [];
  const seen = new Set<string>();
  let bonds: number[][] | undefined;
  for (const [index, epoch] of list(inputs['epochs']).map(object).entries()) {
    const reset = epoch['reset_bonds_column'];
    if (reset !== undefined)
      bonds = bonds?.map((row) => row.map((bond, column) => (column === number(reset) ? 0 : bond)));
    const output = simulate(config, { stake: numbers(epoch['stake']), weights: matrix(epoch['weights']) }, bonds);
    bonds = output.bonds;
    const fields = stated[String(index)];
    if (fields === undefined) continue;
    seen.add(String(index));
    for (const [field, value] of Object.entries(object(fields))) {
      found.push(...differences(`epoch ${index} ${field}`, valueOf(output, field), value, tolerance));
    }
  }
  const missing = Object.keys(stated).filter((index) => !seen.has(index));
  return [...found, ...missing.map((index) => `epoch ${index}: expected, but has no input`)];
}

function valueOf(output: SimulatorOutput, field: string): Json {
  if (field === 'validator_trust') return output.validatorTrust;
  const value = (output as unknown as JsonObject)[field];
  if (value === undefined) throw new CaseMalformed(`unknown field ${field}`);
  return value;
}

function readConfig(version: string, config: JsonObject): SimulatorConfig {
  if (version !== 'yuma2' && version !== 'yuma3') throw new CaseMalformed(`version ${version}`);
  return {
    version,
    kappa: number(config['kappa']),
    bondPenalty: number(config['bond_penalty']),
    bondMovingAverage: number(config['bond_moving_avg']),
    liquidAlpha: boolean(config['liquid_alpha']),
    alphaLow: number(config['alpha_low']),
    alphaHigh: number(config['alpha_high']),
    steepness: number(config['alpha_sigmoid_steepness']),
    kappaSlack: number(config['kappa_slack']),
  };
}
