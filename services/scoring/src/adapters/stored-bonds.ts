import type { Bond } from '#domain/epoch-inputs.ts';

/** A mechanism's bonds of one registration: its place among the ids, then pairs of place and value. */
type StoredRow = readonly [mechanismId: number, from: number, ...pairs: number[]];

interface StoredBonds {
  readonly ids: readonly string[];
  readonly rows: readonly StoredRow[];
}

/** Bonds as text for the store. Each id stands there once: a full subnet has twelve thousand bonds of 256 ids. */
export function bondsToText(bonds: readonly Bond[]): string {
  const places = new Map<string, number>();
  const placeOf = (id: string): number => {
    const known = places.get(id) ?? places.size;
    places.set(id, known);
    return known;
  };
  const rows: [number, number, ...number[]][] = [];
  let before: Bond | undefined;
  for (const bond of bonds) {
    const isOfSameRow = before?.from === bond.from && before.mechanismId === bond.mechanismId;
    if (!isOfSameRow) rows.push([bond.mechanismId, placeOf(bond.from)]); // an epoch leaves its bonds row by row
    rows.at(-1)?.push(placeOf(bond.to), bond.value);
    before = bond;
  }
  return JSON.stringify({ ids: [...places.keys()], rows } satisfies StoredBonds);
}

/** Also of the form that named both ids in every bond. */
export function bondsFromText(text: string): Bond[] {
  const stored = JSON.parse(text) as StoredBonds | Bond[];
  if (Array.isArray(stored)) return stored;
  const { ids, rows } = stored as StoredBonds;
  return rows.flatMap(([mechanismId, from, ...pairs]) => {
    const bonds: Bond[] = [];
    for (let at = 0; at < pairs.length; at += 2) {
      bonds.push({ mechanismId, from: idAt(ids, from), to: idAt(ids, pairs[at]), value: pairs[at + 1] ?? 0 });
    }
    return bonds;
  });
}

function idAt(ids: readonly string[], place: number | undefined): string {
  const id = place === undefined ? undefined : ids[place];
  if (id === undefined) throw new TypeError(`stored bonds name an id at ${place} of ${ids.length}`);
  return id;
}
