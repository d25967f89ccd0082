import type { MessageInitShape } from '@bufbuild/protobuf';
import type { PotRule } from '@subnetes/consensus/emission';
import type { MinerAccount } from '@subnetes/consensus/miner-account';
import type { CommonRaise, MinerLever } from '@subnetes/consensus/miner-lever';
import type { NeuronAccount, ValidatorPart } from '@subnetes/consensus/neuron-account';
import type { SwitchedOff, ValidatorLever } from '@subnetes/consensus/validator-lever';
import type { RaiseOutcome } from '@subnetes/consensus/weight-raise';
import type { Abstention } from '@subnetes/policy/firewall-rules';
import {
  type AbstentionSchema,
  type CommonRaiseSchema,
  FormulaPart as WirePart,
  type MechanismAccountSchema,
  type MinerAccountSchema,
  type MinerLeverSchema,
  PotRule as WireRule,
  RaiseOutcome as WireOutcome,
  type ValidatorAccountSchema,
  type ValidatorLeverSchema,
} from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import type { MechanismAccount } from '#domain/mechanism-account.ts';

const RULES: { readonly [Rule in PotRule]: WireRule } = {
  own: WireRule.OWN,
  'miners-take-both': WireRule.MINERS_TAKE_BOTH,
  'validators-take-both': WireRule.VALIDATORS_TAKE_BOTH,
  'by-stake': WireRule.BY_STAKE,
};

const OUTCOMES: { readonly [Outcome in RaiseOutcome]: WireOutcome } = {
  passes: WireOutcome.PASSES,
  'not-pass': WireOutcome.NOT_PASS,
  'not-cheaper': WireOutcome.NOT_CHEAPER,
  'not-counted': WireOutcome.NOT_COUNTED,
};

const PARTS: { readonly [Part in SwitchedOff['part']]: WirePart } = {
  'bonds-penalty': WirePart.BONDS_PENALTY,
  clipping: WirePart.CLIPPING,
  'moving-average': WirePart.MOVING_AVERAGE,
};

/** An account as it goes over the wire: shares as counts of 2^-32, money as decimal rao. */
export function accountMessage(account: MechanismAccount): MessageInitShape<typeof MechanismAccountSchema> {
  const { miner, validator } = account;
  return {
    mechanismId: account.id,
    emissionWeight: account.emissionWeight,
    potRule: RULES[miner.potRule],
    minerPotRao: miner.pot.toString(),
    validatorPotRao: account.validatorPot.toString(),
    unattributedRao: miner.unattributed.toString(),
    miner: minerMessage(miner, account),
    ...(validator === undefined ? {} : { validator: validatorMessage(validator) }),
    policy: account.policy.map((line) => ({
      step: line.step,
      incentiveQ32: line.incentive,
      dividendsQ32: line.dividends,
      incentiveRao: line.incentivePaid.toString(),
      dividendRao: line.dividendsPaid.toString(),
    })),
    ...(account.abstention === undefined ? {} : { abstention: abstentionMessage(account.abstention) }),
  };
}

function abstentionMessage({ reason, figures }: Abstention): MessageInitShape<typeof AbstentionSchema> {
  const counts = Object.entries(figures).map(([name, value]) => [name, BigInt(value)] as const);
  return { reason, figures: Object.fromEntries(counts) };
}

function minerMessage(
  miner: MinerAccount,
  { minerLever, nextWorse }: Pick<NeuronAccount, 'minerLever' | 'nextWorse'>,
): MessageInitShape<typeof MinerAccountSchema> {
  return {
    lines: miner.lines.map((line) => ({
      validatorUid: line.validatorUid,
      stakeShareQ32: line.stakeShare,
      gaveQ32: line.gave,
      countedQ32: line.counted,
      clippedQ32: line.clipped,
      offeredQ32: line.offered,
      contributionQ32: line.contribution,
      incentiveQ32: line.incentive,
      emissionRao: line.rao.toString(),
    })),
    consensusQ32: miner.consensus,
    prerankQ32: miner.prerank,
    clippedQ32: miner.clipped,
    rankQ32: miner.rank,
    rankSumQ32: miner.rankSum,
    incentiveQ32: miner.incentive,
    incentiveRestQ32: miner.incentiveRest,
    emissionRao: miner.rao.toString(),
    emissionRestRao: miner.raoRest.toString(),
    place: miner.place,
    rated: miner.rated,
    ...(minerLever === undefined ? {} : { lever: minerLeverMessage(minerLever) }),
    hasNextWorse: nextWorse !== undefined,
    nextWorseUid: nextWorse?.uid ?? 0,
    leadQ32: nextWorse?.distance ?? 0n,
  };
}

