import type { PotRule } from '@subnetes/consensus/emission';
import type { MinerAccount } from '@subnetes/consensus/miner-account';
import type { CommonRaise, MinerLever } from '@subnetes/consensus/miner-lever';
import type { NeuronAccount, ValidatorPart } from '@subnetes/consensus/neuron-account';
import type { SwitchedOff, ValidatorLever } from '@subnetes/consensus/validator-lever';
import type { PolicyStep } from '@subnetes/policy/adjustments';
import type { PaidChange } from '@subnetes/policy/shaped-payout';
import type { RaiseOutcome, WeightRaise } from '@subnetes/consensus/weight-raise';
import {
  type CommonRaise as WireCommon,
  FormulaPart,
  type MechanismAccount as WireAccount,
  type MinerAccount as WireMiner,
  type MinerLever as WireMinerLever,
  type PolicyLine as WireLine,
  PotRule as WireRule,
  RaiseOutcome as WireOutcome,
  type ValidatorAccount as WireValidator,
  type ValidatorLever as WireValidatorLever,
} from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import { raoOf } from './number-text.ts';

/** A neuron's account of one mechanism. */
export interface MechanismAccount extends NeuronAccount {
  readonly id: number;
  readonly emissionWeight: number;
  /** What each countermeasure changed; empty where the policy has none. */
  readonly policy: readonly PaidChange[];
  /** Why its weights did not count; undefined where they did. */
  readonly abstention: { readonly reason: string; readonly figures: Readonly<Record<string, number>> } | undefined;
}

const RULES = new Map<WireRule, PotRule>([
  [WireRule.OWN, 'own'],
  [WireRule.MINERS_TAKE_BOTH, 'miners-take-both'],
  [WireRule.VALIDATORS_TAKE_BOTH, 'validators-take-both'],
  [WireRule.BY_STAKE, 'by-stake'],
]);

const OUTCOMES = new Map<WireOutcome, RaiseOutcome>([
  [WireOutcome.PASSES, 'passes'],
  [WireOutcome.NOT_PASS, 'not-pass'],
  [WireOutcome.NOT_CHEAPER, 'not-cheaper'],
  [WireOutcome.NOT_COUNTED, 'not-counted'],
]);

const PARTS = new Map<FormulaPart, SwitchedOff['part']>([
  [FormulaPart.BONDS_PENALTY, 'bonds-penalty'],
  [FormulaPart.CLIPPING, 'clipping'],
  [FormulaPart.MOVING_AVERAGE, 'moving-average'],
]);

/**
 * An account off the wire, in the terms in which this machine draws it up itself, so that the two can be compared.
 * Undefined for what a newer scoring may say and this version cannot read.
 */
export function readAccount(uid: number, wire: WireAccount): MechanismAccount | undefined {
  const { miner, validator } = wire;
  const potRule = RULES.get(wire.potRule);
  if (miner === undefined || potRule === undefined) return undefined;
  const pots = {
    potRule,
    minerPot: raoOf(wire.minerPotRao),
    validatorPot: raoOf(wire.validatorPotRao),
    unattributed: raoOf(wire.unattributedRao),
  };
  const account = readMiner(uid, miner, pots);
  return {
    id: wire.mechanismId,
    emissionWeight: wire.emissionWeight,
    miner: account,
    minerLever: miner.lever === undefined ? undefined : readMinerLever(miner.lever, account),
    nextWorse: miner.hasNextWorse ? { uid: miner.nextWorseUid, distance: miner.leadQ32 } : undefined,
    validatorPot: pots.validatorPot,
    validator: validator === undefined ? undefined : readValidator(validator, pots),
    policy: wire.policy.map(readLine),
    abstention:
      wire.abstention === undefined
        ? undefined
        : { reason: wire.abstention.reason, figures: readFigures(wire.abstention.figures) },
  };
}

/** A step of a newer scoring is shown by its name. */
function readLine(line: WireLine): PaidChange {
  return {
    step: line.step as PolicyStep,
    incentive: line.incentiveQ32,
    dividends: line.dividendsQ32,
    incentivePaid: raoOf(line.incentiveRao),
    dividendsPaid: raoOf(line.dividendRao),
  };
}

function readFigures(figures: { readonly [name: string]: bigint }): Record<string, number> {
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, Number(value)]));
}

interface Pots {
  readonly potRule: PotRule;
  readonly minerPot: bigint;
  readonly validatorPot: bigint;
  readonly unattributed: bigint;
}

