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
  if (typeof source === 'string') return quoted(source);
  if (typeof source === 'bigint') return `"${source}"`;
  if (typeof source !== 'object' || source === null) return canonicalJson(jsonOf(source));
  if (Array.isArray(source)) return `[${source.map(canonicalText).join(',')}]`;
  const record = source as Readonly<Record<string, unknown>>; // every object is one; a copy costs as much as its text
  let text = '';
  for (const key of sorted(Object.keys(record))) {
    const value = record[key];
    if (value !== undefined) text += `${text === '' ? '' : ','}${quoted(key)}:${canonicalText(value)}`;
  }
  return `{${text}}`;
}

function quoted(text: string): string {
  return `"${escaped(text)}"`;
}

/** A text as it stands between the quotation marks of its JSON. Most have nothing to escape, and looking costs a quarter of what JSON.stringify does to a short one. */
export function escaped(text: string): string {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < SPACE || code > TILDE || code === QUOTE || code === BACKSLASH) return JSON.stringify(text).slice(1, -1);
  }
  return text;
}

const [SPACE, QUOTE, BACKSLASH, TILDE] = [0x20, 0x22, 0x5c, 0x7e];

/** Members are few, and mostly written in order: insertion costs less than a general sort. By UTF-16 code units. */
function sorted(keys: string[]): readonly string[] {
  for (let at = 1; at < keys.length; at += 1) {
    const key = keys[at] ?? '';
    let to = at;
    for (; to > 0 && (keys[to - 1] ?? '') > key; to -= 1) keys[to] = keys[to - 1] ?? '';
    keys[to] = key;
  }
  return keys;
}

function isList(value: object): value is readonly Json[] {
  return Array.isArray(value);
}