function minerLeverMessage(lever: MinerLever): MessageInitShape<typeof MinerLeverSchema> {
  const { cheapest } = lever;
  return {
    passUid: lever.passUid,
    distanceQ32: lever.distance,
    raises: lever.raises.map((raise) => ({
      validatorUid: raise.validatorUid,
      outcome: OUTCOMES[raise.outcome],
      clipped: raise.clipped,
      moreQ32: raise.more,
      fromU16: raise.fromU16,
      toU16: raise.toU16,
      othersU16: raise.othersU16,
    })),
    hasCheapest: cheapest !== undefined,
    cheapestValidatorUid: cheapest?.validatorUid ?? 0,
    incentiveQ32: cheapest?.incentive ?? 0n,
    place: cheapest?.place ?? 0,
    together: togetherMessage(lever.together),
    complete: lever.complete,
    kernelRuns: lever.runs,
  };
}

function togetherMessage(together: CommonRaise): MessageInitShape<typeof CommonRaiseSchema> {
  return {
    validatorUids: [...together.validatorUids],
    stakeShareQ32: together.stakeShare,
    passes: together.more !== undefined,
    moreQ32: together.more ?? 0n,
    incentiveQ32: together.incentive,
    place: together.place,
  };
}

function validatorMessage({
  account,
  switchedOff,
  lever,
}: ValidatorPart): MessageInitShape<typeof ValidatorAccountSchema> {
  return {
    lines: account.lines.map((line) => ({
      minerUid: line.minerUid,
      gaveQ32: line.gave,
      countedQ32: line.counted,
      clippedQ32: line.clipped,
      consensusQ32: line.consensus,
      bondQ32: line.bond,
      bondShareQ32: line.bondShare,
      incentiveQ32: line.incentive,
      earnedQ32: line.earned,
      dividendsQ32: line.dividends,
      emissionRao: line.rao.toString(),
    })),
    stakeShareQ32: account.stakeShare,
    validatorTrustQ32: account.validatorTrust,
    earnedQ32: account.earned,
    weighedQ32: account.weighed,
    weighedSumQ32: account.weighedSum,
    dividendsQ32: account.dividends,
    dividendsRestQ32: account.dividendsRest,
    emissionRao: account.rao.toString(),
    byStakeRao: account.byStake.toString(),
    emissionRestRao: account.raoRest.toString(),
    switchedOff: switchedOff.map((line) => ({
      part: PARTS[line.part],
      dividendsQ32: line.dividends,
      emissionRao: line.rao.toString(),
      differenceRao: line.difference.toString(),
    })),
    ...(lever === undefined ? {} : { lever: validatorLeverMessage(lever) }),
  };
}

function validatorLeverMessage(lever: ValidatorLever): MessageInitShape<typeof ValidatorLeverSchema> {
  return {
    baselineRao: lever.baseline.toString(),
    agreeingGainRao: lever.agreeing.gain.toString(),
    moves: lever.moves.map((move) => ({
      minerUid: move.minerUid,
      gaveQ32: move.gave,
      consensusQ32: move.consensus,
      toQ32: move.to,
      fromU16: move.fromU16,
      toU16: move.toU16,
      othersU16: move.othersU16,
      gainRao: move.gain.toString(),
    })),
    differing: lever.differing,
    kernelRuns: lever.runs,
    agreeing: lever.agreeing.row.map(([minerUid, weightU16]) => ({ minerUid, weightU16 })),
  };
}
