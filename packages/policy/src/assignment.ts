import type { EpochOutput } from '@subnetes/consensus/epoch-types';
import { U16_MAX, ZERO } from '@subnetes/consensus/fixed';
import { HashStream } from './hash-stream.ts';
import type { Ranges } from './ranges.ts';
import { isSha256Hex, type Sha256 } from './sha256.ts';

/** Which validators judge which miners. */
export interface AssignmentRules {
  /** Judges of each miner at least; fewer only where there are fewer validators. */
  readonly judges: number;
  /** More than this share of stake (of 65535) judges every miner; kappa where that is more. */
  readonly coverageU16: number;
}

export const ASSIGNMENT_RANGES: Ranges<AssignmentRules> = {
  judges: { min: 1, max: 4096 },
  coverageU16: { min: 0, max: U16_MAX },
};

/** Who can judge and be judged in an interval, known when it begins. */
export interface Candidates {
  readonly validators: readonly { readonly registrationId: string; readonly stake: bigint }[];
  readonly miners: readonly string[];
}

/** The draw of one interval. A miner that is not in it (registered since) may be judged by everybody. */
export interface Assignment {
  /** 32 bytes, hex. */
  readonly seed: string;
  /** Judges of each miner by registration, in the order drawn. */
  readonly judges: Readonly<Record<string, readonly string[]>>;
}

/**
 * Draws the judges of every miner from a seed that nobody could know before (a block's hash, a beacon): the validators in
 * random order, the first `judges` of them and then as many more as it takes for more than the coverage of stake. Where all
 * of them do not cover that, all judge. No validator judges itself, and each judges at least one miner.
 *
 * The draw depends on the seed and on the candidates as a set, not on their order. A miner's judges are drawn from a stream
 * of its own, so who else is registered does not change them beyond the list of validators. Throws RangeError when the
 * seed is not 32 bytes in hex.
 *
 * What it protects: k judges with a share c of all stake take c*kappa of stake to raise a miner; a coalition below that
 * cannot raise any miner whatever the draw, one between c*kappa and kappa needs luck and cannot choose where it has it.
 */
export function drawAssignment(
  draw: { readonly seed: string; readonly kappaU16: number; readonly candidates: Candidates },
  rules: AssignmentRules,
  sha256: Sha256,
): Assignment {
  if (!isSha256Hex(draw.seed)) throw new RangeError('assignment: the seed has to be 32 bytes in hex');
  const validators = draw.candidates.validators.toSorted((left, right) =>
    compare(left.registrationId, right.registrationId),
  );
  const miners = draw.candidates.miners.toSorted(compare);
  const streamOf = (label: string): HashStream => new HashStream(`${draw.seed}\n${label}`, sha256);
  const total = validators.reduce((sum, { stake }) => sum + stake, 0n);
  const covered = total * BigInt(Math.max(draw.kappaU16, rules.coverageU16));
  const judges = new Map(
    miners.map((miner) => {
      const order = streamOf(`judges\n${miner}`).shuffle(
        validators.filter(({ registrationId }) => registrationId !== miner),
      );
      return [miner, firstJudges(order, { count: rules.judges, covered })] as const;
    }),
  );
  const busy = new Set([...judges.values()].flat());
  for (const { registrationId } of validators.filter((own) => !busy.has(own.registrationId))) {
    const others = miners.filter((miner) => miner !== registrationId);
    const miner = others.length === 0 ? undefined : others[streamOf(`miner\n${registrationId}`).below(others.length)];
    if (miner !== undefined) judges.set(miner, [...(judges.get(miner) ?? []), registrationId]);
  }
  return { seed: draw.seed, judges: Object.fromEntries(judges) };
}

/** The shortest beginning of the order that has enough judges and enough stake; `covered` is in stake times 65535. */
function firstJudges(
  order: readonly { readonly registrationId: string; readonly stake: bigint }[],
  { count, covered }: { readonly count: number; readonly covered: bigint },
): string[] {
  const chosen: string[] = [];
  let stake = 0n;
  for (const validator of order) {
    if (chosen.length >= count && stake * BigInt(U16_MAX) > covered) break;
    chosen.push(validator.registrationId);
    stake += validator.stake;
  }
  return chosen;
}

/**
 * The candidates of the interval that follows an epoch: validators with the next permit, and as miners everybody without
 * one, and those with one who earned as miners. `registrations` by uid, null for a vacant slot.
 */
export function candidatesAfter(
  output: Pick<EpochOutput, 'permits' | 'incentive'>,
  registrations: readonly (string | null)[],
  stakes: readonly bigint[],
): Candidates {
  const present = registrations.flatMap((registrationId, uid) =>
    registrationId === null ? [] : [{ registrationId, uid }],
  );
  return {
    validators: present
      .filter(({ uid }) => output.permits[uid] === true)
      .map(({ registrationId, uid }) => ({ registrationId, stake: stakes[uid] ?? 0n })),
    miners: present
      .filter(({ uid }) => output.permits[uid] !== true || (output.incentive[uid] ?? ZERO) > ZERO)
      .map(({ registrationId }) => registrationId),
  };
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
