/** JSON as read from a case; whole numbers above 2^53 are bigints. */
export type Json = null | boolean | number | bigint | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** One file of the vectors. */
export interface VectorCase {
  readonly name: string;
  readonly kind: string;
  readonly inputs: JsonObject;
  readonly expected: JsonObject;
}

/** Checks one case; what it returns are the differences, none when the case passes. */
export type Checker = (vector: VectorCase) => string[];

/** A misread case must never count as a pass. */
export class CaseMalformed extends Error {
  override readonly name = 'CaseMalformed';
}

/** One case from its text. */
export function readCase(text: string): VectorCase {
  const root = object(parseJson(text));
  return {
    name: string(root['name']),
    kind: string(root['kind']),
    inputs: object(root['inputs']),
    expected: object(root['expected']),
  };
}

/** `JSON.parse` that does not round: whole numbers beyond 2^53 become bigints. */
function parseJson(text: string): Json {
  return JSON.parse(text, (_key: string, value: Json, context?: { source?: string }): Json => {
    if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
    const source = context?.source ?? '';
    return /^-?[0-9]+$/.test(source) ? BigInt(source) : value;
  }) as Json;
}

export function object(value: Json | undefined): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new CaseMalformed(`not an object: ${show(value)}`);
  return value as JsonObject;
}

export function list(value: Json | undefined): readonly Json[] {
  if (!Array.isArray(value)) throw new CaseMalformed(`not a list: ${show(value)}`);
  return value;
}

export function string(value: Json | undefined): string {
  if (typeof value !== 'string') throw new CaseMalformed(`not a string: ${show(value)}`);
  return value;
}

export function number(value: Json | undefined): number {
  if (typeof value !== 'number') throw new CaseMalformed(`not a number: ${show(value)}`);
  return value;
}

export function integer(value: Json | undefined): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  throw new CaseMalformed(`not a whole number: ${show(value)}`);
}

export function boolean(value: Json | undefined): boolean {
  if (typeof value !== 'boolean') throw new CaseMalformed(`not a boolean: ${show(value)}`);
  return value;
}

export function numbers(value: Json | undefined): number[] {
  return list(value).map(number);
}

export function matrix(value: Json | undefined): number[][] {
  return list(value).map(numbers);
}

/** Member that may be missing; null counts as missing. */
export function optional(value: Json | undefined): Json | undefined {
  return value === null ? undefined : value;
}

function show(value: unknown): string {
  return String(
    JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? item.toString() : item)),
  ).slice(0, 80);
}

/** How far values may differ: `exact` for integers, a distance for decimals. */
export type Tolerance = 'exact' | number;

/**
 * Compares values of any nesting. An expected null is not compared. Shapes must agree: a missing entry is a difference.
 */
export function differences(where: string, actual: Json, expected: Json, tolerance: Tolerance): string[] {
  if (expected === null) return [];
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual)) return [`${where}: ${show(actual)} is not a list`];
    if (actual.length !== expected.length) return [`${where}: length ${actual.length}, expected ${expected.length}`];
    return expected.flatMap((item: Json, index: number) =>
      differences(`${where}[${index}]`, (actual as readonly Json[])[index] ?? null, item, tolerance),
    );
  }
  if (typeof expected === 'object') {
    const members = object(actual);
    return Object.entries(expected).flatMap(([key, item]) =>
      differences(`${where}.${key}`, members[key] ?? null, item, tolerance),
    );
  }
  return isNear(actual, expected, tolerance) ? [] : [`${where}: ${show(actual)}, expected ${show(expected)}`];
}

function isNear(actual: Json, expected: Json, tolerance: Tolerance): boolean {
  if (!isNumeric(actual) || !isNumeric(expected)) return actual === expected;
  if (typeof actual === 'bigint' || typeof expected === 'bigint') {
    const distance = integer(actual) - integer(expected);
    return (distance < 0n ? -distance : distance) <= (tolerance === 'exact' ? 0n : BigInt(Math.floor(tolerance)));
  }
  return Math.abs(actual - expected) <= (tolerance === 'exact' ? 0 : tolerance);
}

function isNumeric(value: Json): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}
