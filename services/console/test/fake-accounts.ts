import { FormulaPart, PotRule, RaiseOutcome } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';

const share = (value: number): bigint => BigInt(Math.round(value * 2 ** 32));
const STAKES = [0.45, 0.35, 0.2];

/** Accounts of the sample's subnet, as scoring tells them: validators are uids 0 to 2, miners 3 to 6. */
export function accountOf(uid: number) {
  return {
    mechanismId: 0,
    emissionWeight: 1,
    potRule: PotRule.OWN,
    minerPotRao: '8200000000',
    validatorPotRao: '8200000000',
    unattributedRao: '7',
    miner: minerAccount(uid),
    ...(uid < 3 ? { validator: validatorAccount(uid) } : {}),
  };
}

function minerAccount(uid: number) {
  return {
    lines: STAKES.map((stake, validatorUid) => ({
      validatorUid,
      stakeShareQ32: share(stake),
      gaveQ32: share(validatorUid === 0 ? 0.3041 : 0.3012),
      countedQ32: share(0.3012),
      clippedQ32: validatorUid === 0 ? share(0.0029) : 0n,
      contributionQ32: share(stake * 0.3012),
      incentiveQ32: share(stake * 0.301),
      emissionRao: String(Math.floor(stake * 2_468_200_000)),
    })),
    consensusQ32: share(0.3012),
    clippedQ32: share(0.45 * 0.0029),
    rankQ32: share(0.3012),
    rankSumQ32: share(1) - 5n,
    incentiveQ32: share(0.301) + 2n,
    incentiveRestQ32: 2n,
    emissionRao: '2468200003',
    emissionRestRao: '3',
    place: Math.max(1, uid - 2),
    rated: 4,
    ...(uid > 3 ? { lever: leverOver(uid - 1) } : {}),
  };
}

function leverOver(passUid: number) {
  const raise = { outcome: RaiseOutcome.PASSES, clipped: false, othersU16: 65_535 };
  return {
    passUid,
    distanceQ32: share(0.111),
    raises: [
      { ...raise, validatorUid: 0, clipped: true, moreQ32: share(0.1234), fromU16: 31_022, toU16: 43_190 },
      { ...raise, validatorUid: 1, moreQ32: share(0.2), fromU16: 31_022, toU16: 65_535, othersU16: 60_000 },
      { ...raise, validatorUid: 2, outcome: RaiseOutcome.NOT_PASS, fromU16: 2000, toU16: 2000 },
    ],
    hasCheapest: true,
    cheapestValidatorUid: 0,
    incentiveQ32: share(0.36),
    place: passUid - 2,
    together: {
      validatorUids: [0, 1],
      stakeShareQ32: share(0.8),
      passes: true,
      moreQ32: share(0.056),
      incentiveQ32: share(0.357),
      place: passUid - 2,
    },
    complete: true,
  };
}

function validatorAccount(uid: number) {
  const isDissenter = uid === 2;
  return {
    lines: [0.412, 0.301, 0.188, 0.099].map((incentive, at) => ({
      minerUid: 3 + at,
      gaveQ32: share(isDissenter ? 0.25 : incentive),
      countedQ32: share(isDissenter ? incentive / 4 : incentive),
      clippedQ32: isDissenter ? share(0.25 - incentive / 4) : 0n,
      consensusQ32: share(incentive),
      bondShareQ32: share(isDissenter ? 0.06 : 0.47),
      incentiveQ32: share(incentive),
      earnedQ32: share((isDissenter ? 0.06 : 0.47) * incentive),
      dividendsQ32: share((isDissenter ? 0.151 : 0.45) * incentive),
      emissionRao: String(Math.floor((isDissenter ? 0.151 : 0.45) * incentive * 8.2e9)),
    })),
    stakeShareQ32: share(STAKES[uid] ?? 0),
    earnedQ32: share(isDissenter ? 0.06 : 0.47),
    weighedQ32: share((isDissenter ? 0.06 : 0.47) * (STAKES[uid] ?? 0)),
    weighedSumQ32: share(0.3935),
    dividendsQ32: share(isDissenter ? 0.151 : 0.45) + 3n,
    dividendsRestQ32: 3n,
    emissionRao: isDissenter ? '1238200004' : '3690000004',
    byStakeRao: '0',
    emissionRestRao: '4',
    switchedOff: [
      {
        part: FormulaPart.BONDS_PENALTY,
        dividendsQ32: share(0.15),
        emissionRao: '1237706339',
        differenceRao: '-493661',
      },
      { part: FormulaPart.CLIPPING, dividendsQ32: share(0.2), emissionRao: '1792832682', differenceRao: '554632682' },
      { part: FormulaPart.MOVING_AVERAGE, dividendsQ32: share(0.151), emissionRao: '1238200000', differenceRao: '0' },
    ],
    lever: {
      baselineRao: '1231000000',
      agreeingGainRao: isDissenter ? '573443974' : '-12',
      moves: [
        { minerUid: 6, gaveQ32: share(0.25), consensusQ32: share(0.099), fromU16: 60_535, toU16: 20_000, othersU16: 65_535, gainRao: isDissenter ? '444194285' : '0' },
        { minerUid: 3, gaveQ32: share(0.25), consensusQ32: share(0.412), fromU16: 2000, toU16: 65_535, othersU16: 40_400, gainRao: isDissenter ? '369209465' : '-7' },
      ], // prettier-ignore
      differing: 4,
    },
  };
}
