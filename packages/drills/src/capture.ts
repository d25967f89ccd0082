import { payPots } from '@subnetes/consensus/emission';
import type { EpochOutput } from '@subnetes/consensus/epoch-types';
import { ratioPpm } from '@subnetes/policy/ppm';
import type { Market } from './market.ts';

/** Both pots of an epoch, so large that flooring does not show. */
const POT = 10n ** 15n;

/** What attackers captured, in millionths. */
export interface CaptureFigures {
  readonly epochs: number;
  readonly stakeSharePpm: number;
  /** Part of the miners' pot that went to uids of attackers. */
  readonly minerEmissionPpm: number;
  /** Part of the validators' pot that went to attacking validators. */
  readonly validatorEmissionPpm: number;
  /** Attackers' dividends per stake over the honest validators'; 0 for attacks without validators. */
  readonly dividendRatioPpm: number;
  /** Part of the honest miners that earned anything, the mean over epochs. */
  readonly honestMinersPaidPpm: number;
}

/** Adds up what epochs pay. */
export class Capture {
  readonly #attackers: ReadonlySet<number>;
  readonly #stakes: readonly bigint[];
  readonly #honestMiners: readonly number[];
  #epochs = 0;
  #minerPot = 0n;
  #validatorPot = 0n;
  #toMiners = 0n;
  #toAttackers = 0n;
  #toHonest = 0n;
  #minersPaid = 0n;

  constructor(market: Market, stakes: readonly bigint[]) {
    this.#attackers = new Set([...market.attackingValidators, ...market.attackingMiners]);
    this.#stakes = stakes;
    this.#honestMiners = market.honestMiners;
  }

  add(output: EpochOutput): void {
    const { incentive, dividends } = payPots(output, { miners: POT, validators: POT });
    const paid = (amounts: readonly bigint[], toAttackers: boolean): bigint =>
      amounts.reduce((sum, amount, uid) => (this.#attackers.has(uid) === toAttackers ? sum + amount : sum), 0n);
    this.#epochs += 1;
    this.#toMiners += paid(incentive, true);
    this.#toAttackers += paid(dividends, true);
    this.#toHonest += paid(dividends, false);
    this.#minersPaid += BigInt(this.#honestMiners.filter((uid) => (incentive[uid] ?? 0n) > 0n).length);
    // A pot that nobody earned goes to the other side, and what it pays there is part of what there was to get.
    this.#minerPot += larger(POT, paid(incentive, true) + paid(incentive, false));
    this.#validatorPot += larger(POT, paid(dividends, true) + paid(dividends, false));
  }

  figures(): CaptureFigures {
    const stakeOf = (attacking: boolean): bigint =>
      this.#stakes.reduce((sum, stake, uid) => (this.#attackers.has(uid) === attacking ? sum + stake : sum), 0n);
    return {
      epochs: this.#epochs,
      stakeSharePpm: ratioPpm(stakeOf(true), stakeOf(true) + stakeOf(false)),
      minerEmissionPpm: ratioPpm(this.#toMiners, this.#minerPot),
      validatorEmissionPpm: ratioPpm(this.#toAttackers, this.#validatorPot),
      dividendRatioPpm: ratioPpm(this.#toAttackers * stakeOf(false), this.#toHonest * stakeOf(true)),
      honestMinersPaidPpm: ratioPpm(this.#minersPaid, BigInt(this.#epochs * this.#honestMiners.length)),
    };
  }
}

function larger(left: bigint, right: bigint): bigint {
  return left > right ? left : right;
}
