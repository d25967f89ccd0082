/** A scored epoch that waits for signatures. */
export interface UnwitnessedEpoch {
  readonly netuid: number;
  readonly index: number;
  /** Block at which this process was first told of its outputs. */
  readonly sinceBlock: number;
  /** Keys that count and have signed, as far as told. */
  readonly signed: number;
}

/**
 * Which epochs wait for witnesses: at most one a subnet, since none is sealed before the one before is paid. For people
 * alone, and kept in memory: after a start it is known again with the next signature.
 */
export class UnwitnessedEpochs {
  readonly #waiting = new Map<number, UnwitnessedEpoch>();

  /** Takes messages in any order, and repeated. */
  note(told: Pick<UnwitnessedEpoch, 'netuid' | 'index' | 'signed'>, block: number): void {
    const { netuid, index, signed } = told;
    const before = this.#waiting.get(netuid);
    if (before !== undefined && before.index > index) return;
    const isSame = before?.index === index;
    this.#waiting.set(netuid, {
      netuid,
      index,
      sinceBlock: isSame ? before.sinceBlock : block,
      signed: isSame ? Math.max(before.signed, signed) : signed,
    });
  }

  paid({ netuid, index }: Pick<UnwitnessedEpoch, 'netuid' | 'index'>): void {
    const waiting = this.#waiting.get(netuid);
    if (waiting !== undefined && waiting.index <= index) this.#waiting.delete(netuid);
  }

  /** Ascending by subnet. */
  list(): readonly UnwitnessedEpoch[] {
    return [...this.#waiting.values()].toSorted((left, right) => left.netuid - right.netuid);
  }
}
