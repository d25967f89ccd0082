/** The part of an OpenAPI v3 schema that a CRD may carry: structural, no `oneOf`, no references. */
export interface StructuralSchema {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'boolean';
  readonly description?: string;
  readonly [key: string]: unknown;
}

/** Thrown at generation time when a zod schema leaves the dialect. Names the path. */
export class OutsideDialectError extends Error {
  readonly path: string;

  constructor(path: string, what: string) {
    super(`${path}: ${what}`);
    this.name = 'OutsideDialectError';
    this.path = path;
  }
}

type Json = Readonly<Record<string, unknown>>;

const COMMON = [
  'type',
  'description',
  'default',
  'x-kubernetes-validations',
  'x-kubernetes-int-or-string',
  'x-kubernetes-map-type',
] as const;

const KEYS_BY_TYPE: Readonly<Record<string, readonly string[]>> = {
  object: [...COMMON, 'properties', 'required', 'additionalProperties', 'maxProperties'],
  array: [...COMMON, 'items', 'maxItems', 'minItems', 'x-kubernetes-list-type', 'x-kubernetes-list-map-keys'],
  string: [...COMMON, 'enum', 'pattern', 'minLength', 'maxLength', 'format'],
  integer: [...COMMON, 'minimum', 'maximum', 'enum', 'format'],
  boolean: [...COMMON],
};

/**
 * Translates what `z.toJSONSchema(…, {target: 'openapi-3.0', io: 'input'})` says into a structural schema.
 * Strict on purpose: what it does not know it refuses, since the API server would drop or refuse it later.
 *
 * @throws OutsideDialectError for unions, unbounded values, missing descriptions and unknown keywords.
 */
export function structuralSchema(input: unknown, path = 'spec'): StructuralSchema {
  const json = asObject(input, path);
  requireDescription(json, path);
  if (json['x-kubernetes-int-or-string'] === true) return intOrString(json);
  const type = json['type'];
  const allowed = typeof type === 'string' ? KEYS_BY_TYPE[type] : undefined;
  if (typeof type !== 'string' || allowed === undefined) {
    throw new OutsideDialectError(
      path,
      `type ${JSON.stringify(type)} is not of our dialect (unions need a type member)`,
    );
  }
  for (const key of Object.keys(json)) {
    if (!allowed.includes(key)) throw new OutsideDialectError(path, `keyword ${key} is not allowed on ${type}`);
  }
  switch (type) {
    case 'object':
      return objectSchema(json, path);
    case 'array':
      return arraySchema(json, path);
    case 'string':
      return stringSchema(json, path);
    case 'integer':
      return integerSchema(json, path);
    default:
      return { ...json } as StructuralSchema;
  }
}

function asObject(input: unknown, path: string): Json {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new OutsideDialectError(path, 'is not a schema');
  }
  return input as Json;
}

function requireDescription(json: Json, path: string): void {
  const description = json['description'];
  if (typeof description !== 'string' || description.length < 3) {
    throw new OutsideDialectError(path, 'has no description');
  }
}

function objectSchema(json: Json, path: string): StructuralSchema {
  const properties = json['properties'];
  const additional = json['additionalProperties'];
  if (properties !== undefined) {
    if (additional !== undefined) throw new OutsideDialectError(path, 'has properties and additionalProperties');
    const fields = Object.entries(asObject(properties, path));
    if (fields.length === 0) throw new OutsideDialectError(path, 'is an object without fields');
    const translated: Record<string, StructuralSchema> = {};
    for (const [name, child] of fields) {
      translated[name] = structuralSchema(child, `${path}.${name}`);
    }
    return { ...json, properties: translated } as StructuralSchema;
  }
  if (additional === undefined) throw new OutsideDialectError(path, 'is an object without fields');
  if (typeof json['maxProperties'] !== 'number') throw new OutsideDialectError(path, 'is a map without maxProperties');
  return { ...json, additionalProperties: structuralSchema(additional, `${path}[*]`) } as StructuralSchema;
}

function arraySchema(json: Json, path: string): StructuralSchema {
  if (typeof json['maxItems'] !== 'number') throw new OutsideDialectError(path, 'is a list without maxItems');
  const listType = json['x-kubernetes-list-type'];
  if (listType === undefined) throw new OutsideDialectError(path, 'is a list without x-kubernetes-list-type');
  const items = structuralSchema(json['items'], `${path}[]`);
  if (items.type === 'object' && listType !== 'map') {
    throw new OutsideDialectError(path, 'is a list of objects that is no map: give it a key');
  }
  return { ...json, items } as StructuralSchema;
}

function stringSchema(json: Json, path: string): StructuralSchema {
  if (json['enum'] === undefined && typeof json['maxLength'] !== 'number') {
    throw new OutsideDialectError(path, 'is text without maxLength');
  }
  return { ...json } as StructuralSchema;
}

function integerSchema(json: Json, path: string): StructuralSchema {
  for (const bound of ['minimum', 'maximum'] as const) {
    const value = json[bound];
    // zod writes the safe-integer range when a schema states no bound of its own.
    if (typeof value !== 'number' || Math.abs(value) === Number.MAX_SAFE_INTEGER) {
      throw new OutsideDialectError(path, `is an integer without ${bound}`);
    }
  }
  return { ...json } as StructuralSchema;
}

function intOrString(json: Json): StructuralSchema {
  const { anyOf: _union, ...rest } = json;
  return { ...rest, anyOf: [{ type: 'integer' }, { type: 'string' }] } as StructuralSchema;
}