function readMiner(minerUid: number, miner: WireMiner, pots: Pots): MinerAccount {
  return {
    lines: miner.lines.map((line) => ({
      validatorUid: line.validatorUid,
      minerUid,
      stakeShare: line.stakeShareQ32,
      gave: line.gaveQ32,
      counted: line.countedQ32,
      clipped: line.clippedQ32,
      offered: line.offeredQ32,
      contribution: line.contributionQ32,
      incentive: line.incentiveQ32,
      rao: raoOf(line.emissionRao),
    })),
    consensus: miner.consensusQ32,
    prerank: miner.prerankQ32,
    clipped: miner.clippedQ32,
    rank: miner.rankQ32,
    rankSum: miner.rankSumQ32,
    incentive: miner.incentiveQ32,
    incentiveRest: miner.incentiveRestQ32,
    pot: pots.minerPot,
    potRule: pots.potRule,
    rao: raoOf(miner.emissionRao),
    raoRest: raoOf(miner.emissionRestRao),
    unattributed: pots.unattributed,
    place: miner.place,
    rated: miner.rated,
  };
}

function readMinerLever(wire: WireMinerLever, { lines }: MinerAccount): MinerLever {
  const raises = wire.raises.map((raise): WeightRaise => {
    const line = lines.find(({ validatorUid }) => validatorUid === raise.validatorUid);
    return {
      validatorUid: raise.validatorUid,
      stakeShare: line?.stakeShare ?? 0n,
      gave: line?.gave ?? 0n,
      clipped: raise.clipped,
      outcome: OUTCOMES.get(raise.outcome) ?? 'not-counted',
      more: raise.moreQ32,
      fromU16: raise.fromU16,
      toU16: raise.toU16,
      othersU16: raise.othersU16,
    };
  });
  const cheapest = wire.hasCheapest
    ? raises.find(({ validatorUid }) => validatorUid === wire.cheapestValidatorUid)
    : undefined;
  return {
    passUid: wire.passUid,
    distance: wire.distanceQ32,
    raises,
    cheapest: cheapest === undefined ? undefined : { ...cheapest, incentive: wire.incentiveQ32, place: wire.place },
    together: readCommon(wire.together),
    complete: wire.complete,
    runs: wire.kernelRuns,
  };
}

function readCommon(wire: WireCommon | undefined): CommonRaise {
  return {
    validatorUids: wire?.validatorUids ?? [],
    stakeShare: wire?.stakeShareQ32 ?? 0n,
    more: wire?.passes === true ? wire.moreQ32 : undefined,
    incentive: wire?.incentiveQ32 ?? 0n,
    place: wire?.place ?? 0,
  };
}

function readValidator(wire: WireValidator, pots: Pots): ValidatorPart {
  return {
    account: {
      lines: wire.lines.map((line) => ({
        minerUid: line.minerUid,
        gave: line.gaveQ32,
        counted: line.countedQ32,
        clipped: line.clippedQ32,
        consensus: line.consensusQ32,
        bond: line.bondQ32,
        bondShare: line.bondShareQ32,
        incentive: line.incentiveQ32,
        earned: line.earnedQ32,
        dividends: line.dividendsQ32,
        rao: raoOf(line.emissionRao),
      })),
      stakeShare: wire.stakeShareQ32,
      validatorTrust: wire.validatorTrustQ32,
      earned: wire.earnedQ32,
      weighed: wire.weighedQ32,
      weighedSum: wire.weighedSumQ32,
      dividends: wire.dividendsQ32,
      dividendsRest: wire.dividendsRestQ32,
      pot: pots.validatorPot,
      potRule: pots.potRule,
      rao: raoOf(wire.emissionRao),
      byStake: raoOf(wire.byStakeRao),
      raoRest: raoOf(wire.emissionRestRao),
      unattributed: pots.unattributed,
    },
    switchedOff: wire.switchedOff.flatMap((line) => {
      const part = PARTS.get(line.part);
      if (part === undefined) return [];
      const { dividendsQ32: dividends, emissionRao, differenceRao } = line;
      return [{ part, dividends, rao: raoOf(emissionRao), difference: raoOf(differenceRao) }];
    }),
    lever: wire.lever === undefined ? undefined : readValidatorLever(wire.lever),
  };
}

function readValidatorLever(wire: WireValidatorLever): ValidatorLever {
  return {
    baseline: raoOf(wire.baselineRao),
    agreeing: {
      row: wire.agreeing.map(({ minerUid, weightU16 }) => [minerUid, weightU16] as const),
      gain: raoOf(wire.agreeingGainRao),
    },
    moves: wire.moves.map((move) => ({
      minerUid: move.minerUid,
      gave: move.gaveQ32,
      consensus: move.consensusQ32,
      to: move.toQ32,
      fromU16: move.fromU16,
      toU16: move.toU16,
      othersU16: move.othersU16,
      gain: raoOf(move.gainRao),
    })),
    differing: wire.differing,
    runs: wire.kernelRuns,
  };
}
