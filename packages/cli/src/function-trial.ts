import type { IncentiveInput } from '@subnetes/incentive/input-layout';
import type { IncentiveFunction } from '@subnetes/incentive/prepare-function';
import type { RunRefusal } from '@subnetes/incentive/refusal';
import { runIncentiveFunction } from '@subnetes/incentive/run-function';

/** What a function made of one made-up network, in the second of two epochs, with the state of the first. */
export interface Trial {
  readonly neurons: number;
  /** The larger of the two epochs. */
  readonly fuelUsed: number;
  readonly stateBytes: number;
  /** Share of the miner that gets most, millionths; before and with the function. */
  readonly topPpm: { readonly before: number; readonly after: number } | null;
  readonly refusal: RunRefusal | null;
}

const SIZES = [8, 64, 256, 1024, 4096] as const;
const VALIDATORS_MAX = 64;
const ONE = 1n << 32n;
const PPM = 1_000_000n;

/**
 * Networks of 8 to 4,096 uids: an eighth are validators (64 at most), every sixteenth uid is nobody's, miners earn less and
 * less by uid. The second epoch pays them the other way round.
 */
export function tryFunction(
  target: IncentiveFunction,
  options: { readonly fuel: number; readonly passWeights: boolean },
): Trial[] {
  return SIZES.map((neurons) => tryNetwork(target, neurons, options));
}

function tryNetwork(
  target: IncentiveFunction,
  neurons: number,
  { fuel, passWeights }: { readonly fuel: number; readonly passWeights: boolean },
): Trial {
  const first = network(neurons, { epoch: 1, state: new Uint8Array(0), passWeights });
  const before = runIncentiveFunction(target, first, { fuel });
  if ('refusal' in before) return refused(neurons, before.refusal, before.refusal.fuelUsed);
  const second = network(neurons, { epoch: 2, state: before.state, passWeights });
  const after = runIncentiveFunction(target, second, { fuel });
  const fuelUsed = Math.max(before.fuelUsed, 'refusal' in after ? after.refusal.fuelUsed : after.fuelUsed);
  if ('refusal' in after) return refused(neurons, after.refusal, fuelUsed);
  const topPpm = { before: topOf(second.incentive), after: topOf(after.incentive) };
  return { neurons, fuelUsed, stateBytes: after.state.length, topPpm, refusal: null };
}

function refused(neurons: number, refusal: RunRefusal, fuelUsed: number): Trial {
  return { neurons, fuelUsed, stateBytes: 0, topPpm: null, refusal };
}

function topOf(incentive: readonly bigint[]): number {
  const total = incentive.reduce((left, right) => left + right, 0n);
  const top = incentive.reduce((left, right) => (left > right ? left : right), 0n);
  return Number((top * PPM) / total);
}

function network(
  neurons: number,
  { epoch, state, passWeights }: { readonly epoch: number; readonly state: Uint8Array; readonly passWeights: boolean },
): IncentiveInput {
  const validators = Math.min(VALIDATORS_MAX, neurons / 8);
  const of = <Value>(value: (uid: number) => Value): Value[] => Array.from({ length: neurons }, (_, uid) => value(uid));
  const isVacant = of((uid) => uid % 16 === 15);
  const isMiner = of((uid) => uid >= validators && isVacant[uid] === false);
  const merit = of((uid) => (isMiner[uid] === true ? BigInt(epoch === 1 ? neurons - uid : uid) : 0n));
  const total = merit.reduce((left, right) => left + right, 0n);
  const incentive = merit.map((own) => (own * ONE) / total);
  const perValidator = (value: bigint): bigint[] => of((uid) => (uid < validators ? value : 0n));
  const weights = of((uid) =>
    uid < validators ? incentive.flatMap((share, miner) => (share > 0n ? [[miner, share] as const] : [])) : [],
  );
  return {
    epoch,
    block: epoch * 360,
    lastEpochBlock: epoch === 1 ? null : 360,
    tempo: 360,
    kappaU16: 32_767,
    ownerUid: null,
    incentive,
    consensus: incentive,
    rank: incentive,
    trust: of((uid) => (isMiner[uid] === true ? ONE : 0n)),
    validatorTrust: perValidator(ONE),
    stake: perValidator(ONE / BigInt(validators)),
    registeredAt: of(() => 1),
    isVacant,
    isActive: of((uid) => isVacant[uid] === false),
    hasPermit: of((uid) => uid < validators),
    ...(passWeights ? { weights } : {}),
    state,
  };
}
