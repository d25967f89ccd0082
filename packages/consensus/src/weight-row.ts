import { divide, type Fixed, fromInteger, ONE, U16_MAX, ZERO } from './fixed.ts';
import type { Row } from './sparse.ts';

/**
 * Every row that a validator could send if it changed its weight on one miner and kept the others in proportion, in one
 * line of positions: up to 65535 a position is that weight itself; beyond, where a u16 ends, the weight stays at 65535 and
 * the others are scaled down, to nothing at the last position. The miner's share of the row never falls along the line.
 */
export const POSITION_MAX = 2 * U16_MAX;

/** A row with one weight that may be moved. */
export interface MovableRow {
  /** u16, ascending by uid, with an entry for the miner. */
  readonly row: Row<number>;
  readonly minerUid: number;
  /** Which entry of the row is the miner's. */
  readonly entry: number;
  /** Where the row is now. */
  readonly position: number;
  /** The weights on others, as far as they count. */
  readonly others: readonly number[];
  readonly othersSum: number;
}

/** The row as it is, with an entry of zero for the miner where there was none. */
export function movableRow(row: Row<number>, minerUid: number, counts: (uid: number) => boolean): MovableRow {
  let [position, othersSum, below, isHeld] = [0, 0, 0, false];
  const others: number[] = [];
  for (const [uid, value] of row) {
    if (uid < minerUid) below += 1;
    if (uid === minerUid) {
      position = value;
      isHeld = true;
    } else if (counts(uid)) {
      others.push(value);
      othersSum += value;
    }
  }
  const whole = isHeld ? row : row.toSpliced(below, 0, [minerUid, 0]);
  return { row: whole, minerUid, entry: below, position, others, othersSum };
}

/** The row at a position. */
export function rowAt({ row, minerUid }: MovableRow, position: number): Row<number> {
  if (!Number.isInteger(position) || position < 0 || position > POSITION_MAX) {
    throw new RangeError(`position ${position} is not within 0 to ${POSITION_MAX}`);
  }
  return row.map(([uid, value]) => [uid, uid === minerUid ? ownAt(position) : otherAt(value, position)] as const);
}

/** The miner's own weight at a position. */
export function ownAt(position: number): number {
  return Math.min(position, U16_MAX);
}

/** What the other weights are multiplied by at a position, of 65535. */
export function scaleAt(position: number): number {
  return U16_MAX - Math.max(0, position - U16_MAX);
}

/** Another's weight at a position, floored. Whole numbers up to 2^32 are exact in a double, and so is their quotient. */
export function otherAt(value: number, position: number): number {
  return position <= U16_MAX ? value : Math.floor((value * scaleAt(position)) / U16_MAX);
}

/** The miner's share of the row at a position, as the epoch computes it. */
export function shareAt(movable: MovableRow, position: number): Fixed {
  const weight = ownAt(position);
  const total =
    position <= U16_MAX
      ? weight + movable.othersSum
      : movable.others.reduce((sum, value) => sum + otherAt(value, position), weight);
  return divide(fromInteger(weight), fromInteger(total));
}

/** The first position from which the share is at least `target`; the last one when it never is. */
export function positionOfShare(movable: MovableRow, target: Fixed): number {
  if (target <= ZERO) return 0;
  if (movable.othersSum === 0 && target <= ONE) return 1;
  if (target < ONE) {
    // w / (w + others) >= target, solved for the whole number w: exact, as the quotient is floored.
    const needed = (target * BigInt(movable.othersSum) + (ONE - target) - 1n) / (ONE - target);
    if (needed <= BigInt(U16_MAX)) return Number(needed);
  }
  return firstPosition(U16_MAX, POSITION_MAX, (position) => shareAt(movable, position) >= target);
}

/**
 * The first position in `low..high` at which `holds`, by halving; `high` is taken to hold. Exact where `holds` never goes
 * from true to false again along the line.
 */
export function firstPosition(low: number, high: number, holds: (position: number) => boolean): number {
  let [from, to] = [low, high];
  while (from < to) {
    const middle = Math.floor((from + to) / 2);
    if (holds(middle)) to = middle;
    else from = middle + 1;
  }
  return to;
}
