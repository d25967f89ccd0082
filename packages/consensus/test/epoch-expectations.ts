import { type EmissionSplit, splitEmission } from '../src/emission.ts';
import type { EpochOutput } from '../src/epoch-types.ts';
import { type Fixed, toDecimal } from '../src/fixed.ts';
import type { Matrix } from '../src/sparse.ts';
import { graphValidators } from './graph-case.ts';
import {
  CaseMalformed,
  differences,
  integer,
  type Json,
  type JsonObject,
  list,
  number,
  numbers,
  object,
  string,
  type Tolerance,
} from './vector-case.ts';

/** An epoch's output and the pot that it is worth. */
interface Scored {
  readonly output: EpochOutput;
  readonly pot: bigint;
}

interface Expectation {
  readonly where: string;
  readonly scored: Scored;
  readonly expected: JsonObject;
  readonly tolerance: JsonObject;
  /** Columns that `bonds_columns` lists. */
  readonly columns: readonly number[];
}

/** Compares the blocks `asserted`, `trace` and `derived` of one epoch with its output. A field without a rule fails by name. */
export function checkExpectedEpoch(expectation: Expectation): string[] {
  return Object.entries(expectation.expected).flatMap(([block, fields]) =>
    Object.entries(object(fields)).flatMap(([field, value]) => checkField(expectation, block, field, value)),
  );
}

function checkField(expectation: Expectation, block: string, field: string, value: Json): string[] {
  const { scored, tolerance } = expectation;
  const { output } = scored;
  const where = `${expectation.where} ${block}.${field}`;
  if (field === 'relations') return list(value).flatMap((relation) => checkRelation(where, scored, list(relation)));
  if (field === 'dividends_target') {
    const got = output.u16.dividends.map((units) => units / 65_535);
    return differences(where, got, value, number(tolerance['target']));
  }
  if (field === 'bonds_columns') {
    const stored = dense(output.bonds, (units) => units / 65_535);
    const got = list(value).map((_, row) => expectation.columns.map((column) => stored[row]?.[column] ?? 0));
    return differences(where, got, value, number(tolerance['target']));
  }
  const name = field.endsWith('_at') ? field.slice(0, -3) : field;
  const allowed = toleranceOf(name, block, tolerance);
  if (field !== name) return checkSome(where, valueOf(scored, name), list(value), allowed);
  return differences(where, valueOf(scored, name), value, allowed);
}

/** Integers are bit-exact, except where the chain's own test allows a unit of a u16. */
function toleranceOf(field: string, block: string, tolerance: JsonObject): Tolerance {
  const asserted = tolerance['asserted_u16'];
  if (field.endsWith('_u16') && block === 'asserted' && asserted !== undefined) return number(asserted);
  return field.endsWith('_u16') || field.endsWith('_rao') ? 'exact' : number(tolerance['decimal']);
}

/** Entries `[uid, value]` of a vector or `[row, column, value]` of a matrix. */
function checkSome(where: string, actual: Json, entries: readonly Json[], tolerance: Tolerance): string[] {
  return entries.flatMap((entry) => {
    const path = numbers(entry);
    const expected = path.pop() ?? null;
    const got = path.reduce<Json>((value, index) => list(value)[index] ?? null, actual);
    return differences(`${where}[${path.join('][')}]`, got, expected, tolerance);
  });
}

function checkRelation(where: string, scored: Scored, relation: readonly Json[]): string[] {
  const kind = string(relation[0]);
  const values = list(valueOf(scored, string(relation[1]))).map(integer);
  const left = values[number(relation[2])];
  const right = values[number(relation[3])];
  if (left === undefined || right === undefined) throw new CaseMalformed(`${where}: no such uid`);
  if (kind !== 'equal' && kind !== 'greater') throw new CaseMalformed(`relation ${kind}`);
  const holds = kind === 'equal' ? left === right : left > right;
  return holds ? [] : [`${where}: ${left} is not ${kind} ${right}`];
}

/** Graph cases: every uid of a role has the role's value after the last epoch. */
export function checkSummary(summary: JsonObject, scored: Scored, graph: JsonObject): string[] {
  const { output } = scored;
  const validators = new Set(graphValidators(graph));
  const firstValidator = Math.min(...validators);
  const firstServer =
    Array.from({ length: number(graph['n']) }, (_, uid) => uid).find((uid) => !validators.has(uid)) ?? 0;
  const bonds = dense(output.bonds, (units) => units);
  const columns = new Map<string, readonly Json[]>(); // a field of every uid, computed once
  const columnOf = (field: string): readonly Json[] => {
    const column = columns.get(field) ?? list(valueOf(scored, field));
    columns.set(field, column);
    return column;
  };
  return output.active.flatMap((_, uid) => {
    const role = validators.has(uid) ? 'validator' : 'server';
    return Object.entries(object(summary[role])).flatMap(([field, value]) => {
      if (field === 'bond_on_server_u16')
        return differences(`${role} ${uid} ${field}`, bonds[uid]?.[firstServer] ?? 0, value, 'exact');
      if (field === 'bond_on_validator_u16')
        return differences(`${role} ${uid} ${field}`, bonds[uid]?.[firstValidator] ?? 0, value, 'exact');
      return differences(`${role} ${uid} ${field}`, columnOf(field)[uid] ?? null, value, 'exact');
    });
  });
}

const decimals = (vector: readonly Fixed[]): Json => vector.map(toDecimal);
const dense = <Value>(matrix: Matrix<Value>, read: (value: Value) => number): number[][] =>
  matrix.map((row) => {
    const values = matrix.map(() => 0);
    for (const [column, value] of row) values[column] = read(value);
    return values;
  });

const FIELDS: { readonly [field: string]: (output: EpochOutput, emission: EmissionSplit) => Json } = {
  active: (output) => output.active,
  validator_permits_new: (output) => output.permits,
  active_stake: (output) => decimals(output.activeStake),
  weights_normalised: (output) => dense(output.weights, toDecimal),
  prerank: (output) => decimals(output.prerank),
  consensus: (output) => decimals(output.consensus),
  consensus_u16: (output) => output.u16.consensus,
  rank: (output) => decimals(output.rank),
  rank_u16: (output) => output.u16.rank,
  trust: (output) => decimals(output.trust),
  trust_u16: (output) => output.u16.trust,
  incentive: (output) => decimals(output.incentive),
  incentive_u16: (output) => output.u16.incentive,
  validator_trust: (output) => decimals(output.validatorTrust),
  validator_trust_u16: (output) => output.u16.validatorTrust,
  dividends: (output) => decimals(output.dividends),
  dividends_u16: (output) => output.u16.dividends,
  bonds_delta: (output) => dense(output.bondsObserved, toDecimal),
  bonds_share: (output) => dense(output.bondShares, toDecimal),
  bonds_kept: (output) => dense(output.bondsKept, toDecimal),
  bonds_u16: (output) => dense(output.bonds, (units) => units),
  server_emission_rao: (_output, emission) => emission.servers,
  validator_emission_rao: (_output, emission) => emission.validators,
  emission_rao: (_output, emission) => emission.combined,
};

function valueOf({ output, pot }: Scored, field: string): Json {
  const read = FIELDS[field];
  if (read === undefined) throw new CaseMalformed(`unknown field ${field}`);
  return read(output, splitEmission(output, pot));
}
