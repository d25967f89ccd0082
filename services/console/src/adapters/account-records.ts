import {
  FormulaPart as WirePart,
  type MechanismAccount,
  type MinerAccount,
  type MinerLever,
  PotRule as WireRule,
  type ValidatorAccount,
} from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import type {
  AccountRecord,
  FormulaPart,
  MinerAccountRecord,
  MinerLeverRecord,
  PotRule,
  ValidatorAccountRecord,
} from '#domain/account.ts';
import { raoOfText } from './rao.ts';

const RULES = new Map<WireRule, PotRule>([
  [WireRule.MINERS_TAKE_BOTH, 'MinersTakeBoth'],
  [WireRule.VALIDATORS_TAKE_BOTH, 'ValidatorsTakeBoth'],
  [WireRule.BY_STAKE, 'ByStake'],
]);

const PARTS = new Map<WirePart, FormulaPart>([
  [WirePart.BONDS_PENALTY, 'BondsPenalty'],
  [WirePart.CLIPPING, 'Clipping'],
  [WirePart.MOVING_AVERAGE, 'MovingAverage'],
]);

/** Accounts as scoring tells them; one without a miner's part is of an older scoring and left out. */
export function accountRecords(accounts: readonly MechanismAccount[]): AccountRecord[] {
  return accounts.flatMap((account) => {
    if (account.miner === undefined) return [];
    return [
      {
        mechanismId: account.mechanismId,
        emissionWeight: account.emissionWeight,
        potRule: RULES.get(account.potRule) ?? 'Own',
        minerPotRao: raoOfText(account.minerPotRao),
        validatorPotRao: raoOfText(account.validatorPotRao),
        unattributedRao: raoOfText(account.unattributedRao),
        miner: minerRecord(account.miner),
        validator: account.validator === undefined ? undefined : validatorRecord(account.validator),
        policy: account.policy.map(({ step, incentiveQ32, dividendsQ32, incentiveRao, dividendRao }) => ({
          step,
          incentive: incentiveQ32,
          dividends: dividendsQ32,
          incentiveRao: raoOfText(incentiveRao),
          dividendRao: raoOfText(dividendRao),
        })),
      },
    ];
  });
}

function minerRecord(miner: MinerAccount): MinerAccountRecord {
  return {
    lines: miner.lines.map((line) => ({
      validatorUid: line.validatorUid,
      stakeShare: line.stakeShareQ32,
      gave: line.gaveQ32,
      counted: line.countedQ32,
      clipped: line.clippedQ32,
      contribution: line.contributionQ32,
      incentive: line.incentiveQ32,
      rao: raoOfText(line.emissionRao),
    })),
    consensus: miner.consensusQ32,
    clipped: miner.clippedQ32,
    rank: miner.rankQ32,
    rankSum: miner.rankSumQ32,
    incentive: miner.incentiveQ32,
    incentiveRest: miner.incentiveRestQ32,
    rao: raoOfText(miner.emissionRao),
    raoRest: raoOfText(miner.emissionRestRao),
    place: miner.place,
    rated: miner.rated,
    lever: miner.lever === undefined ? undefined : leverRecord(miner.lever),
  };
}

function leverRecord(lever: MinerLever): MinerLeverRecord {
  const { together } = lever;
  const cheapest = lever.hasCheapest
    ? lever.raises.find(({ validatorUid }) => validatorUid === lever.cheapestValidatorUid)
    : undefined;
  return {
    passUid: lever.passUid,
    cheapest:
      cheapest === undefined
        ? undefined
        : {
            validatorUid: cheapest.validatorUid,
            more: cheapest.moreQ32,
            fromU16: cheapest.fromU16,
            toU16: cheapest.toU16,
            othersU16: cheapest.othersU16,
          },
    incentive: lever.incentiveQ32,
    place: lever.place,
    together: {
      validatorUids: together?.validatorUids ?? [],
      stakeShare: together?.stakeShareQ32 ?? 0n,
      more: together?.passes === true ? together.moreQ32 : undefined,
      incentive: together?.incentiveQ32 ?? 0n,
      place: together?.place ?? 0,
    },
    clippedUids: lever.raises.filter(({ clipped }) => clipped).map(({ validatorUid }) => validatorUid),
  };
}

function validatorRecord(validator: ValidatorAccount): ValidatorAccountRecord {
  const { lever } = validator;
  return {
    lines: validator.lines.map((line) => ({
      minerUid: line.minerUid,
      gave: line.gaveQ32,
      counted: line.countedQ32,
      clipped: line.clippedQ32,
      bondShare: line.bondShareQ32,
      incentive: line.incentiveQ32,
      earned: line.earnedQ32,
      dividends: line.dividendsQ32,
      rao: raoOfText(line.emissionRao),
    })),
    stakeShare: validator.stakeShareQ32,
    earned: validator.earnedQ32,
    weighed: validator.weighedQ32,
    weighedSum: validator.weighedSumQ32,
    dividends: validator.dividendsQ32,
    dividendsRest: validator.dividendsRestQ32,
    rao: raoOfText(validator.emissionRao),
    byStakeRao: raoOfText(validator.byStakeRao),
    raoRest: raoOfText(validator.emissionRestRao),
    switchedOff: validator.switchedOff.flatMap(({ part, dividendsQ32, emissionRao, differenceRao }) => {
      const known = PARTS.get(part);
      if (known === undefined) return []; // of a newer version's making
      return [
        {
          part: known,
          dividends: dividendsQ32,
          rao: raoOfText(emissionRao),
          differenceRao: raoOfText(differenceRao),
        },
      ];
    }),
    lever:
      lever === undefined
        ? undefined
        : {
            baselineRao: raoOfText(lever.baselineRao),
            agreeingGainRao: raoOfText(lever.agreeingGainRao),
            moves: lever.moves.map((move) => ({
              minerUid: move.minerUid,
              gave: move.gaveQ32,
              consensus: move.consensusQ32,
              fromU16: move.fromU16,
              toU16: move.toU16,
              othersU16: move.othersU16,
              gainRao: raoOfText(move.gainRao),
            })),
          },
  };
}
