/** What may stand in a journal entry. Numbers are safe integers; money is a decimal string. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/**
 * The JSON of a record of strings, numbers, booleans, bigint, null, lists and records: bigint becomes a decimal string,
 * undefined members are left out. Throws TypeError on anything else.
 */
export function jsonOf(source: unknown): Json {
  if (source === null || typeof source === 'string' || typeof source === 'number' || typeof source === 'boolean') {
    return source;
  }
  if (typeof source === 'bigint') return source.toString();
  if (typeof source !== 'object') throw new TypeError(`a ${typeof source} has no JSON`);
  if (isList(source)) return source.map(jsonOf);
  return Object.fromEntries(
    Object.entries(source)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [key, jsonOf(value)]),
  );
}

/**
 * RFC 8785 text of a value whose numbers are safe integers: members sorted by UTF-16 code units, no white space.
 * Throws RangeError on any other number, since its text would not be the same everywhere.
 */
export function canonicalJson(value: Json): string {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new RangeError(`${value} may not stand in a journal entry`);
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (isList(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const members = Object.keys(value)
    .toSorted()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key] ?? null)}`);
  return `{${members.join(',')}}`;
}

/** `canonicalJson(jsonOf(source))` in one pass, for what is written with every entry. */
export function canonicalText(source: unknown): string {
  if (typeof source === 'string') return JSON.stringify(source);
  if (typeof source === 'bigint') return `"${source}"`;
  if (typeof source !== 'object' || source === null) return canonicalJson(jsonOf(source));
  if (Array.isArray(source)) return `[${source.map(canonicalText).join(',')}]`;
  const record = source as Readonly<Record<string, unknown>>; // every object is one; a copy costs as much as its text
  let text = '';
  // Sorted by UTF-16 code units.
  for (const key of Object.keys(record).sort()) {
    const value = record[key];
    if (value !== undefined) text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${canonicalText(value)}`;
  }
  return `{${text}}`;
}

function isList(value: object): value is readonly Json[] {
  return Array.isArray(value);
}
