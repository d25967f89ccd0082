import type { BondRow, Bonds } from '#domain/bonds.ts';

/** The first form named both ids in every bond. */
interface NamedBond {
  readonly mechanismId: number;
  readonly from: string;
  readonly to: string;
  readonly value: number;
}

/** Bonds as text for the store. */
export function bondsToText({ ids, rows }: Bonds): string {
  return JSON.stringify({ ids, rows } satisfies Bonds);
}

/** Also of the first form. */
export function bondsFromText(text: string): Bonds {
  const stored = JSON.parse(text) as Bonds | NamedBond[];
  return Array.isArray(stored) ? placed(stored) : checked(stored as Bonds);
}

function placed(bonds: readonly NamedBond[]): Bonds {
  const places = new Map<string, number>();
  const placeOf = (id: string): number => {
    const place = places.get(id) ?? places.size;
    places.set(id, place);
    return place;
  };
  const rows = bonds.map(({ mechanismId, from, to, value }): BondRow => [
    mechanismId,
    placeOf(from),
    placeOf(to),
    value,
  ]);
  return { ids: [...places.keys()], rows };
}

function checked(bonds: Bonds): Bonds {
  const count = bonds.ids.length;
  for (const row of bonds.rows) {
    for (let at = 1; at < row.length; at += at === 1 ? 1 : 2) {
      const place = row[at] ?? -1;
      if (!(place >= 0 && place < count)) throw new TypeError(`stored bonds name an id at ${place} of ${count}`);
    }
  }
  return bonds;
}
