import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { playEpochs } from '../test/policy-market.ts';
import { bondsOf, type NamedBond } from '../test/named-bonds.ts';
import { bondsAfter, bondsByUid } from './bonds.ts';

const id = fc.constantFrom('a', 'b', 'c', 'd');
const key = ({ mechanismId, from, to }: NamedBond): string => `${mechanismId}/${from}/${to}`;
const named = fc.uniqueArray(fc.record({ mechanismId: fc.nat(2), from: id, to: id, value: fc.nat(65_535) }), {
  selector: key,
});
/** The registration `a` left, and the others stand at other uids than their names would have it. */
const UIDS = new Map([
  ['d', 0],
  ['b', 3],
  ['c', 7],
]);

test('a registration has its bonds of a mechanism on those who are there, ascending by uid', () => {
  fc.assert(
    fc.property(named, id, fc.nat(2), (bonds, from, mechanismId) => {
      const expected = bonds
        .filter((bond) => bond.from === from && bond.mechanismId === mechanismId && UIDS.has(bond.to))
        .map(({ to, value }) => [UIDS.get(to), value])
        .toSorted(([left = 0], [right = 0]) => left - right);
      expect(bondsByUid(bondsOf(bonds), UIDS)(from, mechanismId)).toEqual(expected);
    }),
  );
});

describe('what an epoch leaves', () => {
  const epoch = playEpochs(2, { scores: () => [10, 20, 30, 40, 50, 60] }).at(-1); // nobody has a permit in the first
  if (epoch === undefined) throw new Error('no epoch was played');
  const bonds = bondsAfter(epoch.inputs, epoch.outputs);

  test('is each bond of its outputs, and each id once', () => {
    const uids = new Map(epoch.inputs.due.neurons.map(({ registrationId, uid }) => [registrationId, uid]));
    const of = bondsByUid(bonds, uids);
    const rows = epoch.outputs.mechanisms[0]?.output.bonds ?? [];
    expect(rows.flat().length).toBeGreaterThan(0);
    for (const { uid, registrationId } of epoch.inputs.due.neurons) expect(of(registrationId, 0)).toEqual(rows[uid]);
    expect(new Set(bonds.ids).size).toBe(bonds.ids.length);
  });

  test('binds nobody who is not there', () => {
    const [, ...present] = epoch.inputs.due.neurons;
    const { ids } = bondsAfter({ ...epoch.inputs, due: { ...epoch.inputs.due, neurons: present } }, epoch.outputs);
    expect(ids).not.toContain(epoch.inputs.due.neurons[0]?.registrationId);
    expect(ids.length).toBeGreaterThan(0);
  });
});
