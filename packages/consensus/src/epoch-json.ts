import type { EpochInput, EpochOutput, EpochParameters, NeuronInput } from './epoch-types.ts';

/** JSON in which every bigint is a decimal string: what is stored and hashed. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** The type that a value has once its bigints are strings and its undefined members are gone. */
export type Stored<Value> = Value extends bigint
  ? string
  : Value extends readonly unknown[]
    ? { readonly [Index in keyof Value]: Stored<Value[Index]> }
    : Value extends object
      ? { readonly [Key in keyof Value]: Stored<Value[Key]> }
      : Value;

export type StoredEpochInput = Stored<EpochInput>;
export type StoredEpochOutput = Stored<EpochOutput>;

/** Bigints as decimal strings (fixed point as its raw count of 2^-32), undefined members left out. */
export function toStored<Value>(value: Value): Stored<Value> {
  return stored(value) as Stored<Value>;
}

function stored(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return value.map(stored);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([key, member]) => [key, stored(member)]),
  );
}

/** An input as it was before it was stored. What it holds is checked by `runEpoch`, not here. */
export function inputFromStored(input: StoredEpochInput): EpochInput {
  const parameters: EpochParameters = {
    ...input.parameters,
    liquidAlpha: input.parameters.liquidAlpha,
    minStake: BigInt(input.parameters.minStake),
  };
  const neurons = input.neurons.map((neuron): NeuronInput => ({ ...neuron, stake: BigInt(neuron.stake) }));
  return { ...input, parameters, neurons };
}

/**
 * The one text of a JSON value (RFC 8785): members sorted by name, no spaces, numbers as ECMAScript writes them.
 * Throws TypeError on what has no JSON form, so that nothing is hashed that cannot be read back.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`${value} has no JSON form`);
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object') throw new TypeError(`a ${typeof value} has no JSON form`);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .toSorted(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0)) // by UTF-16 code units, as the RFC asks
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}
