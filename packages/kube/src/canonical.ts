import { createHash } from 'node:crypto';

/** JSON with sorted keys and without what is undefined: equal values give equal text. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0));
  return `{${entries.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join(',')}}`;
}

/** SHA-256 of the canonical JSON, in hexadecimal. */
export function hashOf(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}

/** Equal as JSON, whatever the order of keys. */
export function sameJson(left: unknown, right: unknown): boolean {
  return canonicalJson(left) === canonicalJson(right);
}

/**
 * Paths at which `observed` does not carry what `desired` says. Further members of `observed`
 * (defaults, what others added) are no difference. Lists of named things are compared by name,
 * since others may have added entries; any other list must be equal.
 */
export function differences(desired: unknown, observed: unknown, path = ''): readonly string[] {
  if (Array.isArray(desired)) return listDifferences(desired, observed, path);
  if (typeof desired !== 'object' || desired === null) return desired === observed ? [] : [path];
  if (typeof observed !== 'object' || observed === null || Array.isArray(observed)) return [path];
  return Object.entries(desired)
    .filter(([, member]) => member !== undefined)
    .flatMap(([key, member]) => differences(member, (observed as Record<string, unknown>)[key], `${path}/${key}`));
}

function listDifferences(desired: readonly unknown[], observed: unknown, path: string): readonly string[] {
  if (!Array.isArray(observed)) return desired.length === 0 && observed === undefined ? [] : [path];
  if (desired.length > 0 && desired.every(hasName)) {
    return desired.flatMap((item) =>
      differences(
        item,
        observed.find((other) => hasName(other) && other.name === item.name),
        `${path}[${item.name}]`,
      ),
    );
  }
  if (desired.length !== observed.length) return [path];
  return desired.flatMap((item, index) => differences(item, observed[index], `${path}[${index}]`));
}

function hasName(item: unknown): item is { readonly name: string } {
  return typeof item === 'object' && item !== null && 'name' in item && typeof item.name === 'string';
}
