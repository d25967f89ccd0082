import type { Row } from '@subnetes/consensus/sparse';
import type { ScorableInputs } from './epoch-inputs.ts';
import type { EpochOutputs } from './score-epoch.ts';

/**
 * Bonds that an epoch left. A bond binds two registrations, not two uids: a uid that is used again inherits nothing. A full
 * subnet has twelve thousand bonds of 256 ids, and an object a bond would cost more than the epoch.
 */
export interface Bonds {
  readonly ids: readonly string[];
  readonly rows: readonly BondRow[];
}

/** A mechanism's bonds of one registration: its place among the ids, then pairs of place and value. */
export type BondRow = readonly [mechanismId: number, from: number, ...pairs: number[]];

export const NO_BONDS: Bonds = { ids: [], rows: [] };

/** The bonds that an epoch leaves, between registrations. */
export function bondsAfter(inputs: ScorableInputs, outputs: EpochOutputs): Bonds {
  const idOf = new Map(inputs.due.neurons.map(({ uid, registrationId }) => [uid, registrationId]));
  const ids: string[] = [];
  const places = new Map<number, number>();
  const placeOf = (uid: number): number | undefined => {
    const known = places.get(uid);
    const id = known === undefined ? idOf.get(uid) : undefined;
    if (id === undefined) return known;
    places.set(uid, ids.length);
    return ids.push(id) - 1;
  };
  const rows = outputs.mechanisms.flatMap(({ id, output }) =>
    output.bonds.flatMap((row, validator): BondRow[] => {
      const from = row.length === 0 ? undefined : placeOf(validator);
      if (from === undefined) return [];
      const own: [number, number, ...number[]] = [id, from];
      for (const [miner, value] of row) {
        const to = placeOf(miner);
        if (to !== undefined) own.push(to, value);
      }
      return own.length === 2 ? [] : [own];
    }),
  );
  return { ids, rows };
}

/** The bonds of a registration and mechanism on those who are there, by their uids. */
export type BondsOf = (registrationId: string, mechanismId: number) => Row<number>;

export function bondsByUid({ ids, rows }: Bonds, uids: ReadonlyMap<string, number>): BondsOf {
  const uidAt = ids.map((id) => uids.get(id));
  const rowsOf = Map.groupBy(rows, ([, from]) => ids[from]);
  return (registrationId, mechanismId) => {
    const bonds: (readonly [number, number])[] = [];
    for (const row of rowsOf.get(registrationId) ?? []) {
      if (row[0] !== mechanismId) continue;
      for (let at = 2; at < row.length; at += 2) {
        const [place, value] = [row[at], row[at + 1]];
        const uid = place === undefined ? undefined : uidAt[place];
        if (uid !== undefined && value !== undefined) bonds.push([uid, value]);
      }
    }
    return bonds.sort(([left], [right]) => left - right);
  };
}
