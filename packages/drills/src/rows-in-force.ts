import { type Fixed, HALF, ZERO } from '@subnetes/consensus/fixed';
import { columnMedians } from '@subnetes/consensus/median';
import { mapEntries, normalise, normaliseRows, type Row } from '@subnetes/consensus/sparse';
import { totalVariation } from '@subnetes/policy/distance';
import { rowToU16 } from '@subnetes/policy/row-scale';
import type { Attack } from './attacks.ts';
import type { Market } from './market.ts';

interface Committing {
  readonly market: Market;
  readonly attack: Attack;
  readonly stakes: readonly bigint[];
  readonly attackFrom: number;
  readonly revealPeriod: number;
}

/**
 * Which rows count at an epoch. With a reveal period of R, rows committed in interval k-R are revealed in interval k and
 * count at its end; so whoever copies in an interval reads rows that rest on what was seen R intervals ago, and its copy
 * counts beside rows that are R intervals newer. Without commit-reveal it reads what it competes with.
 */
export class RowsInForce {
  readonly #facts: Committing;
  readonly #consensus = new Map<number, readonly Fixed[]>();
  #before: readonly Row<number>[] = [];

  constructor(facts: Committing) {
    this.#facts = facts;
  }

  /** Rows by uid of the validator. Epochs have to be asked for in their order. */
  at(epoch: number): readonly Row<number>[] {
    const { market, attack, attackFrom, revealPeriod } = this.#facts;
    const interval = epoch - revealPeriod;
    const attackers = new Set(market.attackingValidators);
    const rows = this.#facts.stakes.map((_, uid) => {
      if (interval < 0) return [];
      if (!attackers.has(uid) || interval < attackFrom) return market.observed(uid, interval);
      const visible = rowToU16(asRow(this.#consensusOf(interval - revealPeriod)));
      const row = attack.row({ market, uid, interval, attackFrom, visible });
      return attack.choosesReveal ? this.#nearer(row, this.#before[uid] ?? [], interval) : row;
    });
    this.#before = rows;
    return rows;
  }

  #nearer(fresh: Row<number>, kept: Row<number>, interval: number): Row<number> {
    const revealed = this.#consensusOf(interval);
    return distanceTo(fresh, revealed) <= distanceTo(kept, revealed) ? fresh : kept;
  }

  /** Half of the honest stake's median of what was seen in an interval, normalised. */
  #consensusOf(interval: number): readonly Fixed[] {
    const known = this.#consensus.get(interval);
    if (known !== undefined) return known;
    const { market, stakes } = this.#facts;
    const attackers = new Set(market.attackingValidators);
    const matrix = stakes.map((_, uid) => (attackers.has(uid) ? [] : market.observed(uid, interval)));
    const honestStake = normalise(stakes.map((stake, uid) => (attackers.has(uid) ? ZERO : stake)));
    const columns = market.neurons;
    const consensus = normalise(columnMedians(sharesOf(matrix), honestStake, { columns, kappa: HALF }));
    this.#consensus.set(interval, consensus);
    return consensus;
  }
}

function sharesOf(matrix: readonly Row<number>[]): readonly Row[] {
  return normaliseRows(mapEntries(matrix, (value) => BigInt(value) << 32n));
}

function distanceTo(row: Row<number>, target: readonly Fixed[]): Fixed {
  return totalVariation(sharesOf([row])[0] ?? [], target);
}

function asRow(vector: readonly Fixed[]): Row {
  return vector.flatMap((share, uid) => (share > ZERO ? [[uid, share] as const] : []));
}
