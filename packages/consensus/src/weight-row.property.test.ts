import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromInteger, ONE, sum, ZERO } from './fixed.ts';
import { normaliseRows } from './sparse.ts';
import { movableRow, POSITION_MAX, positionOfShare, rowAt, shareAt } from './weight-row.ts';

const weight = fc.oneof(fc.constantFrom(0, 1, 2, 32_768, 65_535), fc.integer({ min: 0, max: 65_535 }));
const rows = fc
  .uniqueArray(fc.tuple(fc.nat(9), weight), { selector: ([uid]) => uid, maxLength: 10 })
  .map((entries) => entries.toSorted(([left], [right]) => left - right));
const positions = fc.oneof(fc.integer({ min: 0, max: POSITION_MAX }), fc.constantFrom(0, 65_535, 65_536, POSITION_MAX));
const counts = (uid: number): boolean => uid !== 8;

test('a row at its own position is the row, and its share is what the epoch makes of it', () => {
  fc.assert(
    fc.property(rows, fc.nat(7), positions, (row, minerUid, position) => {
      const movable = movableRow(row, minerUid, counts);
      expect(rowAt(movable, movable.position)).toEqual(movable.row);
      const counted = rowAt(movable, position).filter(([uid]) => counts(uid));
      const [shares = []] = normaliseRows([counted.map(([uid, value]) => [uid, fromInteger(value)] as const)]);
      const own = shares.find(([uid]) => uid === minerUid)?.[1] ?? ZERO;
      expect(shareAt(movable, position)).toBe(own);
      expect(sum(shares.map(([, share]) => share)) <= ONE).toBe(true);
    }),
  );
});

test('the share never falls along the line, and a share is found at its first position', () => {
  fc.assert(
    fc.property(rows, fc.nat(7), positions, (row, minerUid, position) => {
      const movable = movableRow(row, minerUid, counts);
      const share = shareAt(movable, position);
      const first = positionOfShare(movable, share);
      const before = (place: number): bigint => (place === 0 ? -1n : shareAt(movable, place - 1));
      expect(before(position) <= share).toBe(true);
      expect(before(first) < share && share <= shareAt(movable, first)).toBe(true);
      expect(positionOfShare(movable, ONE + 1n)).toBe(POSITION_MAX);
    }),
    { numRuns: 1000 },
  );
});

test('there is nothing beyond the ends of the line', () => {
  const movable = movableRow([[1, 5]], 2, counts);
  for (const position of [-1, POSITION_MAX + 1, 0.5]) expect(() => rowAt(movable, position)).toThrow(RangeError);
});
